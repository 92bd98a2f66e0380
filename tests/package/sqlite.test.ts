/** What an installed command says where SQLite is missing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Project } from './tarball.ts';

const builtin = process.getBuiltinModule?.('node:sqlite') !== undefined;
test('without SQLite the first error is the exact install line', { skip: builtin && 'this Node has SQLite' }, () => {
  const bare = new Project({ peer: false });
  try {
    const submit = ['background', 'submit', '--recipe', 'my-recipe'];
    const { code, stdout, stderr } = bare.run('offstage', submit);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /npm install @photostructure\/sqlite@1/);
    const json = bare.run('offstage', [...submit, '--json']);
    assert.equal(json.code, 1);
    const { ok, code: reason, error } = JSON.parse(json.stdout);
    assert.deepEqual([ok, reason], [false, 'store']);
    assert.match(error, /npm install @photostructure\/sqlite@1/);
  } finally {
    bare.remove();
  }
});

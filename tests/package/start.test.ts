/** What an installed command costs, and what it says where SQLite is missing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Project } from './tarball.ts';

let project: Project;
before(() => {
  project = new Project();
});
after(() => project?.remove());

const ROUNDS = 20;

test('`background status --json` takes at most 1.8 times what an empty Node program takes', (t) => {
  const submitted = project.run('offstage', ['background', 'submit', '--recipe', 'my-recipe', '--wait', '--json']);
  const id = JSON.parse(submitted.stdout).task_id as string;
  const bin = join(project.folder, 'node_modules', 'offstage', 'cli', 'bin.js');
  const timed = (args: string[]) => {
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: project.folder,
      env: project.env,
      encoding: 'utf8',
    });
    const took = performance.now() - started;
    assert.equal(status, 0, stderr);
    return took;
  };
  let [empty, command] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round += 1) {
    empty = Math.min(empty, timed(['-e', '0']));
    command = Math.min(command, timed([bin, 'background', 'status', id, '--json']));
  }
  const ratio = command / empty;
  t.diagnostic(`${command.toFixed(1)} ms against ${empty.toFixed(1)} ms: ${ratio.toFixed(2)}`);
  assert.ok(ratio <= 1.8, `${command.toFixed(1)} ms against ${empty.toFixed(1)} ms: ${ratio.toFixed(2)}`);
});

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

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { locateStore } from '#offstage/store/index.js';
import { tempFolder } from './helpers.js';

test('a named store is a file, unless it is a folder or is called like one', (t) => {
  const cwd = tempFolder(t);
  const found = (named: string): string => locateStore(named, undefined, { cwd, env: {} }).slice(cwd.length + 1);
  mkdirSync(join(cwd, 'there'));
  writeFileSync(join(cwd, 'file'), '');
  assert.deepEqual(['a.db', 'there', 'file', 'new/', 'x/.offstage', 'x/.offstage/other.db'].map(found), [
    'a.db',
    'there/tasks.db',
    'file',
    'new/tasks.db',
    'x/.offstage/tasks.db',
    'x/.offstage/other.db',
  ]);
});

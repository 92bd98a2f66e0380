/** Kinds of recipes are looked for by their key, then by their files; nobody but the list knows all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KIND_NAMES, kindOf, loadOtherRunnings, PROGRAM_FILES, readingOf, runningOf } from '#offstage/program/kinds.js';
import { readSources } from '../floors.ts';
import { ROOT } from '../root.ts';

test('every kind has a key and files of its own, and is read and run by what it names', async () => {
  const keys = KIND_NAMES.map((name) => kindOf(name).key);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(new Set(PROGRAM_FILES).size, PROGRAM_FILES.length);
  await loadOtherRunnings();
  for (const kind of KIND_NAMES) {
    assert.equal(typeof (await readingOf(kind)).read, 'function');
    assert.equal(typeof (await runningOf({ kind })).runProgram, 'function');
  }
  assert.throws(() => kindOf('toString'), /no recipe is of the kind 'toString'; known are command, module/);
});

test('no other file asks of which kind a recipe is', () => {
  const asks = (text: string) => /kind === '(module|command)'|kind !== '(module|command)'/.test(text);
  const files = [...readSources(`${ROOT}/js`, '.ts')].filter(
    ([file, text]) => !file.startsWith('program/') && asks(text),
  );
  assert.deepEqual(
    files.map(([file]) => file),
    [],
  );
  assert.ok(asks("recipe.kind === 'module'"));
});

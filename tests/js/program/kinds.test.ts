/** Kinds of recipes are looked for by their key, then by their files; nobody but the list knows all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FolderFacts } from '#offstage/ports/recipe-folder.js';
import {
  KIND_NAMES,
  kindOf,
  loadOtherRunnings,
  PROGRAM_FILES,
  type RecipeFolder,
  readingOf,
  runningOf,
  valueIn,
} from '#offstage/program/kinds.js';
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

test('what a folder is told as has what is run under the key of its kind, of a type of its own', async () => {
  for (const kind of KIND_NAMES) {
    const folder = (await readingOf(kind)).folder({ name: 'x' } as FolderFacts, 'what is run');
    assert.equal(folder.kind, kind);
    assert.equal(valueIn(folder), 'what is run');
  }
  const runs = (recipe: RecipeFolder): string => {
    if (recipe.kind === 'command') return recipe.command.join(' ');
    return recipe.kind === 'module' ? recipe.entry : recipe.agents;
  };
  assert.equal(typeof runs, 'function');
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

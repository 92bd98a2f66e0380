/** What a recipe says of its versions: read, checked, and used by a run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRecipe } from '#offstage/program/module/run-recipe.js';
import { defineRecipe, findRecipe } from '#offstage/recipe/index.js';
import { addRecipe, fakeContext, place, rejection } from './helpers.js';

const define = (more: object) => defineRecipe({ name: 'r', run: () => 1, ...more } as never);

test('a recipe in code is of version "1" unless it says another one; bad values are named', () => {
  assert.deepEqual([define({}).version, define({ version: '2.0' }).version], ['1', '2.0']);
  for (const [more, message] of [
    [{ version: 2 }, /version: got 2, expected a text/],
    [{ version: '' }, /version: got "", expected a text of 1 to 200 characters/],
    [{ version: 'v'.repeat(201) }, /version: got /],
    [{ onCodeChange: 'stop' }, /onCodeChange: got "stop", expected 'run', 'hold' or 'fail'/],
    [{ versions: [] }, /versions: got/],
    [{ versions: null }, /versions: got null/],
    [{ versions: { 0: 1 } }, /versions\.0: got 1, expected a function/],
    [{ versions: { 1: () => 1 } }, /versions: got "1", expected other versions than its own/],
  ] as const) {
    assert.throws(() => define(more), { code: 'invalid_argument', message });
  }
});

test('a run of an older version gets the input as it was submitted, and its result is not checked by the schema of today', async () => {
  const never = { '~standard': { version: 1, vendor: 't', validate: () => ({ issues: [{ message: 'no' }] }) } };
  const recipe = define({ version: '2', input: never, output: never, versions: { 1: (input: unknown) => [input] } });
  const { context } = fakeContext();
  assert.deepEqual(await runRecipe(recipe, { a: 1 }, { ...context, version: '1' }), [{ a: 1 }]);
  await assert.rejects(runRecipe(recipe, { a: 1 }, { ...context, version: '2' }), { code: 'recipe_invalid' });
});

test('a template without a version, and an empty one, are of version "1"; runtime.on_code_change is read', async (t) => {
  const { project, search } = place(t);
  const root = `${project}/recipes`;
  addRecipe(root, 'none', 'description: x');
  addRecipe(root, 'empty', '');
  addRecipe(root, 'said', 'version: "2"\nruntime: { on_code_change: hold }');
  addRecipe(root, 'number', 'version: 2');
  addRecipe(root, 'bad', 'runtime: { on_code_change: stop }');
  const versions = await Promise.all(
    ['none', 'empty', 'said'].map(async (name) => (await findRecipe(name, search)).version),
  );
  assert.deepEqual(versions, ['1', '1', '2']);
  assert.equal((await findRecipe('said', search)).runtime.onCodeChange, 'hold');
  assert.match((await rejection(findRecipe('number', search))).message, /version: got 2, expected a text: write "2"/);
  assert.match(
    (await rejection(findRecipe('bad', search))).message,
    /on_code_change: got "stop", expected 'run', 'hold' or 'fail'/,
  );
});

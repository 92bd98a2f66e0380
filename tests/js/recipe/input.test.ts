import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareConfig, prepareInput } from '#offstage/recipe/index.js';
import { folderWith, rejection } from './helpers.js';

test('what is no object arrives under input, falsy values too', async (t) => {
  const recipe = await folderWith(t, '');
  for (const value of ['text', '', 0, false, null, [], [1], true, 7]) {
    assert.deepEqual(await prepareInput(recipe, value), { input: value });
  }
  const date = new Date(0);
  assert.deepEqual(await prepareInput(recipe, date), { input: date });
  assert.deepEqual(await prepareInput(recipe, undefined), {});
  assert.deepEqual(await prepareInput(recipe, { a: 0 }), { a: 0 });
});

test('defaults stand in for keys that are not given, and for no others', async (t) => {
  const recipe = await folderWith(t, 'defaults: { a: 1, b: { c: 2 } }');
  assert.deepEqual(await prepareInput(recipe, undefined), { a: 1, b: { c: 2 } });
  assert.deepEqual(await prepareInput(recipe, { a: null, b: {} }), { a: null, b: {} });
  assert.deepEqual(await prepareInput(recipe, { a: undefined, d: 0 }), { a: 1, b: { c: 2 }, d: 0 });
  assert.deepEqual(await prepareInput(recipe, ''), { a: 1, b: { c: 2 }, input: '' });
});

const SCHEMA = `
input:
  type: object
  required: [path]
  additionalProperties: false
  properties:
    path: { type: string, minLength: 1 }
    top: { type: integer, minimum: 0 }
    files: { type: array, items: { type: object, required: [name], properties: { name: { type: string } } } }
`;

test('the schema names the path of everything that does not fit', async (t) => {
  const recipe = await folderWith(t, SCHEMA);
  const errorsOf = async (input: unknown) => {
    const error = await rejection(prepareInput(recipe, input));
    assert.equal(error.name, 'RecipeValidationError');
    assert.equal(error.code, 'recipe_invalid');
    assert.equal(error.retryable, false);
    return error.errors;
  };
  assert.deepEqual(await errorsOf({}), [{ path: 'input.path', message: 'is required' }]);
  assert.deepEqual(await errorsOf(undefined), [{ path: 'input.path', message: 'is required' }]);
  assert.deepEqual(await errorsOf({ path: 5, top: 1.5, files: [{ name: 'a' }, { name: 2 }, {}], more: 1 }), [
    { path: 'input.path', message: 'got number, expected string' },
    { path: 'input.top', message: 'got number, expected integer' },
    { path: 'input.files[1].name', message: 'got number, expected string' },
    { path: 'input.files[2].name', message: 'is required' },
    { path: 'input.more', message: 'is not allowed' },
  ]);
  assert.match((await errorsOf({ path: 'x', top: -1 }))?.[0]?.message ?? '', /-1 is less than 0/);
  const error = await rejection(prepareInput(recipe, {}));
  assert.equal(error.message, "Input of recipe 'sample' is not valid: input.path: is required");
  assert.deepEqual(await prepareInput(recipe, { path: 'x', top: 0, files: [] }), { path: 'x', top: 0, files: [] });
});

test('a wrapped value and defaults are checked as well', async (t) => {
  const recipe = await folderWith(
    t,
    'defaults: { n: 1 }\ninput: { properties: { input: { type: string }, n: { type: number } }, required: [n] }',
  );
  assert.deepEqual(await prepareInput(recipe, 'x'), { n: 1, input: 'x' });
  assert.equal((await rejection(prepareInput(recipe, 4))).errors?.[0]?.path, 'input.input');
});

test('odd keys come back as they are', async (t) => {
  const recipe = await folderWith(t, 'input: { additionalProperties: { type: string } }');
  const key = 'a/b~c %25#é';
  assert.equal((await rejection(prepareInput(recipe, { [key]: 1 }))).errors?.[0]?.path, `input.${key}`);
});

test('thousands of wrong items are told in a few', async (t) => {
  const recipe = await folderWith(t, 'input: { properties: { input: { items: { type: string } } } }');
  const error = await rejection(prepareInput(recipe, Array(5000).fill(1)));
  assert.equal(error.errors?.length, 20);
});

test('a schema that cannot be used is the fault of the recipe', async (t) => {
  for (const schema of ['{ properties: { a: { $ref: "#/nowhere" } } }', '{ properties: { a: { pattern: "(" } } }']) {
    const recipe = await folderWith(t, `input: ${schema}`);
    const error = await rejection(prepareInput(recipe, { a: 'x' }));
    assert.equal(error.code, 'recipe_invalid');
    assert.match(error.message, /^Recipe 'sample' is not valid: TEMPLATE\.yaml: input: /);
  }
});

test('what JSON cannot carry is told before the schema sees it', async (t) => {
  const recipe = await folderWith(t, 'input: { type: object }');
  assert.equal((await rejection(prepareInput(recipe, { a: 1n }))).code, 'unserializable');
});

test('config is an object over the one of the recipe', async (t) => {
  const recipe = await folderWith(t, 'config: { model: small, deep: { a: 1 } }');
  assert.deepEqual(prepareConfig(recipe, undefined), { model: 'small', deep: { a: 1 } });
  assert.deepEqual(prepareConfig(recipe, { deep: {}, x: 0 }), { model: 'small', deep: {}, x: 0 });
  assert.deepEqual(recipe.config, { model: 'small', deep: { a: 1 } });
  for (const bad of [null, [], 'x', 5, new Date()]) {
    assert.throws(() => prepareConfig(recipe, bad), {
      code: 'invalid_argument',
      message: /^config: got .*, expected an object$/,
    });
  }
});

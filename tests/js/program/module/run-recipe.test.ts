import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadRecipe, runRecipe } from '#offstage/program/module/run-recipe.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import { fakeContext, rejection, tempFolder, write } from '../../recipe/helpers.js';
import { number, schema } from '../../recipe/schemas.js';

const define = new URL(import.meta.resolve('#offstage/recipe/index.js')).href;

function load(t: TestContext, source: string, file = 'recipe.mjs') {
  const folder = tempFolder(t);
  write(folder, { [file]: source });
  return loadRecipe(join(folder, file));
}

test('a function, sync or async, gets the input and the context', async (t) => {
  const { context } = fakeContext();
  const sync = await load(t, 'export default (input, ctx) => [input, ctx.taskId];');
  assert.deepEqual(await runRecipe(sync, { a: 1 }, context), [{ a: 1 }, context.taskId]);
  const later = await load(t, 'export default async function name(input) { return input; }');
  for (const value of [0, '', false, null, []]) assert.equal(await runRecipe(later, value, context), value);
  const common = await load(t, 'module.exports = (input) => input + 1;', 'recipe.cjs');
  assert.equal(await runRecipe(common, 1, context), 2);
});

test('what defineRecipe returns runs as well', async (t) => {
  const recipe = await load(
    t,
    `import { defineRecipe } from '${define}';
    export default defineRecipe({ name: 'own', run: (input) => input * 2 });`,
  );
  assert.equal(recipe.name, 'own');
  assert.equal(await runRecipe(recipe, 4, fakeContext().context), 8);
});

test('another default export is invalid and says what it is', async (t) => {
  const cases: Record<string, RegExp> = {
    'export const x = 1;': /recipe\.mjs: default export is missing, expected a function or defineRecipe/,
    'export default 5;': /default export is a number/,
    'export default null;': /default export is null/,
    'export default { go() {} };': /default export is an object without a run function/,
    'export default function (': /recipe\.mjs: does not parse: /,
  };
  for (const [source, message] of Object.entries(cases)) {
    const error = await rejection(load(t, source));
    assert.equal(error.code, 'recipe_invalid', source);
    assert.equal(error.retryable, false);
    assert.match(error.message, message);
  }
});

test('what a module throws while it loads is passed on', async (t) => {
  const error = await rejection(load(t, 'throw new RangeError("no luck")'));
  assert.deepEqual([error.name, error.message], ['RangeError', 'no luck']);
  const missing = await rejection(load(t, 'import "no-such-package-here"'));
  assert.equal(missing.code, 'ERR_MODULE_NOT_FOUND');
});

test('a path with odd characters loads', async (t) => {
  const folder = tempFolder(t);
  write(folder, { 'a #%? b/recipe.mjs': 'export default () => 1;' });
  const path = join(folder, 'a #%? b', 'recipe.mjs');
  assert.notEqual(pathToFileURL(path).href, `file://${path}`);
  assert.equal(await runRecipe(await loadRecipe(path), {}, fakeContext().context), 1);
});

test('the input goes through its schema, into both the argument and the context', async () => {
  const { context, abort } = fakeContext();
  const recipe = defineRecipe({
    name: 'typed',
    input: schema((value: unknown) => ({ value: Number((value as { n: string }).n) })),
    run: (n, ctx) => [n, ctx.input, ctx.signal === abort.signal, ctx.taskId === context.taskId],
  });
  assert.deepEqual(await runRecipe(recipe, { n: '5' }, context), [5, 5, true, true]);
});

test('what a schema refuses is told with its path, and input is not worth a retry', async () => {
  const issues = [{ message: 'bad', path: ['rows', 0, { key: 'id' }] }, { message: 'worse' }];
  const refusing = schema<unknown, unknown>(async () => ({ issues }));
  const ran: string[] = [];
  const input = defineRecipe({ name: 'in', input: refusing, run: () => void ran.push('in') });
  const error = await rejection(runRecipe(input, {}, fakeContext().context));
  assert.equal(error.message, "Input of recipe 'in' is not valid: input.rows[0].id: bad; input: worse");
  assert.equal(error.retryable, false);
  assert.deepEqual(ran, []);
  const output = defineRecipe({ name: 'out', output: refusing, run: () => 1 });
  const late = await rejection(runRecipe(output, {}, fakeContext().context));
  assert.equal(late.message, "Output of recipe 'out' is not valid: output.rows[0].id: bad; output: worse");
  assert.deepEqual([late.code, late.retryable], ['recipe_invalid', true]);
});

test('the result is what the output schema returns', async () => {
  const recipe = defineRecipe({
    name: 'out',
    output: schema((value: string) => ({ value: value.length })),
    run: async () => 'four',
  });
  assert.equal(await runRecipe(recipe, {}, fakeContext().context), 4);
});

test('of an async iterable each item is an output; the result is what it returned, else the items', async (t) => {
  const items = await load(t, 'export default async function* (input) { yield input.n; yield { b: 2 }; }');
  const fake = fakeContext();
  assert.deepEqual(await runRecipe(items, { n: 1 }, fake.context), [1, { b: 2 }]);
  assert.deepEqual(fake.output, [1, { b: 2 }]);
  const returned = await load(t, 'export default async function* () { yield 1; return 0; }', 'other.mjs');
  assert.equal(await runRecipe(returned, {}, fakeContext().context), 0);
  const checked = defineRecipe({
    name: 'out',
    output: schema((value: string[]) => ({ value: value.join('') })),
    run: async function* () {
      yield 'a';
      yield 'b';
    } as unknown as () => string[],
  });
  assert.equal(await runRecipe(checked, {}, fakeContext().context), 'ab');
});

test('an async iterable is let go when the run is told to end', async () => {
  const fake = fakeContext();
  let ended = false;
  const recipe = defineRecipe({
    name: 'endless',
    async *run() {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        ended = true;
      }
    },
  });
  const output = (): void => fake.abort.abort(new Error('enough'));
  const error = await rejection(runRecipe(recipe, {}, { ...fake.context, output }));
  assert.deepEqual([error.message, ended], ['enough', true]);
});

test('defineRecipe refuses bad parts by name', () => {
  const run = () => 1;
  const bad: [object, RegExp][] = [
    [{ name: 'Bad Name', run }, /^recipe: got "Bad Name", expected a recipe's name/],
    [{ name: 'a..b', run }, /^recipe: got "a\.\.b"/],
    [{ run }, /^recipe: got undefined/],
    [{ name: 'ok' }, /^run: got undefined, expected a function/],
    [{ name: 'ok', run, input: { type: 'object' } }, /^input: got an object, expected a Standard Schema/],
    [{ name: 'ok', run, output: null }, /^output: got null, expected a Standard Schema/],
  ];
  for (const [definition, message] of bad) {
    assert.throws(() => defineRecipe(definition as { name: string; run: typeof run }), {
      code: 'invalid_argument',
      message,
    });
  }
});

test('a defined recipe keeps its parts, its this, and cannot be changed', () => {
  const recipe = defineRecipe({
    name: 'kept',
    description: 'about',
    input: number,
    run() {
      return (this as unknown as { name: string }).name;
    },
  });
  assert.deepEqual([recipe.name, recipe.description, recipe.input], ['kept', 'about', number]);
  assert.equal('output' in recipe, false);
  const { run } = recipe;
  assert.equal(run(1, fakeContext().context), 'kept');
  assert.ok(Object.isFrozen(recipe));
});

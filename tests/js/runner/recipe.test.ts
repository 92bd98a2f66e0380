/** Recipes of `defineRecipe` as tasks of a runner. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import { BackgroundRunner, defineRecipe, RecipeError, RecipeValidationError, TaskFailedError } from '#offstage';

const wordCount = defineRecipe({
  name: 'word-count',
  input: z.object({ text: z.string().trim(), least: z.number().default(1) }),
  output: v.object({ words: v.pipe(v.number(), v.minValue(1)) }),
  run: ({ text, least }, ctx) => {
    ctx.log(`${ctx.name} of ${JSON.stringify(ctx.input)}`);
    return { words: text.split(/\s+/).filter((word) => word.length >= least).length };
  },
});

test('input and result go through the schemas; the task names the recipe', async () => {
  await using runner = new BackgroundRunner();
  const task = runner.submit(wordCount, { input: { text: '  one two three ' } });
  assert.deepEqual([task.name, task.recipeName], ['word-count', 'word-count']);
  assert.deepEqual(await task.wait(), { words: 3 });
  const { recipe, name, input } = await task.snapshot();
  assert.deepEqual([recipe, name, input], ['word-count', 'word-count', { text: '  one two three ' }]);
  const events = [];
  for await (const { kind, data } of task.events()) if (kind === 'log') events.push(data);
  assert.deepEqual(
    events,
    [{ line: 'word-count of {"text":"one two three","least":1}' }],
    'ctx.input is the checked one',
  );
  const named = runner.submit(wordCount, { input: { text: 'a' }, name: 'mine' });
  assert.deepEqual([named.name, named.recipeName], ['mine', 'word-count']);
  assert.equal(runner.submit(() => 1).recipeName, '');
});

test('input that does not fit fails the task, and no retry is spent on it', async () => {
  await using runner = new BackgroundRunner();
  const task = runner.submit(wordCount, { input: { text: 7 } as never, retries: 3 });
  const error = await task.wait().catch((thrown: unknown) => thrown);
  assert.ok(error instanceof RecipeError && error instanceof TaskFailedError);
  assert.ok(error.cause instanceof RecipeValidationError);
  assert.match(error.message, /^Input of recipe 'word-count' is not valid: input\.text: /);
  assert.equal((await task.snapshot()).attempt, 1);
});

test('a result that does not fit fails the task', async () => {
  await using runner = new BackgroundRunner();
  const error = await runner
    .submit(wordCount, { input: { text: '' } })
    .wait()
    .catch((thrown: unknown) => thrown);
  assert.ok(error instanceof RecipeError);
  assert.match(error.message, /^Output of recipe 'word-count' is not valid: output\.words: /);
});

test('a failed recipe is a RecipeError with the very object that was thrown, also in a child and within yieldMs', async () => {
  await using runner = new BackgroundRunner();
  const thrown = new Error('no words');
  const broken = defineRecipe({ name: 'broken', run: () => Promise.reject(thrown) });
  const failure = async (promise: Promise<unknown>) => {
    const error = await promise.catch((caught: unknown) => caught);
    assert.ok(error instanceof RecipeError);
    assert.deepEqual([error.code, error.message, error.cause], ['failed', 'no words', thrown]);
  };
  await failure(runner.submit(broken).wait());
  await failure(runner.runOrBackground(broken));
  await runner.submit((ctx) => failure(ctx.submit(broken, { key: 'child' }).wait())).wait();
});

test('a method that is a generator, and ctx without a schema, are as in a function', async () => {
  await using runner = new BackgroundRunner();
  const plain = defineRecipe({ name: 'plain', run: (input: number, ctx) => [input, ctx.input, ctx.attempt] });
  assert.deepEqual(await runner.submit(plain, { input: 5 }).wait(), [5, 5, 1]);
});

test('an idempotency key belongs to its recipe', async () => {
  await using runner = new BackgroundRunner();
  const make = (name: string) => defineRecipe({ name, run: (input: number) => `${name} ${input}` });
  const [one, other] = [make('one'), make('other')];
  const key = { idempotencyKey: 'k', input: 1 };
  const [first, again, apart] = [runner.submit(one, key), runner.submit(one, key), runner.submit(other, key)];
  assert.equal(first.id, again.id);
  assert.notEqual(first.id, apart.id);
  assert.deepEqual(await Promise.all([again.wait(), apart.wait()]), ['one 1', 'other 1']);
  assert.throws(() => runner.submit(one, { ...key, input: 2 }), { code: 'conflict' });
});

test('what is neither a function nor a recipe is refused', () => {
  const runner = new BackgroundRunner();
  const refused = (work: unknown, options?: unknown) =>
    assert.throws(() => runner.submit(work as never, options as never), { name: 'InvalidArgumentError' });
  for (const work of [undefined, null, 'word-count', {}, { run: () => 1 }, { name: 'x' }]) refused(work);
  refused(wordCount, { input: { text: 'x' }, args: [1] });
  assert.equal(runner.summary().total, 0);
});

test('a recipe that gives an async iterable results in its items, each an output event', async () => {
  const runner = new BackgroundRunner();
  const recipe = defineRecipe({
    name: 'items',
    async *run(input: number) {
      yield input;
      yield input + 1;
    },
  });
  const task = runner.submit(recipe, { input: 1 });
  assert.deepEqual(await task.wait(), [1, 2]);
  const outputs = [];
  for await (const { kind, data } of task.events()) if (kind === 'output') outputs.push(data);
  assert.equal(outputs.length, 2);
});

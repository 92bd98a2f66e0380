/** What tasks use of models: told by their code, summed over attempts and descendants. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackgroundRunner, defineRecipe, openBackground } from '#offstage';

const NONE = { cachedInputTokens: 0, reasoningTokens: 0 };

test('usage is summed over attempts, and of a parent with that of its children', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const child = defineRecipe({
    name: 'child',
    run: (_, { usage }) => usage({ model: 'small', inputTokens: 5, outputTokens: 1 }),
  });
  const parent = defineRecipe({
    name: 'parent',
    async run(_, ctx) {
      ctx.usage({ model: 'large', inputTokens: 10, outputTokens: 2, cost: 0.25 });
      if (ctx.attempt === 1) throw new Error('once more');
      await (await ctx.submit(child)).wait();
    },
  });
  await (await client.submit({ recipe: child })).wait(60); // from now on this process knows it by its name
  const task = await client.submit({ recipe: parent, retries: 1, backoff: { initial: 0 } });
  await task.wait(60);
  const { usage, usageTotal } = await task.snapshot();
  const large = { inputTokens: 20, outputTokens: 4, ...NONE, requests: 2, cost: 0.5 };
  const own = { steps: 0, currency: 'USD', costSource: 'provider', incomplete: false, models: { large } };
  assert.deepEqual(usage, { ...large, ...own });
  const small = { inputTokens: 5, outputTokens: 1, ...NONE, requests: 1, cost: null };
  const all = { inputTokens: 25, outputTokens: 5, ...NONE, requests: 3, cost: null };
  assert.deepEqual(usageTotal, { ...all, ...own, costSource: null, models: { large, small } });
  const events = [];
  for await (const event of task.events()) if (event.kind === 'usage') events.push(event.data);
  assert.deepEqual(events, Array(2).fill({ model: 'large', inputTokens: 10, outputTokens: 2, cost: 0.25 }));
});

test('what tells nothing has used nothing that is known, and what is no count is refused', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const quiet = await client.submit({ recipe: defineRecipe({ name: 'quiet', run: () => 1 }) });
  await quiet.wait(60);
  const { usage, usageTotal } = await quiet.snapshot();
  assert.deepEqual([usage, usageTotal], [null, null]);
  const wrong = defineRecipe({ name: 'wrong', run: (_, ctx) => ctx.usage({ inputTokens: -1 }) });
  const failed = await client.submit({ recipe: wrong });
  await assert.rejects(failed.wait(60), /usage.inputTokens: got -1, expected a whole number from 0/);
});

test('a runner tells it, too', async () => {
  const runner = new BackgroundRunner();
  const task = runner.submit(({ usage }) => usage({ model: 'm', inputTokens: 3, steps: 2 }));
  await task.wait(60);
  const { usage, usageTotal } = await task.snapshot();
  assert.deepEqual([usage?.inputTokens, usage?.steps, usage?.requests, usage?.cost], [3, 2, 1, null]);
  assert.equal(usageTotal, null);
  const wrong = runner.submit((ctx) => ctx.usage({ token: 1 } as object));
  await assert.rejects(wrong.wait(60), /unknown option 'usage.token'/);
  await runner.stop();
});

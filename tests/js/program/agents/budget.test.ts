/** What agents may use: looked at before each call, over all attempts; and what it costs. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { BudgetExceededError } from '#offstage/errors/budget.js';
import { rejection } from '../../recipe/helpers.js';
import { type Answering, Models } from './models.js';
import { type Setting, stage } from './stage.js';

const STEP = '  - { agent: a, action: Go. }\n';
const yaml = (steps = STEP, agent = ''): string => `agents:\n  a: { role: R, ${agent} }\nsteps:\n${steps}`;
const reading = { calls: [{ name: 'read_file', args: { path: 'a.txt' } }] };
/** Each call of these reads 10 tokens and writes 5. */
const PRICES = { 'test-model': { input: 2, output: 10 } };

async function staged(t: TestContext, answering: Answering, text: string, setting: Setting) {
  const models = await Models.start(t, answering);
  return { models, ...(await runs(t, models, text, setting)) };
}

async function runs(t: TestContext, models: Models, text: string, setting: Setting) {
  const scene = stage(t, models, text, { here: { 'a.txt': 'a' }, ...setting });
  return { scene, error: async (input?: unknown) => (await rejection(scene.run(input))) as BudgetExceededError };
}

const caps = ({ asked }: Models): unknown[] => asked.map(({ body }) => body.max_tokens);

test('an answer that ends the work completes although it goes over', async (t) => {
  const { scene, models } = await staged(t, () => 'done', yaml(), { asked: { budget: { tokens: 12 } } });
  assert.equal(await scene.run(), 'done');
  assert.deepEqual(caps(models), [12]);
});

test('before one more call than the budget has, it fails and says which limit, what was used and in which step', async (t) => {
  const { error, models } = await staged(t, () => reading, yaml(STEP, 'tools: [read_file]'), {
    asked: { budget: { tokens: 40 } },
  });
  const { code, details, message } = await error();
  assert.deepEqual([code, details.limit, details.used], ['budget_exceeded', { tokens: 40 }, { tokens: 45 }]);
  assert.match(String(details.step), /^1\.a:/);
  assert.match(message, /45 of budget\.tokens 40 used/);
  assert.deepEqual(caps(models), [40, 25, 10]);
});

test('the smallest of what was asked for, the recipe and the configuration counts', async (t) => {
  const one = async (setting: Setting) => {
    const { error, models } = await staged(t, () => reading, yaml(STEP, 'tools: [read_file]'), setting);
    return [(await error()).details.limit, models.asked.length];
  };
  const [two, three] = [{ calls: 2 }, { calls: 3 }];
  assert.deepEqual(await one({ asked: { budget: two }, config: { budget: three } }), [two, 2]);
  assert.deepEqual(await one({ asked: { budget: three }, config: { budget: two } }), [two, 2]);
  assert.deepEqual(await one({ asked: { budget: three }, limits: { budget: two } }), [two, 2]);
  const turns = { asked: { maxTurns: 4 }, limits: { budget: {}, maxTurns: 2 }, config: { maxTurns: 3 } };
  const { scene, models } = await staged(t, () => reading, yaml(STEP, 'tools: [read_file]'), turns);
  await rejection(scene.run());
  assert.equal(models.asked.length, 2);
});

test("an agent's own max_tokens stands as long as the rest is more", async (t) => {
  const { models, error } = await staged(t, () => reading, yaml(STEP, 'tools: [read_file], max_tokens: 20'), {
    asked: { budget: { tokens: 32 } },
  });
  await error();
  assert.deepEqual(caps(models), [20, 17, 2]);
});

test('an answer that was cut since the budget had no more is no answer; one that its agent cut is', async (t) => {
  const cut = { text: 'so', finish: 'length' };
  const { error, models } = await staged(t, () => cut, yaml(), { asked: { budget: { tokens: 15 } } });
  assert.deepEqual((await error()).details.limit, { tokens: 15 });
  assert.equal(models.asked.length, 1);
  const own = await staged(t, () => cut, yaml(STEP, 'max_tokens: 5'), { asked: { budget: { tokens: 100 } } });
  assert.equal(await own.scene.run(), 'so');
});

test('money counts as the server says it, else by the prices; what may be written follows from it', async (t) => {
  const setting: Setting = { asked: { budget: { cost: 0.0002 } }, config: { prices: PRICES } };
  const { error, models, scene } = await staged(t, () => reading, yaml(STEP, 'tools: [read_file]'), setting);
  const { details } = await error(); // each call: 10 × 2 + 5 × 10 = 70 millionths of a dollar
  assert.deepEqual([details.limit, details.used], [{ cost: 0.0002 }, { cost: 0.00021 }]);
  assert.deepEqual(caps(models), [20, 13, 6]);
  const { cost, costSource } = scene.usage[0] ?? {};
  assert.deepEqual([cost, costSource], [0.00007, 'config']);
  const usage = { prompt_tokens: 10, completion_tokens: 5, cost: 0.5 };
  const said = await staged(t, () => ({ ...reading, usage }), yaml(STEP, 'tools: [read_file]'), setting);
  assert.deepEqual((await said.error()).details.used, { cost: 0.5 });
  assert.deepEqual([said.scene.usage[0]?.cost, said.scene.usage[0]?.costSource], [0.5, undefined]);
});

test('cached tokens cost what the prices say of them', async (t) => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 8 } };
  const { scene } = await staged(t, () => ({ usage }), yaml(), {
    config: { prices: { 'test-model': { input: 2, cached_input: 0.5, output: 10 } } },
  });
  await scene.run();
  assert.equal(scene.usage[0]?.cost, 0.000058);
});

test('a bound of money where a price is not known is refused, and so is what is no bound', async (t) => {
  const { error } = await staged(t, () => 'x', yaml(), { asked: { budget: { cost: 1 } } });
  const { code, message } = await error();
  assert.equal(code, 'invalid_argument');
  assert.match(message, /what test-model costs is not known; agents\.prices/);
});

test('what other attempts have used counts', async (t) => {
  const total = { input_tokens: 20, output_tokens: 10, cached_input_tokens: 0, reasoning_tokens: 0, requests: 2 };
  const { error, models } = await staged(t, () => 'x', yaml(), {
    asked: { budget: { tokens: 30 } },
    used: { total, steps: 0 },
  });
  assert.deepEqual((await error()).details.used, { tokens: 30 });
  assert.equal(models.asked.length, 0);
});

test('calls at once share what is left, and one that has to wait for others gets what they leave', async (t) => {
  const items = Array.from({ length: 4 }, (_, index) => index);
  const loop = '  - { loop: { over: items, parallel: true, max_workers: 4 }, agent: a, action: "{{item}}" }\n';
  const { scene, models } = await staged(t, () => 'x', yaml(loop), { asked: { budget: { tokens: 100 } } });
  assert.deepEqual(await scene.run({ items }), ['x', 'x', 'x', 'x']);
  const most = caps(models) as number[];
  assert.ok(most.reduce((sum, one) => sum + one, 0) <= 100, String(most));
  const few = await staged(t, () => 'x', yaml(loop), { asked: { budget: { calls: 3 } } });
  assert.deepEqual((await few.error({ items })).details.limit, { calls: 3 });
  assert.equal(few.models.asked.length, 3);
});

test('a call that has begun and not ended is told by the next run, once', async (t) => {
  const { scene, models } = await staged(t, () => 'done', yaml(), {});
  await scene.run();
  const [key = ''] = [...scene.steps.keys()].filter((one) => /:1$/.test(one));
  scene.steps.delete(key); // as if its process had ended before the answer was stored
  scene.usage.length = 0;
  await scene.run();
  scene.steps.delete(key);
  await scene.run();
  assert.equal(models.asked.length, 3);
  const told = scene.usage.map(({ incomplete }) => incomplete ?? false);
  assert.deepEqual(told, [true, false, true, false]); // each lost call once
});

test('a call that a server refuses has used nothing', async (t) => {
  const { scene } = await staged(t, (_asked, index) => (index === 0 ? { status: 401 } : 'done'), yaml(), {});
  await rejection(scene.run());
  assert.equal(await scene.run(), 'done');
  assert.deepEqual(
    scene.usage.map(({ incomplete }) => incomplete),
    [undefined],
  );
});

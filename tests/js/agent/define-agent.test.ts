/** Agents as recipes in code: of frameworks, by their shape, and of our own, with named models and model objects. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import type { TaskError } from '#offstage/errors/index.js';
import { BackgroundRunner, defineAgent } from '#offstage/index.js';
import { within } from '../../waiting.js';
import { Models } from '../program/agents/models.js';
import { rejection } from '../recipe/helpers.js';

/** Runs it in a runner whose environment names that server. */
function served(models: Models): void {
  Object.assign(process.env, { OPENAI_BASE_URL: models.url, OFFSTAGE_MODEL: 'local' });
}

test('an agent of a framework is a recipe: its prompt is the input, or made of it', async () => {
  const seen: unknown[] = [];
  const agent = {
    version: 'agent-v1',
    generate() {},
    async stream({ prompt }: { prompt: string }) {
      seen.push(prompt);
      return { textStream: (async function* () {})(), text: Promise.resolve(`echo ${prompt}`) };
    },
  };
  const runner = new BackgroundRunner();
  const plain = defineAgent({ name: 'echo', agent });
  assert.equal(await runner.submit(plain, { input: { prompt: 'hi' } }).wait(), 'echo hi');
  let made = 0;
  const shaped = defineAgent({
    name: 'shaped',
    create: async ({ taskId }) => {
      made += 1;
      assert.match(taskId, /^task_/);
      return agent;
    },
    prompt: ({ city }: { city: string }) => `weather in ${city}?`,
  });
  assert.equal(await runner.submit(shaped, { input: { city: 'Rome' } }).wait(), 'echo weather in Rome?');
  assert.deepEqual([made, seen], [1, ['hi', 'weather in Rome?']]);
  await runner.stop();
});

test('where nobody is to be asked all is denied', async () => {
  const request = { type: 'tool-approval-request', approvalId: 'a1', toolCall: { toolName: 'pay', input: {} } };
  const rounds: unknown[] = [];
  const agent = {
    version: 'agent-v1',
    generate() {},
    async stream(asked: unknown) {
      rounds.push(asked);
      const items = rounds.length === 1 ? [request] : [{ type: 'text-delta', text: 'well' }];
      return {
        fullStream: (async function* () {
          yield* items;
        })(),
        response: Promise.resolve({ messages: [] }),
      };
    },
  };
  const runner = new BackgroundRunner();
  const recipe = defineAgent({ name: 'denying', agent, approve: 'deny' });
  assert.equal(await within(runner.submit(recipe, { input: { prompt: 'pay' } }).wait(), { what: 'the agent' }), 'well');
  assert.match(JSON.stringify(rounds[1]), /"approved":false/);
  await runner.stop();
});

test('an agent of our own: a named model, tools with schemas, and an output of a form', async (t) => {
  const models = await Models.start(t, (_asked, index) => {
    if (index === 0) return { calls: [{ name: 'add', args: { a: 1, b: 'x' } }] };
    if (index === 1) return { calls: [{ name: 'add', args: { a: 1, b: 2 } }] };
    return index === 2 ? 'not JSON' : '{"sum": 3}';
  });
  served(models);
  const added: unknown[] = [];
  const recipe = defineAgent({
    name: 'adder',
    instructions: 'You add.',
    tools: {
      add: {
        description: 'Adds.',
        inputSchema: {
          type: 'object',
          properties: { a: { type: 'number' }, b: { type: 'number' } },
          required: ['a', 'b'],
        },
        execute: ({ a, b }: { a: number; b: number }) => {
          added.push([a, b]);
          return { sum: a + b };
        },
      },
    },
    output: z.object({ sum: z.number() }),
  });
  const runner = new BackgroundRunner();
  const task = runner.submit(recipe, { input: { prompt: 'one and two' } });
  assert.deepEqual(await task.wait(), { sum: 3 });
  assert.deepEqual(added, [[1, 2]]);
  assert.match(models.said('tool')[1] ?? '', /^Error: arguments\.b/);
  assert.equal(models.said('tool')[2], '{"sum":3}');
  assert.match(models.said('user')[3] ?? '', /That does not fit: it is no JSON/);
  const [{ body }] = models.asked as [(typeof models.asked)[0]];
  assert.equal(body.messages[0]?.content, 'You add.');
  assert.deepEqual([body.model, body.tools?.map((tool) => tool.function.name)], ['local', ['add']]);
  assert.equal((await task.snapshot()).usage?.requests, 4);
  await runner.stop();
});

test('a tool that needs approval is asked for, and one that is denied is told', async (t) => {
  const models = await Models.start(t, (_asked, index) =>
    index === 0 ? { calls: [{ name: 'pay', args: {} }] } : 'done',
  );
  served(models);
  let paid = 0;
  const tools = { pay: { needsApproval: true, execute: () => `${++paid} paid` } };
  const runner = new BackgroundRunner();
  const asked = new Promise<void>((resolve) => runner.on('input_requested', () => resolve()));
  const task = runner.submit(defineAgent({ name: 'payer', tools }), { input: { prompt: 'pay' } });
  await within(asked, { what: 'the question' });
  const [key = ''] = Object.keys((await task.snapshot()).inputRequests);
  await task.respond(key, { action: 'accept', content: {} });
  assert.equal(await within(task.wait(), { what: 'the agent' }), 'done');
  assert.deepEqual([paid, models.said('tool')[1]], [1, '1 paid']);
  models.answers((_asked, index) => (index === 2 ? { calls: [{ name: 'pay', args: {} }] } : 'done'));
  const told = [];
  for await (const event of task.events()) if (event.kind === 'tool') told.push(event.data);
  assert.deepEqual(
    told.map(({ step, call, name, ok, ms }) => [step, call, name, ok, ms >= 0]),
    [['payer:agent', '1.1', 'pay', true, true]],
  );
  const denying = defineAgent({ name: 'denier', tools, approve: 'deny' });
  assert.equal(await runner.submit(denying, { input: { prompt: 'pay' } }).wait(), 'done');
  assert.deepEqual([paid, models.said('tool')[3]], [1, 'denied: nobody is asked here']);
  await runner.stop();
});

test("a model object of the AI SDK's providers is asked by doStream, without ai", async () => {
  const asked: Record<string, unknown>[] = [];
  for (const version of ['v2', 'v3'] as const) {
    const usage =
      version === 'v2'
        ? { inputTokens: 7, outputTokens: 3, totalTokens: 10, cachedInputTokens: 2 }
        : { inputTokens: { total: 7, cacheRead: 2 }, outputTokens: { total: 3 } };
    const model = {
      specificationVersion: version,
      modelId: 'tiny',
      provider: 'test',
      async doStream(options: { prompt: { role: string }[] }) {
        asked.push(options);
        const isFirst = options.prompt.length === 2;
        return {
          stream: new ReadableStream({
            start(controller) {
              if (isFirst) controller.enqueue({ type: 'tool-call', toolCallId: 'c1', toolName: 'now', input: '{}' });
              else for (const delta of ['it is ', 'noon']) controller.enqueue({ type: 'text-delta', id: '1', delta });
              const reason = isFirst ? 'tool-calls' : 'stop';
              const finishReason = version === 'v2' ? reason : { unified: reason, raw: reason };
              controller.enqueue({ type: 'finish', finishReason, usage });
              controller.close();
            },
          }),
        };
      },
    };
    const recipe = defineAgent({
      name: 'clock',
      instructions: 'Tell.',
      model,
      tools: { now: { execute: () => '12:00' } },
    });
    const runner = new BackgroundRunner();
    const task = runner.submit(recipe, { input: { prompt: 'time?' } });
    assert.equal(await task.wait(), 'it is noon');
    const used = (await task.snapshot()).usage;
    assert.deepEqual([used?.inputTokens, used?.outputTokens, used?.cachedInputTokens], [14, 6, 4]);
    assert.deepEqual(Object.keys(used?.models ?? {}), ['tiny']);
    await runner.stop();
  }
  const { prompt, tools } = asked[1] as { prompt: unknown[]; tools: unknown[] };
  assert.deepEqual(prompt, [
    { role: 'system', content: 'Tell.' },
    { role: 'user', content: [{ type: 'text', text: 'time?' }] },
    { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'now', input: {} }] },
    {
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: 'c1', toolName: 'now', output: { type: 'text', value: '12:00' } }],
    },
  ]);
  assert.equal(tools.length, 1);
});

test('what cannot be an agent is refused where it is defined, and what cannot be a prompt where it is run', async () => {
  const wrong = (definition: object, message: RegExp) =>
    assert.throws(() => defineAgent(definition as never), { message });
  wrong({ name: 'x', agent: () => 1, create: () => 1 }, /create: .*none beside an agent/);
  wrong({ name: 'x', agent: () => 1, tools: {} }, /unknown option 'tools'|tools/);
  wrong({ name: 'x', instructon: '' }, /instructions/);
  wrong({ name: 'X Y' }, /name/);
  wrong({ name: 'x', maxTurns: 0 }, /maxTurns/);
  wrong({ name: 'x', approve: 'maybe' }, /approve/);
  const runner = new BackgroundRunner();
  const recipe = defineAgent({ name: 'any', agent: (prompt: string) => prompt });
  const failed = await rejection(runner.submit(recipe, { input: { prompt: 5 } as never }).wait());
  assert.match(failed.message, /input\.prompt: got 5/);
  await runner.stop();
});

test('a budget holds over all attempts, and money by its price; what was used is in the error', async (t) => {
  const look = { calls: [{ name: 'look', args: {} }], usage: { prompt_tokens: 60, completion_tokens: 40 } };
  const models = await Models.start(t, (_asked, index) => (index === 1 ? { text: 'x', finish: null } : look));
  served(models);
  const tools = { look: { execute: () => 'nothing' } };
  const runner = new BackgroundRunner();
  const spender = defineAgent({ name: 'spender', tools, budget: { tokens: 250 } });
  const spent = runner.submit(spender, { input: { prompt: 'go' }, retries: 1, backoff: { initial: 0 } });
  const failed = (await rejection(spent.wait())) as TaskError;
  assert.equal(failed.code, 'budget_exceeded');
  const { limit, used } = ((await spent.snapshot()).error?.details ?? {}) as { limit?: unknown; used?: unknown };
  assert.deepEqual([limit, used], [{ tokens: 250 }, { tokens: 300 }]);
  const price = { input: 1000, output: 10_000 };
  const dear = defineAgent({ name: 'dear', tools, budget: { cost: 0.5 }, price });
  const paid = runner.submit(dear, { input: { prompt: 'go' } });
  assert.equal(((await rejection(paid.wait())) as TaskError).code, 'budget_exceeded');
  const { usage } = await paid.snapshot();
  assert.deepEqual([usage?.cost, usage?.costSource, usage?.requests], [0.92, 'config', 2]);
  await runner.stop();
  for (const [definition, message] of [
    [{ budget: { cost: 1 } }, /budget\.cost: got 1, expected a price beside it/],
    [{ budget: { tokens: 0 } }, /budget\.tokens/],
    [{ budget: { money: 1 } }, /unknown .*money/],
    [{ price: { input: -1, output: 1 } }, /price/],
    [{ price: { input: 1 } }, /price/],
  ] as const)
    assert.throws(() => defineAgent({ name: 'x', ...(definition as object) }), message);
});

test('what submitAgent is given is asked as a submit of it is', async (t) => {
  const models = await Models.start(t, ({ body }) => `heard ${body.messages.at(-1)?.content}`);
  served(models);
  const runner = new BackgroundRunner();
  const agent = defineAgent({ name: 'listener', instructions: 'Listen.' });
  const task = runner.submitAgent(agent, 'hi');
  assert.equal(await task.wait(), 'heard hi');
  assert.deepEqual([task.name, (await task.snapshot()).input], ['listener', { prompt: 'hi', input: 'hi' }]);
  assert.equal(await runner.submitAgent(agent, [{ role: 'user', content: 'you' }]).wait(), 'heard you');
  assert.throws(() => runner.submitAgent(agent, 'hi', { run: () => 'x' }), /run: got it beside a recipe/);
  assert.equal(
    await runner.submitAgent({ name: 'named', run: (prompt: string) => `ran ${prompt}` }, 'hi').wait(),
    'ran hi',
  );
  await runner.stop();
});

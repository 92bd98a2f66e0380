/** What agents of frameworks used: by the names that each has, of each turn once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsIn } from '#offstage/runner/frameworks/counts.js';
import { until } from '../../waiting.js';
import { virtual } from './virtual.ts';

async function* parts(...items: unknown[]) {
  yield* items;
}

test('counts are found by the names of each framework; what is no count is none', () => {
  const of = (usage: object) => Object.values(countsIn(usage as never));
  assert.deepEqual(of({ inputTokens: 1, outputTokens: 2, cachedInputTokens: 3, reasoningTokens: 4 }), [1, 2, 3, 4]);
  const langchain = { input_token_details: { cache_read: 3 }, output_token_details: { reasoning: 4 } };
  assert.deepEqual(of({ input_tokens: 1, output_tokens: 2, ...langchain }), [1, 2, 3, 4]);
  const aiSdk = { inputTokenDetails: { cacheReadTokens: 3 }, outputTokenDetails: { reasoningTokens: 4 } };
  assert.deepEqual(of({ inputTokens: 1, outputTokens: 2, ...aiSdk }), [1, 2, 3, 4]);
  const requests = [{ cached_tokens: 1 }, {}, { cached_tokens: 2 }];
  assert.deepEqual(of({ inputTokens: 1, outputTokens: 2, inputTokensDetails: requests }), [1, 2, 3, undefined]);
  const none = Array(4).fill(undefined);
  for (const odd of [{}, { inputTokens: NaN, outputTokens: -1 }, { inputTokens: '1', inputTokensDetails: [null, 'x'] }])
    assert.deepEqual(of(odd), none);
});

const used = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens });

/** Begins a task and answers its question; what it had used when it asked, and at its end. */
async function usedAround(begin: (runner: ReturnType<typeof virtual>['runner']) => { id: string }) {
  const { runner } = virtual();
  const { id } = begin(runner);
  const task = runner.handle(id);
  await until(async () => (await task.status()) === 'input_required', { what: 'the question' });
  const { usage: first, inputRequests } = await task.snapshot();
  await task.respond(String(Object.keys(inputRequests)[0]), { action: 'accept' });
  await task.wait();
  const { usage: whole } = await task.snapshot();
  return [first, whole].map((one) => one && [one.inputTokens, one.outputTokens, one.requests]);
}

test('@openai/agents counts on over its turns: each is told once, and the first while it asks', async () => {
  const agent = { name: 'Writer', asTool() {}, getSystemPrompt() {}, getAllTools() {} };
  const one = { rawItem: { callId: 'c1', name: 'pay', arguments: '{}' } };
  const state = { approve() {}, usage: used(10, 5) };
  const run = async (_agent: unknown, input: unknown) =>
    input === state
      ? Object.assign(parts(), { finalOutput: 'done', interruptions: [], state: { usage: used(30, 11) } })
      : Object.assign(parts(), { interruptions: [one], state });
  const seen = await usedAround((runner) => runner.submitAgent(agent, 'hi', { run }));
  assert.deepEqual(seen, [
    [10, 5, 1],
    [30, 11, 2],
  ]);
});

test('Mastra says at the end what all turns used; a turn that asks has no totals', async () => {
  const payload = { toolCallId: 'c1', toolName: 'pay', args: {} };
  const agent = {
    getInstructions: () => '',
    generate() {},
    async stream() {
      const never = Promise.reject(new Error("promise 'totalUsage' was not resolved"));
      never.catch(() => {}); // made when it is looked at, by the real one
      return {
        fullStream: parts({ type: 'tool-call-approval', runId: 'r1', payload }),
        totalUsage: never,
        text: never,
      };
    },
    approveToolCall: async () => ({
      fullStream: parts({ type: 'text-delta', payload: { text: 'paid' } }),
      totalUsage: Promise.resolve(used(20, 10)),
    }),
  };
  const seen = await usedAround((runner) => runner.submitAgent(agent, 'pay'));
  assert.deepEqual(seen, [null, [20, 10, 1]]);
});

test('Claude counts apart what comes from a cache or goes into it; whoever else asks for it is not asked for twice', async () => {
  const { runner } = virtual();
  const asked: object[] = [];
  const usage = { input_tokens: 1, cache_creation_input_tokens: 2, cache_read_input_tokens: 4, output_tokens: 8 };
  const query = ({ options }: { options: object }) => {
    asked.push(options);
    return parts({ type: 'result', subtype: 'success', result: 'done', usage, total_cost_usd: 0.25 });
  };
  const task = runner.submitAgent({ query, options: { permissionPromptToolName: 'mcp__ask__me' } }, 'hi');
  await task.wait();
  const { usage: told } = await task.snapshot();
  assert.deepEqual([told?.inputTokens, told?.cachedInputTokens, told?.outputTokens, told?.cost], [7, 4, 8, 0.25]);
  assert.deepEqual(
    asked.map((options) => 'canUseTool' in options),
    [false],
  );
});

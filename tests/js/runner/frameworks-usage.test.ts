/** What agents of frameworks used: by the names that each has, of each turn once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsIn } from '#offstage/runner/frameworks/counts.js';
import { until, within } from '../../waiting.js';
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

/** A query of each attempt in turn: what it is asked is noted, and what it is given is what it says. */
function queries(...turns: (unknown[] | Error)[]) {
  const asked: string[] = [];
  const query = async function* ({ prompt, options }: { prompt: string; options: { resume?: string } }) {
    asked.push([prompt.slice(0, 8), ...(options.resume === undefined ? [] : [options.resume])].join(' '));
    const turn = turns.shift();
    if (turn instanceof Error) throw turn;
    yield* turn ?? [];
  };
  return { asked, agent: { query, options: {} } };
}

const begun = (session: string) => ({ type: 'system', subtype: 'init', session_id: session });
const ended = (subtype: string, usage?: object) => ({ type: 'result', subtype, result: 'done', usage });
const ONE = { input_tokens: 1, output_tokens: 1 };
const GONE = {
  type: 'result',
  subtype: 'error_during_execution',
  errors: ['No conversation found with session ID: s1'],
};

const ENDS: [string, (unknown[] | Error)[], string[], [number | null, boolean]][] = [
  [
    'one whose result was an error is resumed, and all that both have used is known',
    [
      [begun('s1'), ended('error_max_turns', ONE)],
      [begun('s1'), ended('success', ONE)],
    ],
    ['hi', 'You were s1'],
    [2, false],
  ],
  [
    'a result that does not say what was used leaves that unknown',
    [
      [begun('s1'), ended('error_max_turns')],
      [begun('s1'), ended('success', ONE)],
    ],
    ['hi', 'You were s1'],
    [1, true],
  ],
  [
    'one without a result is resumed by its last session, and nobody knows what it used',
    [[begun('s1')], [begun('s2')], [begun('s3'), ended('success', ONE)]],
    ['hi', 'You were s1', 'You were s2'],
    [1, true],
  ],
  [
    'a session that is gone is a query from the start',
    [[begun('s1')], [GONE], [begun('s2'), ended('success', ONE)]],
    ['hi', 'You were s1', 'hi'],
    [1, true],
  ],
  [
    'so is one whose process says it in its error; what ends after its start is resumed next time',
    [
      [begun('s1')],
      new Error(`exited with code 1: ${GONE.errors[0]}`),
      [begun('s2')],
      [begun('s2'), ended('success', ONE)],
    ],
    ['hi', 'You were s1', 'hi', 'You were s2'],
    [1, true],
  ],
  [
    'what fails before its start for another reason leaves the session to the retry',
    [[begun('s1'), ended('error_max_turns', ONE)], new Error('read ECONNRESET'), [begun('s1'), ended('success', ONE)]],
    ['hi', 'You were s1', 'You were s1'],
    [2, false],
  ],
];

for (const [what, turns, expected, [tokens, incomplete]] of ENDS) {
  test(`Claude, tried again: ${what}`, async () => {
    const { runner } = virtual();
    const { asked, agent } = queries(...turns);
    const task = runner.submitAgent(agent, 'hi', { retries: 3, backoff: { initial: 0, jitter: 0 } });
    assert.equal(await within(task.wait(), { what: 'the agent' }), 'done');
    assert.deepEqual(asked, expected);
    const { usage } = await task.snapshot();
    assert.deepEqual([usage?.inputTokens, usage?.incomplete === true], [tokens, incomplete]);
  });
}

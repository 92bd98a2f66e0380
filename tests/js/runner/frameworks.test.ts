/** Agents as frameworks shape them: their text is put out, their approvals ask people, an abort reaches them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunnerTaskHandle } from '#offstage/index.js';
import { heard, within } from '../../waiting.js';
import { rejection } from '../recipe/helpers.js';
import { virtual } from './virtual.ts';

async function* parts(...items: unknown[]) {
  yield* items;
}

const delta = (text: string) => ({ type: 'text-delta', id: '1', text });

/** What was put out, as one text. */
async function outputOf(task: RunnerTaskHandle<unknown>): Promise<string> {
  const chunks: unknown[] = [];
  for await (const { kind, data } of task.events())
    if (kind === 'output') chunks.push((data as { chunk: unknown }).chunk);
  return chunks.join('');
}

test('the AI SDK: fullStream of 6, stream of 7; the outcome is what its last turn says', async () => {
  const { runner } = virtual();
  for (const key of ['fullStream', 'stream']) {
    const seen: unknown[] = [];
    const agent = {
      version: 'agent-v1',
      generate() {},
      async stream(asked: { prompt: string; abortSignal: AbortSignal }) {
        seen.push(asked.prompt, asked.abortSignal instanceof AbortSignal);
        return { [key]: parts(delta('let me see '), { type: 'start-step' }, delta('an '), delta('answer')) };
      },
    };
    const task = runner.submitAgent(agent, 'hi');
    assert.equal(await task.wait(), 'an answer');
    assert.equal(await outputOf(task), 'let me see an answer');
    assert.deepEqual(seen, ['hi', true]);
  }
  const messages = [{ role: 'user', content: 'hi' }];
  const echo = {
    version: 'agent-v1',
    generate() {},
    stream: async (asked: object) => ({ text: Promise.resolve(JSON.stringify(asked)), fullStream: parts() }),
  };
  assert.equal(await runner.submitAgent(echo, messages).wait(), JSON.stringify({ messages, abortSignal: {} }));
  const failing = {
    ...echo,
    stream: async () => ({ fullStream: parts(delta('x'), { type: 'error', error: new Error('quota') }) }),
  };
  assert.equal((await rejection(runner.submitAgent(failing, 'x').wait())).message, 'quota');
});

test('the AI SDK: a tool that wants approval asks a person, and the agent goes on with the answer', async () => {
  for (const action of ['accept', 'decline'] as const) {
    const { runner } = virtual();
    const rounds: { messages?: unknown[] }[] = [];
    const request = {
      type: 'tool-approval-request',
      approvalId: 'a1',
      toolCall: { toolName: 'pay', input: { usd: 5 } },
    };
    const agent = {
      version: 'agent-v1',
      generate() {},
      async stream(asked: { messages?: unknown[] }) {
        rounds.push(structuredClone({ messages: asked.messages ?? [] }));
        if (rounds.length > 1) return { fullStream: parts(delta('done')) };
        return {
          fullStream: parts(request),
          response: Promise.resolve({ messages: [{ role: 'assistant', content: 'call' }] }),
        };
      },
    };
    const asked = heard(emitterOf(runner), 'input_requested');
    const task = runner.submitAgent(agent, 'pay');
    await asked;
    const { inputRequests } = await task.snapshot();
    assert.equal(inputRequests['tool:a1']?.message, 'May pay be used with {"usd":5}?');
    await task.respond('tool:a1', { action });
    assert.equal(await within(task.wait(), { what: 'the agent' }), 'done');
    const approved = action === 'accept';
    assert.deepEqual(rounds[1]?.messages, [
      { role: 'user', content: 'pay' },
      { role: 'assistant', content: 'call' },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-approval-response',
            approvalId: 'a1',
            approved,
            ...(approved ? {} : { reason: 'denied by a person' }),
          },
        ],
      },
    ]);
  }
});

test('Mastra: text comes in payloads or as texts; an approval goes by the run', async () => {
  const { runner } = virtual();
  const base = { getInstructions: () => '', generate() {} };
  const plain = { ...base, stream: async (prompt: string) => ({ textStream: parts('mastra ', prompt) }) };
  assert.equal(await runner.submitAgent(plain, 'hi').wait(), 'mastra hi');
  const calls: unknown[] = [];
  const approval = {
    type: 'tool-call-approval',
    runId: 'r1',
    payload: { toolCallId: 'c1', toolName: 'pay', args: {} },
  };
  const agent = {
    ...base,
    stream: async () => ({ fullStream: parts({ type: 'text-delta', payload: { text: 'so ' } }, approval) }),
    async approveToolCall(given: object) {
      calls.push(given);
      return { fullStream: parts({ type: 'text-delta', payload: { text: 'paid' } }) };
    },
  };
  const asked = heard(emitterOf(runner), 'input_requested');
  const task = runner.submitAgent(agent, 'pay');
  await asked;
  await task.respond('tool:c1', { action: 'accept' });
  assert.equal(await within(task.wait(), { what: 'the agent' }), 'paid');
  assert.deepEqual(calls, [{ runId: 'r1', toolCallId: 'c1' }]);
});

test('LangChain: a runnable streams; its deprecated run is not called. LangGraph: the last message of a model', async () => {
  const { runner } = virtual();
  const runnable = {
    lc_runnable: true,
    invoke() {},
    stream: async (input: string) => parts({ content: 'lc ' }, { content: [{ type: 'text', text: input }] }),
    run: () => Promise.reject(new Error('deprecated')),
  };
  assert.equal(await runner.submitAgent(runnable, 'hi').wait(), 'lc hi');
  const of = (type: string, id: string, content: string) => ['messages', [{ id, content, getType: () => type }, {}]];
  const seen: object[] = [];
  const graph = {
    lg_is_pregel: true,
    invoke() {},
    async stream(input: object, how: { configurable: object }) {
      seen.push(input, how.configurable);
      return parts(of('ai', '1', 'looking'), of('tool', '2', 'found'), of('ai', '3', 'an '), of('ai', '3', 'answer'), [
        'updates',
        {},
      ]);
    },
  };
  const built = { graph, invoke: graph.invoke, stream: graph.stream };
  const task = runner.submitAgent(built, 'hi');
  assert.equal(await task.wait(), 'an answer');
  assert.deepEqual(seen, [{ messages: [{ role: 'user', content: 'hi' }] }, { thread_id: task.id }]);
  const asks = { ...graph, stream: async () => parts(['updates', { __interrupt__: [{}] }]) };
  assert.match((await rejection(runner.submitAgent(asks, 'x').wait())).message, /asks a person/);
});

test('@openai/agents: by its own run, which has to be given; interruptions ask a person', async () => {
  const { runner } = virtual();
  const agent = { name: 'Writer', asTool() {}, getSystemPrompt() {}, getAllTools() {} };
  assert.throws(() => runner.submitAgent(agent, 'hi'), {
    code: 'missing_dependency',
    message: /submitAgent\(agent, prompt, \{ run \}\)/,
  });
  const rejected: unknown[] = [];
  const one = { rawItem: { callId: 'c1', name: 'pay', arguments: '{}' } };
  const state = { approve() {}, reject: (item: unknown) => void rejected.push(item) };
  const text = { type: 'raw_model_stream_event', data: { type: 'output_text_delta', delta: 'an answer' } };
  const run = async (_agent: unknown, input: unknown) =>
    input === state
      ? Object.assign(parts(text), { finalOutput: 'an answer', interruptions: [] })
      : Object.assign(parts(), { interruptions: [one], state });
  const asked = heard(emitterOf(runner), 'input_requested');
  const task = runner.submitAgent(agent, 'hi', { run });
  assert.equal(task.name, 'Writer');
  await asked;
  await task.respond('tool:c1', { action: 'decline' });
  assert.equal(await within(task.wait(), { what: 'the agent' }), 'an answer');
  assert.deepEqual(rejected, [one]);
  assert.equal(await outputOf(task), 'an answer');
});

test('the Claude Agent SDK: what its query says, and how it ends', async () => {
  const { runner } = virtual();
  const said = { type: 'assistant', message: { content: [{ type: 'text', text: 'hello' }] } };
  const query = (subtype: string) => () => parts(said, { type: 'result', subtype, result: 'an answer' });
  const agent = { query: query('success'), options: { model: 'x' } };
  const task = runner.submitAgent(agent, 'hi');
  assert.equal(await task.wait(), 'an answer');
  assert.equal(await outputOf(task), 'hello');
  const failed = runner.submitAgent({ ...agent, query: query('error_max_turns') }, 'hi');
  assert.match((await rejection(failed.wait())).message, /error_max_turns/);
});

test('the Claude Agent SDK: what wants permission asks a person, each use anew, unless its own options decide', async () => {
  const { runner } = virtual();
  const uses = async function* ({ options }: { options: { canUseTool: (...about: unknown[]) => Promise<unknown> } }) {
    const said = [];
    for (const [tool, input] of [
      ['Bash', { command: 'a' }],
      ['Bash', { command: 'a' }],
      ['Write', {}],
    ] as const)
      said.push(await options.canUseTool(tool, input, { toolUseID: `u${said.length}` }));
    yield { type: 'result', subtype: 'success', result: JSON.stringify(said) };
  };
  const asked = emitterOf(runner);
  const task = runner.submitAgent({ query: uses, options: {} }, 'hi');
  const answers = ['accept', 'decline', 'accept'] as const;
  for (const action of answers) {
    const open = async () => Object.keys((await task.snapshot()).inputRequests)[0];
    if ((await open()) === undefined) await heard(asked, 'input_requested');
    await task.respond((await open()) ?? '', { action });
  }
  assert.deepEqual(JSON.parse(String(await within(task.wait(), { what: 'the agent' }))), [
    { behavior: 'allow', updatedInput: { command: 'a' } },
    { behavior: 'deny', message: 'denied by a person' },
    { behavior: 'allow', updatedInput: {} },
  ]);
  const own = { query: uses, options: { canUseTool: async (tool: string) => tool } };
  assert.equal(await runner.submitAgent(own, 'hi').wait(), '["Bash","Bash","Write"]');
});

test('LangGraph: the thread is the session of the submit, so that its checkpointer goes on with what was said', async () => {
  const { runner } = virtual();
  const threads: unknown[] = [];
  const graph = {
    lg_is_pregel: true,
    invoke() {},
    async stream(_input: object, how: { configurable: { thread_id: string } }) {
      threads.push(how.configurable.thread_id);
      return parts(['messages', [{ id: '1', content: 'well', getType: () => 'ai' }, {}]]);
    },
  };
  for (const prompt of ['one', 'two']) await runner.submitAgent(graph, prompt, { sessionId: 'chat' }).wait();
  assert.deepEqual(threads, ['chat', 'chat']);
});

test('a cancel reaches the agent, and its stream is read no more', async () => {
  const { runner } = virtual();
  let signal: AbortSignal | undefined;
  const agent = {
    version: 'agent-v1',
    generate() {},
    stream: async ({ abortSignal }: { abortSignal: AbortSignal }) => {
      signal = abortSignal;
      const ended = new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason)));
      return {
        fullStream: (async function* () {
          yield delta('some');
          await ended;
        })(),
      };
    },
  };
  const started = heard(emitterOf(runner), 'output');
  const task = runner.submitAgent(agent, 'hi');
  await started;
  await task.cancel();
  assert.equal(await task.status(), 'cancelled');
  assert.equal(signal?.aborted, true);
});

/** A runner tells its listeners as an emitter does. */
function emitterOf(runner: ReturnType<typeof virtual>['runner']): EventTarget {
  const target = new EventTarget();
  for (const kind of ['input_requested', 'output'] as const)
    runner.on(kind, () => target.dispatchEvent(new Event(kind)));
  return target;
}

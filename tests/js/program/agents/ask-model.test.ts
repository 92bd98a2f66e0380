/** What servers do that are not well: each fault has its reason, and none is taken for an answer. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AgentError } from '#offstage/program/agents/failure.js';
import { askModel } from '#offstage/program/agents/model/ask-model.js';
import { within } from '../../../waiting.js';
import { rejection } from '../../recipe/helpers.js';
import { type Answering, Models, type Says } from './models.js';

const event = (piece: object): string => `data: ${JSON.stringify(piece)}\n\n`;
const text = (content: string, finish_reason: string | null = null) =>
  event({ choices: [{ delta: { content }, finish_reason }] });

async function ask(t: TestContext, answering: Answering, more: { schema?: Record<string, unknown> } = {}) {
  const models = await Models.start(t, answering);
  const told: string[] = [];
  const abort = new AbortController();
  const server = { url: models.url, key: 'sk-test', idleMs: 60_000, omitted: { schema: false, usage: false } };
  const question = {
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }] as const,
    tools: [],
    toolChoice: undefined,
    maxTokens: undefined,
    temperature: undefined,
    schema: more.schema,
  };
  const answer = askModel(server, question, {
    signal: abort.signal,
    step: '1.x',
    tell: (piece) => void told.push(piece),
  });
  answer.catch(() => {});
  return { models, answer, told, abort };
}

async function failure(
  t: TestContext,
  says: Says,
): Promise<AgentError['facts'] & { retryable: boolean; calls: number }> {
  const { models, answer } = await ask(t, () => says);
  const error = (await rejection(answer)) as AgentError & { retryable: boolean };
  return { ...error.facts, retryable: error.retryable, calls: models.asked.length };
}

test('a refusal is told by its status: what may do better is tried again, at once when the server says so', async (t) => {
  const now = { 'retry-after': '0' };
  const cases: [number, string, number][] = [
    [401, 'model_auth', 1],
    [403, 'model_auth', 1],
    [404, 'model_request', 1],
    [408, 'model_unavailable', 3],
    [429, 'model_unavailable', 3],
    [500, 'model_unavailable', 3],
    [503, 'model_unavailable', 3],
  ];
  for (const [status, reason, calls] of cases) {
    const facts = await failure(t, { status, headers: now, body: '{"error":{"message":"no"}}' });
    assert.deepEqual([facts.reason, facts.status, facts.calls], [reason, status, calls], `${status}`);
    assert.equal(facts.retryable, reason === 'model_unavailable');
    assert.deepEqual([facts.model, facts.step], ['m', '1.x']);
  }
});

test('a server that has room again is answered by; one that has none for long is not waited for', async (t) => {
  const { answer, models } = await ask(t, (_asked, index) =>
    index < 2 ? { status: 429, headers: { 'retry-after': '0' } } : 'at last',
  );
  assert.equal((await answer).text, 'at last');
  assert.equal(models.asked.length, 3);
  assert.equal((await failure(t, { status: 429, headers: { 'retry-after': '3600' } })).calls, 1);
});

test('nobody there is unavailable', async () => {
  const server = {
    url: 'http://127.0.0.1:9/v1',
    key: undefined,
    idleMs: 1000,
    omitted: { schema: false, usage: false },
  };
  const question = {
    model: 'm',
    messages: [],
    tools: [],
    toolChoice: undefined,
    maxTokens: 1,
    temperature: 0,
    schema: undefined,
  };
  const abort = new AbortController();
  const asked = askModel(server, question, { signal: abort.signal, step: 's', tell: () => {} });
  const error = (await rejection(asked)) as AgentError;
  assert.equal(error.facts.reason, 'model_unavailable');
  assert.match(error.message, /127\.0\.0\.1:9\/v1 cannot be reached: .*ECONNREFUSED/);
});

test('a stream that is cut, has no end, tells an error or is none is no answer, and is not asked for again', async (t) => {
  const cases: [string, Says, RegExp?][] = [
    ['socket cut', { raw: [text('half')], cut: true }],
    ['no finish_reason', { raw: [text('half'), 'data: [DONE]\n\n'] }],
    ['error chunk', { raw: [text('half'), event({ error: { message: 'overloaded' } })] }],
    ['html', { raw: ['<html>login</html>'], headers: { 'content-type': 'text/html' } }],
    ['no json', { raw: ['data: {"choices\n\n'] }],
  ];
  for (const [what, says] of cases) {
    const facts = await failure(t, says);
    assert.deepEqual([facts.reason, facts.retryable, facts.calls], ['model_stream', true, 1], what);
  }
});

test('CRLF, comments, no space behind the colon, characters cut in the middle, no empty line at the end', async (t) => {
  const whole = Buffer.from(
    `: ping\r\n\r\n${text('grün ').replaceAll('\n', '\r\n')}${text('😀', 'stop').replace('data: ', 'data:').trimEnd()}`,
  );
  const bytes = [...whole].map((byte) => Buffer.from([byte]));
  const { answer, told } = await ask(t, () => ({ raw: bytes }));
  assert.equal((await answer).text, 'grün 😀');
  assert.equal(told.join(''), 'grün 😀');
});

test('calls with and without an index, several at once, in pieces', async (t) => {
  const call = (more: object) => event({ choices: [{ delta: { tool_calls: [more] } }] });
  const end = event({ choices: [{ delta: {}, finish_reason: 'tool_calls' }] });
  const inPieces = [
    call({ index: 1, id: 'b', function: { name: 'two', arguments: '{"x"' } }),
    call({ index: 0, id: 'a', function: { name: 'one', arguments: '{}' } }),
    call({ index: 1, function: { arguments: ':1}' } }),
  ];
  const without = [
    call({ id: 'a', function: { name: 'one', arguments: '' } }),
    call({ function: { arguments: '{}' } }),
    call({ id: 'b', function: { name: 'two', arguments: { x: 1 } } }),
  ];
  for (const pieces of [inPieces, without]) {
    const { answer } = await ask(t, () => ({ raw: [...pieces, end] }));
    assert.deepEqual((await answer).tool_calls, [
      { id: 'a', name: 'one', arguments: '{}' },
      { id: 'b', name: 'two', arguments: '{"x":1}' },
    ]);
  }
});

test('usage is what the server says; null and absent are unknown', async (t) => {
  const usage = { prompt_tokens: 7, completion_tokens: 3 };
  const { answer } = await ask(t, () => ({ text: 'x', usage }));
  const counted = { input_tokens: 7, output_tokens: 3, cached_input_tokens: 0, reasoning_tokens: 0 };
  assert.deepEqual((await answer).usage, counted);
  const absent = await ask(t, () => ({ text: 'x', usage: null }));
  assert.equal((await absent.answer).usage, null);
});

test('a server that does not stream is understood; one that refuses schemas or usage is asked without', async (t) => {
  const document = JSON.stringify({ choices: [{ message: { content: 'whole' }, finish_reason: 'stop' }] });
  const plain = await ask(t, () => ({ raw: [document], headers: { 'content-type': 'application/json' } }));
  assert.equal((await plain.answer).text, 'whole');
  const narrow = (asked: { body: { response_format?: unknown; stream_options?: unknown } }): Says =>
    asked.body.response_format || asked.body.stream_options
      ? { status: 400, body: '{"error":"unknown field"}' }
      : { text: 'ok' };
  const { answer, models } = await ask(t, narrow, { schema: { type: 'object' } });
  assert.equal((await answer).text, 'ok');
  assert.equal(models.asked.length, 3);
});

test('an abort closes the connection, before the head and in the middle of the stream', async (t) => {
  const never = new Promise(() => {});
  const cases: Says[] = [{ before: never }, { pieces: ['some'], hold: never, finish: null }];
  for (const says of cases) {
    const { answer, models, abort, told } = await ask(t, () => says);
    while (models.asked.length === 0 || (says.hold !== undefined && told.join('') === '')) {
      await within(new Promise((resolve) => setImmediate(resolve)), { what: 'the question' });
    }
    const reason = new Error('enough');
    abort.abort(reason);
    assert.equal(await rejection(answer), reason);
    await within(models.asked[0]?.closed ?? Promise.reject(new Error('nobody asked')), {
      what: 'the close of the connection',
    });
  }
});

/** What somebody is told of a task, and how much of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutAtCharacter } from '#offstage/wire/graphemes.js';
import { notificationOf, type ToldEvent } from '#offstage/wire/notification.js';

const event = (more: Partial<ToldEvent> = {}): ToldEvent => ({
  kind: 'completed',
  at: Date.UTC(2026, 10, 28),
  data: '{"attempt":2,"epoch":3}',
  task: 'task_1',
  recipe: 'report',
  name: 'my report',
  session: 's',
  attempt: 2,
  input: null,
  result: null,
  isSealed: false,
  ...more,
});

const told = (more: Partial<ToldEvent>) => notificationOf(event(more))?.body;

test('a completed task is told with its result', () => {
  assert.deepEqual(notificationOf(event({ result: '{"answer":42}' })), {
    on: 'completed',
    body: {
      type: 'task.completed',
      timestamp: '2026-11-28T00:00:00.000Z',
      data: {
        task_id: 'task_1',
        name: 'my report',
        recipe: 'report',
        status: 'completed',
        session_id: 's',
        attempt: 2,
        result: { answer: 42 },
      },
    },
  });
});

test('of a result that is too long its beginning is told, cut where a character ends', () => {
  const family = '👩‍👩‍👧‍👦';
  const body = told({ result: JSON.stringify(family.repeat(5000)) });
  assert.ok(JSON.stringify(body).length < 20_000);
  assert.equal(body?.data.result, undefined);
  const text = body?.data.result_truncated ?? assert.fail('nothing was told');
  assert.ok(text.endsWith(`${family}…`), text.slice(-20));
  assert.ok(text.length <= 2000 && text.length > 1950);
});

test('falsy results are told as they are', () => {
  for (const result of [0, '', false, [], null]) {
    assert.deepEqual(told({ result: JSON.stringify(result) })?.data.result, result);
  }
});

test('what a codec keeps is not told, and said to be so', () => {
  assert.deepEqual(told({ isSealed: true })?.data.result_truncated, '(kept by a codec)');
});

test('failures, retries, questions and cancels are told with what they are about, and no more of it', () => {
  const error = { code: 'failed', name: 'Error', message: 'm'.repeat(9000), retryable: true, details: { stack: 'x' } };
  const failed = told({ kind: 'failed', data: JSON.stringify({ attempt: 1, epoch: 1, error }) });
  assert.deepEqual(Object.keys(failed?.data.error ?? {}), ['code', 'name', 'message', 'retryable']);
  assert.equal(failed?.data.error?.message.length, 2000);
  assert.equal(told({ kind: 'retry_scheduled', data: JSON.stringify({ attempt: 1, error }) })?.type, 'task.retrying');
  const asked = { key: 'ok', message: 'Go on?', schema: { type: 'boolean' }, expires_at: 0 };
  assert.deepEqual(told({ kind: 'input_requested', data: JSON.stringify(asked) })?.data.input_requests, {
    ok: { message: 'Go on?', schema: { type: 'boolean' }, expires_at: '1970-01-01T00:00:00.000Z' },
  });
  assert.equal(told({ kind: 'cancelled', data: '{"by":"caller","reason":"no"}' })?.data.reason, 'no');
});

test('that a task goes on after an answer is not told, and nothing of what else happens', () => {
  assert.equal(told({ kind: 'started', data: '{"attempt":1,"resume":true}' }), undefined);
  assert.equal(told({ kind: 'started', data: '{"attempt":1,"resume":false}' })?.type, 'task.started');
  assert.equal(told({ kind: 'progress', data: '{}' }), undefined);
});

test('a prompt names the task', () => {
  assert.equal(told({ input: '{"prompt":"Write a poem"}' })?.data.prompt, 'Write a poem');
  for (const input of ['"x"', 'null', '{"prompt":1}', '[]']) assert.equal(told({ input })?.data.prompt, undefined);
});

test('a text is cut where a character ends, with the ellipsis inside the limit', () => {
  assert.equal(cutAtCharacter('abc', 3), 'abc');
  assert.equal(cutAtCharacter('abcd', 3), 'ab…');
  assert.equal(cutAtCharacter('ab👍🏽cd', 6), 'ab…');
  assert.equal(cutAtCharacter('e\u0301e\u0301e\u0301', 4), 'e\u0301…');
});

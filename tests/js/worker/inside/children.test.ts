/** Tasks that a run submits, and the handles that it gets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineRecipe, type RecipeContext } from '#offstage/recipe/index.js';
import type { BackgroundTaskHandle } from '#offstage/wire/task-handle.js';
import { FakeWorker, OPEN, rejection } from './fake-worker.js';

const CHILD = { taskId: 'task_2', name: 'child', recipeName: 'other', sessionId: 'session_2', deduplicated: false };

const task = (more: object = {}) => ({
  task_id: 'task_2',
  recipe: 'other',
  status: 'completed',
  result: null,
  error: null,
  usage: null,
  usage_total: null,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  input_requests: {},
  worker: null,
  task_status: {},
  ...more,
});

/** A run that has submitted one child. */
const withChild = (served: ConstructorParameters<typeof FakeWorker>[0]) => {
  const worker = new FakeWorker({ submit: () => CHILD, ...served });
  const handle = (work: (handle: BackgroundTaskHandle, ctx: RecipeContext) => unknown) =>
    worker.value(async (ctx) => work(await ctx.submit('other'), ctx));
  return { worker, handle, last: () => worker.calls.at(-1) };
};

test('a child is submitted by name, by a spec, or by a recipe in code', async () => {
  const worker = new FakeWorker({ submit: () => CHILD });
  const code = defineRecipe({ name: 'in-code', run: (input: number) => input });
  await worker.value(async (ctx) => {
    await ctx.submit('other');
    await ctx.submit('other', { input: [1], key: 'k', priority: 'high', runAt: new Date(0), timeout: '5m' });
    await ctx.submit({ recipe: 'other', input: { a: 1 }, retries: 2, key: 'k2' });
    await ctx.submit(code, { input: 4 });
    await ctx.submit({ recipe: code, input: 5, timeout: Number.POSITIVE_INFINITY, ttl: Number.POSITIVE_INFINITY });
  });
  assert.deepEqual(
    worker.calls.map(({ args }) => args),
    [
      { request: { recipe: 'other' } },
      {
        request: { recipe: 'other', input: [1], priority: 'high', runAt: '1970-01-01T00:00:00.000Z', timeout: '5m' },
        key: 'k',
      },
      { request: { recipe: 'other', input: { a: 1 }, retries: 2 }, key: 'k2' },
      { request: { recipe: 'in-code', input: 4 } },
      { request: { recipe: 'in-code', input: 5, timeout: null } },
    ],
  );
});

test('what cannot be a child is refused before anything is asked', async () => {
  const cases: [unknown[], RegExp][] = [
    [[undefined], /^recipe: got undefined, expected a recipe's name/],
    [[() => 1], /^recipe: got a function, expected .*functions are for a BackgroundRunner$/],
    [[{ input: 1 }], /^recipe: got undefined/],
    [['other', 5], /^options: got 5, expected an object$/],
    [[{ recipe: 'other' }, {}], /^options: got an object, expected none beside a spec$/],
    [['other', { key: '' }], /^key: got "", expected/],
    [['other', { key: 'k', idempotencyKey: 'i' }], /^key: got "k", expected no key beside an idempotencyKey$/],
    [['other', { signal: new AbortController().signal }], /^signal: .*cancelled with its parent/],
    [['other', { onComplete: () => {} }], /^onComplete: got a function, expected none/],
    [['other', { onProgress: () => {} }], /^onProgress: /],
    [['other', { parent: 'task_9' }], /^parent: /],
    [['other', { timeout: Number.NaN }], /^timeout: got NaN, expected a finite number$/],
    [['other', { retries: Number.POSITIVE_INFINITY }], /^retries: got Infinity, expected a finite number$/],
  ];
  for (const [args, message] of cases) {
    const worker = new FakeWorker({ submit: () => CHILD });
    const error = await rejection(worker.value((ctx) => ctx.submit(...(args as [string]))));
    assert.equal(error.code, 'invalid_argument', String(message));
    assert.match(error.message, message);
    assert.deepEqual(worker.calls, []);
  }
  for (const option of ['input', 'config', 'metadata']) {
    const error = await rejection(new FakeWorker().value((ctx) => ctx.submit('other', { [option]: { n: 1n } })));
    assert.equal(error.code, 'unserializable');
    assert.ok(error.message.startsWith(`${option} cannot be written as JSON`));
  }
});

test('the handle knows what the submit answered; it is not thenable', async () => {
  await withChild({}).handle((handle) => {
    const { taskId, id, name, recipeName, sessionId, taskSessionId, deduplicated } = handle;
    assert.deepEqual(
      { taskId, id, name, recipeName, sessionId, taskSessionId, deduplicated },
      { ...CHILD, id: 'task_2', taskSessionId: 'bg:task_2' },
    );
    assert.equal('then' in handle, false);
  });
});

test('status and snapshot are those of the task', async () => {
  const { handle, last } = withChild({ get: () => task({ status: 'running' }) });
  await handle(async (child) => {
    assert.equal(await child.status(), 'running');
    const snapshot = await child.snapshot();
    assert.deepEqual([snapshot.taskId, snapshot.createdAt], ['task_2', new Date('2026-01-01T00:00:00.000Z')]);
    assert.deepEqual(last(), { method: 'get', args: { id: 'task_2', whole: true } });
  });
});

test('wait resolves with the result, falsy ones too, and rejects with why there is none', async () => {
  for (const result of [0, '', false, null, { a: 1 }]) {
    const { handle } = withChild({ wait: () => ({ task: task({ result }), wait_status: 'ok' }) });
    await handle(async (child) => assert.deepEqual(await child.wait(), result));
  }
  const error = { code: 'timeout', name: 'TimeoutError', message: 'timed out after 1s', retryable: true };
  const failed = withChild({ wait: () => ({ task: task({ status: 'failed', error }), wait_status: 'ok' }) });
  const rejected = await rejection(failed.handle((child) => child.wait()));
  assert.deepEqual([rejected.name, rejected.code, rejected.message], ['RecipeError', 'timeout', 'timed out after 1s']);
  const cancelled = withChild({ wait: () => ({ task: task({ status: 'cancelled' }), wait_status: 'ok' }) });
  assert.equal((await rejection(cancelled.handle((child) => child.wait()))).name, 'TaskCancelledError');
  const over = withChild({ wait: () => ({ task: task({ status: 'running' }), wait_status: 'timeout' }) });
  const late = await rejection(over.handle((child) => child.wait('90s')));
  assert.deepEqual([late.name, late.code], ['TimeoutError', 'wait_timeout']);
  assert.deepEqual(over.last(), { method: 'wait', args: { id: 'task_2', timeout: '90s' } });
});

test('wait takes seconds, a text or options; without end nothing is sent', async () => {
  const { handle, last } = withChild({ wait: () => ({ task: task(), wait_status: 'ok' }) });
  await handle(async (child) => {
    const limits = [undefined, Number.POSITIVE_INFINITY, 0, 1.5, { timeout: '2m' }] as const;
    const sent = [{}, {}, { timeout: 0 }, { timeout: 1.5 }, { timeout: '2m' }];
    for (const [index, limit] of limits.entries()) {
      await child.wait(limit);
      assert.deepEqual(last()?.args, { id: 'task_2', ...sent[index] });
    }
    for (const wrong of [null, true, Number.NaN, { timeout: 1, more: 2 }]) {
      assert.equal((await rejection(child.wait(wrong as never))).code, 'invalid_argument');
    }
  });
});

test('a signal ends a wait; the end of the run does too', async () => {
  const { worker, handle } = withChild({ wait: () => OPEN });
  await handle(async (child) => {
    const abort = new AbortController();
    const waited = rejection(child.wait({ signal: abort.signal }));
    await worker.called('wait');
    abort.abort(new Error('no more'));
    assert.equal((await waited).message, 'no more');
    assert.equal((await rejection(child.wait({ signal: abort.signal }))).message, 'no more');
    assert.equal(worker.methods().filter((method) => method === 'wait').length, 1);
    const forever = rejection(child.wait());
    worker.run.abort({ cause: 'cancelled', message: 'enough' });
    assert.equal(await forever, worker.run.signal.reason);
  }).catch((error) => assert.equal(error.message, 'aborted'));
});

test('cancel and respond say what was given', async () => {
  const { handle, last } = withChild({ cancel: () => true, respond: () => null });
  await handle(async (child) => {
    assert.equal(await child.cancel(), true);
    assert.deepEqual(last()?.args, { id: 'task_2' });
    await child.cancel('why', { stopped: true });
    assert.deepEqual(last()?.args, { id: 'task_2', reason: 'why', stopped: true });
    assert.equal((await rejection(child.cancel(5 as never))).code, 'invalid_argument');
    assert.equal(await child.respond('k', { action: 'accept', content: 0 }), undefined);
    assert.deepEqual(last()?.args, { id: 'task_2', key: 'k', answer: { action: 'accept', content: 0 } });
    const wrong = await rejection(child.respond('k', { action: 'yes' } as never));
    assert.match(wrong.message, /^action: got "yes", expected accept, decline or cancel$/);
  });
});

const event = (seq: number) => ({ task_id: 'task_2', seq, at: '2026-01-01T00:00:00.000Z', kind: 'log', data: { seq } });

/** Pages of two events each, of a task that has so many. */
const pages = (total: number, over: boolean) => ({
  events: ({ after }: { after: number }) => {
    const events = [after + 1, after + 2].filter((seq) => seq <= total).map(event);
    const next = events.at(-1)?.seq ?? after;
    return { events, next_after: next, over: over && next >= total };
  },
});

test('events are read page by page, to the last one', async () => {
  for (const over of [false, true]) {
    const { worker, handle } = withChild(pages(5, over));
    await handle(async (child) => {
      const seen = [];
      for await (const one of child.events({ after: 1 })) seen.push(one.seq);
      assert.deepEqual(seen, [2, 3, 4, 5]);
      const asked = worker.calls.filter(({ method }) => method === 'events').map(({ args }) => args);
      const cursors = over ? [1, 3] : [1, 3, 5];
      assert.deepEqual(
        asked,
        cursors.map((after) => ({ id: 'task_2', after, wait: false })),
      );
    });
  }
});

test('following ends when it is over, or with its signal', async () => {
  await withChild(pages(4, true)).handle(async (child) => {
    const seen = [];
    for await (const one of child.events({ follow: true })) seen.push([one.taskId, one.seq, one.at.getTime()]);
    assert.deepEqual(
      seen,
      [1, 2, 3, 4].map((seq) => ['task_2', seq, Date.parse('2026-01-01')]),
    );
  });
  let asked = 0;
  const abort = new AbortController();
  const { handle } = withChild({
    events: () => {
      asked += 1;
      if (asked === 1) return { events: [event(1)], next_after: 1, over: false };
      abort.abort();
      return OPEN;
    },
  });
  await handle(async (child) => {
    const seen = [];
    for await (const one of child.events({ follow: true, signal: abort.signal })) seen.push(one.seq);
    assert.deepEqual(seen, [1]);
    const wrong = child.events({ after: -1 })[Symbol.asyncIterator]();
    assert.equal((await rejection(wrong.next() as Promise<unknown>)).code, 'invalid_argument');
  });
});

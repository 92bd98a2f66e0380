import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SubmitOptions, Task } from '#offstage/index.js';
import { gate, never, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

const idle = (): number => 1;

test('a name is given, or the function has one, or it is "task"', async () => {
  const { runner } = virtual();
  assert.equal(runner.submit(idle, { name: 'mine' }).name, 'mine');
  assert.equal(runner.submit(idle).name, 'idle');
  assert.equal(
    runner.submit(
      (
        () => () =>
          1
      )(),
    ).name,
    'task',
  );
  assert.equal((await runner.submit(idle, { name: 'é'.repeat(200) }).snapshot()).name, 'é'.repeat(200));
});

test('ids and sessions of a handle', () => {
  const { runner } = virtual();
  const handle = runner.submit(idle, { sessionId: 'chat-1' });
  assert.match(handle.taskId, /^task_[0-9a-f]{32}$/);
  assert.equal(handle.id, handle.taskId);
  assert.equal(handle.taskSessionId, `bg:${handle.taskId}`);
  assert.equal(handle.sessionId, 'chat-1');
  assert.equal(handle.recipeName, '');
  assert.equal(runner.submit(idle).sessionId, undefined);
  assert.equal(typeof (handle as { then?: unknown }).then, 'undefined');
});

test('priority: higher first, by number or by name, and the order of creation within one', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const order: string[] = [];
  const add = (name: string, priority?: number | string): void =>
    void runner.submit(() => void order.push(name), priority === undefined ? { name } : { name, priority });
  add('none');
  add('low', 'low');
  add('7', 7);
  add('high', 'high');
  add('10', 10);
  add('critical', 'critical');
  add('-20', -20);
  add('normal', 'normal');
  add('30', '30');
  await clock.settle();
  assert.deepEqual(order, ['30', 'critical', 'high', '10', '7', 'none', 'normal', 'low', '-20']);
});

test('delay, its start by wall time; runAt as date, text and number', async () => {
  for (const options of [
    { delay: 60 },
    { delay: '1m' },
    { runAt: new Date(Date.UTC(2026, 0, 1, 0, 1)) },
    { runAt: '2026-01-01T00:01:00.000Z' },
    { runAt: Date.UTC(2026, 0, 1, 0, 1) },
  ]) {
    const { runner, clock } = virtual();
    const task = runner.submit(idle, options);
    await clock.advance(59_999);
    assert.equal(await task.status(), 'pending', JSON.stringify(options));
    assert.equal((await task.snapshot()).runAt?.toISOString(), '2026-01-01T00:01:00.000Z');
    await clock.advance(1);
    assert.equal(await task.status(), 'completed');
  }
});

test('ttl: what has not started in time fails with expired and never runs', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const open = gate();
  runner.submit(() => open.promise);
  let ran = false;
  const late = runner.submit(() => (ran = true), { ttl: 10, retries: 3 });
  await clock.advance(9_999);
  assert.equal(await late.status(), 'pending');
  await clock.advance(1);
  await assert.rejects(late.wait(), { code: 'expired', name: 'TaskFailedError' });
  open.open();
  await clock.settle();
  assert.equal(ran, false);
});

test('retries and backoff: each attempt has a number and all of its timeout', async () => {
  const { runner, clock } = virtual();
  const attempts: [number, number][] = [];
  const task = runner.submit(
    (ctx) => {
      attempts.push([ctx.attempt, clock.mono() - 1_000]);
      return ctx.attempt === 3 ? 'third' : untilAborted(ctx);
    },
    { timeout: 1, retries: 2, backoff: { initial: 2, factor: 3, max: 5, jitter: 0 } },
  );
  await clock.advance(20_000);
  assert.equal(await task.wait(), 'third');
  assert.deepEqual(attempts, [
    [1, 0],
    [2, 3_000],
    [3, 9_000],
  ]);
  const { attempt, maxAttempts } = await task.snapshot();
  assert.deepEqual([attempt, maxAttempts], [3, 3]);
});

test('input, config, metadata and sessionId reach the function or the record', async () => {
  const { runner } = virtual();
  const given = { input: { a: [1] }, config: { b: 2 }, metadata: { c: '3' }, sessionId: 's' };
  let seen: unknown;
  const task = runner.submit((ctx) => {
    seen = [ctx.input, ctx.config, ctx.sessionId];
  }, given);
  await task.wait();
  assert.deepEqual(seen, [given.input, given.config, 's']);
  const { input, config, metadata, sessionId } = await task.snapshot();
  assert.deepEqual({ input, config, metadata, sessionId }, given);
});

test('args are what the function is called with', async () => {
  const { runner } = virtual();
  const task = runner.submit((a: number, b: string) => `${a}${b}`, { args: [1, 'x'] });
  assert.equal(await task.wait(), '1x');
  assert.equal(await runner.submit((...all: unknown[]) => all.length, { args: [] }).wait(), 0);
});

test('onComplete and onProgress of a task', async () => {
  const { runner, clock } = virtual();
  const told: unknown[] = [];
  const ended: Task[] = [];
  const task = runner.submit(
    (ctx) => {
      ctx.progress(0.5, 'half');
      ctx.progress(7);
      ctx.progress(-1);
    },
    { onProgress: (...all) => void told.push(all), onComplete: (done) => void ended.push(done) },
  );
  await clock.settle();
  assert.deepEqual(told, [
    [0.5, 'half', undefined],
    [1, undefined, undefined],
    [0, undefined, undefined],
  ]);
  assert.deepEqual(
    ended.map(({ taskId, status }) => [taskId, status]),
    [[task.id, 'completed']],
  );
});

test('signal: aborted before, it is cancelled at once; aborted later, then', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  let ran = 0;
  const before = runner.submit(() => (ran += 1), { signal: AbortSignal.abort(new Error('too late')) });
  assert.equal(await before.status(), 'cancelled');
  await assert.rejects(before.wait(), { name: 'TaskCancelledError', message: /too late/ });
  const controller = new AbortController();
  const running = runner.submit(untilAborted, { signal: controller.signal });
  const queued = runner.submit(() => (ran += 1), { signal: controller.signal });
  await clock.settle();
  controller.abort();
  assert.deepEqual([await running.status(), await queued.status()], ['cancelled', 'cancelled']);
  await clock.settle();
  assert.equal(ran, 0);
  assert.equal(await runner.submit(() => 5).wait(), 5);
});

const REFUSED: [SubmitOptions, RegExp][] = [
  [{ timeout: -1 }, /timeout: got -1/],
  [{ timeout: 'x' }, /timeout: got "x"/],
  [{ timeout: 1, timeoutSec: 2 }, /timeout and timeoutSec are the same option: got 1 and 2/],
  [{ timeoutSec: Number.NaN }, /timeout(Sec)?: got NaN/],
  [{ priority: 'urgent' }, /priority: got "urgent", expected a whole number or low, normal, high, critical/],
  [{ priority: 1.5 }, /priority: got 1\.5/],
  [{ priority: Number.NaN }, /priority: got NaN/],
  [{ priority: 2 ** 40 }, /priority: got 1099511627776/],
  [{ priority: null as never }, /priority: got null/],
  [{ name: '' }, /name/],
  [{ name: 'x'.repeat(201) }, /name/],
  [{ name: 5 as never }, /name: got 5/],
  [{ retries: -1 }, /retries: got -1/],
  [{ retries: 1.5 }, /retries: got 1\.5/],
  [{ retries: Number.POSITIVE_INFINITY }, /retries: got Infinity/],
  [{ backoff: { initial: -1 } }, /backoff\.initial: got -1/],
  [{ backoff: { factor: Number.NaN } }, /backoff\.factor: got NaN/],
  [{ backoff: { jitter: 2 } }, /backoff\.jitter: got 2/],
  [{ backoff: { maximum: 2 } as never }, /unknown option 'backoff\.maximum'/],
  [{ backoff: null as never }, /backoff: got null/],
  [{ backoff: 5 as never }, /backoff: got 5/],
  [{ delay: -1 }, /delay: got -1/],
  [{ delay: Number.NaN }, /delay: got NaN/],
  [{ delay: 1, runAt: new Date() }, /delay|runAt/],
  [{ runAt: 'tomorrow-ish' }, /runAt: got "tomorrow-ish", expected a date/],
  [{ runAt: new Date(Number.NaN) }, /runAt/],
  [{ ttl: -1 }, /ttl: got -1/],
  [{ sessionId: '' }, /sessionId/],
  [{ sessionId: 5 as never }, /sessionId: got 5/],
  [{ onConflict: 'wait' as never }, /onConflict: got "wait", expected parallel, enqueue, interrupt, reject/],
  [{ onLost: 'maybe' as never }, /onLost: got "maybe", expected fail or retry/],
  [{ idempotencyKey: '' }, /idempotencyKey/],
  [{ idempotencyKey: 5 as never }, /idempotencyKey: got 5/],
  [{ signal: {} as never }, /signal: got an object, expected an AbortSignal/],
  [{ onComplete: 1 as never }, /onComplete: got 1, expected a function/],
  [{ onProgress: 1 as never }, /onProgress: got 1, expected a function/],
  [{ config: 5 as never }, /config: got 5, expected an object/],
  [{ metadata: [] as never }, /metadata: got an array, expected an object/],
  [{ args: 'x' } as never, /args: got "x", expected an array/],
  [{ prio: 1 } as never, /unknown option 'prio'; did you mean 'priority'\? Known are/],
  [5 as never, /options: got 5, expected an object/],
  [null as never, /options: got null, expected an object/],
];

for (const [options, message] of REFUSED) {
  test(`submit(fn, ${String(JSON.stringify(options)).slice(0, 60)}) is refused: ${message.source}`, () => {
    const { runner } = virtual();
    assert.throws(() => runner.submit(idle, options), { name: 'InvalidArgumentError', message });
    assert.equal(runner.summary().total, 0, 'nothing was submitted');
  });
}

test('what is no function is refused', () => {
  const { runner } = virtual();
  for (const fn of [undefined, null, 5, 'x', {}]) {
    assert.throws(() => runner.submit(fn as never), {
      name: 'InvalidArgumentError',
      message: /fn: got .*, expected a function/,
    });
  }
});

test('metadata over 64 KiB, or that JSON cannot carry, is refused', () => {
  const { runner } = virtual();
  assert.throws(() => runner.submit(idle, { metadata: { x: 'x'.repeat(70_000) } }), {
    code: 'unserializable',
    message: /65536/,
  });
  assert.throws(() => runner.submit(idle, { metadata: { x: 1n } }), { code: 'unserializable', message: /metadata/ });
  assert.equal(runner.summary().total, 0);
});

test('a refused submit leaves no listener on the signal', () => {
  const { runner } = virtual({ maxConcurrentTasks: 1, maxQueued: 0 });
  runner.submit(never);
  const { signal } = new AbortController();
  let added = 0;
  signal.addEventListener = () => {
    added += 1;
  };
  assert.throws(() => runner.submit(idle, { signal }), { code: 'queue_full' });
  assert.equal(added, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackgroundRunner, RunnerTaskHandle } from '#offstage/index.js';
import { gate, Meter, never, record, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

/** How many executions hold a slot, by the events: more than the limit must never be seen. */
function slotsOf(runner: BackgroundRunner): { now: number; peak: number } {
  const holding = new Map<string, number>();
  const slots = { now: 0, peak: 0 };
  const change = (id: string, by: number): void => {
    holding.set(id, (holding.get(id) ?? 0) + by);
    slots.now += by;
    slots.peak = Math.max(slots.peak, slots.now);
  };
  runner.on('started', ({ taskId }) => change(taskId, 1));
  const end = ({ taskId }: { taskId: string }): void => {
    if ((holding.get(taskId) ?? 0) > 0) change(taskId, -1);
  };
  for (const kind of ['completed', 'retry_scheduled', 'input_requested', 'stopped', 'abandoned'] as const)
    runner.on(kind, end);
  runner.on('failed', (event) => {
    if ((event.data as { error?: { code: string } }).error?.code === 'failed') end(event);
  });
  return slots;
}

test('peak concurrency is the limit across retries that fail by themselves', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 3 });
  const meter = new Meter();
  const slots = slotsOf(runner);
  const tasks = Array.from({ length: 20 }, (_, at) =>
    runner.submit(
      ({ attempt }) =>
        meter.during(async () => {
          for (let turn = 0; turn < at % 5; turn++) await null;
          if (attempt < 3) throw new Error('again');
          return at;
        }),
      { retries: 2, backoff: { initial: at % 3, jitter: 0 } },
    ),
  );
  await clock.advance(60_000);
  assert.deepEqual(await Promise.all(tasks.map((task) => task.wait())), [...tasks.keys()]);
  assert.equal(meter.peak, 3);
  assert.equal(slots.peak, 3);
});

test('peak concurrency is the limit while tasks ask people and go on', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2 });
  const meter = new Meter();
  const tasks = Array.from({ length: 10 }, (_, at) =>
    runner.submit(async (ctx) => {
      await meter.during(async () => {
        for (let turn = 0; turn < at; turn++) await null;
      });
      const { content } = await ctx.requestInput({ key: 'q', message: 'go on?' });
      return meter.during(async () => {
        for (let turn = 0; turn < at; turn++) await null;
        return content;
      });
    }),
  );
  runner.on('input_requested', ({ taskId, data }) => {
    void runner.handle(taskId).respond((data as { key: string }).key, { action: 'accept', content: taskId });
  });
  await clock.settle();
  await clock.settle();
  assert.deepEqual(
    await Promise.all(tasks.map((task) => task.wait())),
    tasks.map(({ id }) => id),
  );
  assert.equal(meter.peak, 2);
});

test('peak concurrency is the limit when it is changed: lower lets the running ones end, higher starts at once', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 4 });
  const meter = new Meter();
  const gates = Array.from({ length: 12 }, () => gate());
  for (const { promise } of gates) runner.submit(() => meter.during(() => promise));
  await clock.settle();
  assert.equal(meter.now, 4);
  runner.concurrency = 2;
  assert.equal(runner.concurrency, 2);
  for (const [ended, left] of [
    [1, 3],
    [2, 2],
    [3, 2],
    [4, 2],
  ] as const) {
    gates[ended - 1]?.open();
    await clock.settle();
    assert.equal(meter.now, left);
  }
  runner.concurrency = 5;
  await clock.settle();
  assert.equal(meter.now, 5);
  runner.concurrency = Number.POSITIVE_INFINITY;
  await clock.settle();
  assert.equal(meter.now, 8);
  for (const wrong of [0, -1, 1.5, Number.NaN, '3', null, undefined]) {
    assert.throws(() => (runner.concurrency = wrong as number), { name: 'InvalidArgumentError' });
  }
  assert.equal(runner.concurrency, Number.POSITIVE_INFINITY);
  for (const { open } of gates) open();
  await runner.waitAll();
});

test('peak concurrency is the limit across timeouts with abandonment: only what was given up goes on beside', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2, killGrace: 3 });
  const slots = slotsOf(runner);
  let called = 0;
  for (let count = 0; count < 8; count++) {
    runner.submit(
      () => {
        called += 1;
        return never();
      },
      { timeout: 1, retries: count % 2, backoff: { initial: 0, jitter: 0 } },
    );
  }
  await clock.settle();
  // The last task has a second attempt, which has nobody beside it.
  for (const calls of [2, 4, 6, 8, 10, 11, 12]) {
    assert.equal(called, calls);
    await clock.advance(3_999);
    assert.equal(called, calls);
    await clock.advance(1);
  }
  assert.deepEqual([runner.summary().failed, runner.summary().abandoned], [8, 12]);
  assert.equal(slots.now <= 2, true);
});

test('a slot is free before anybody is told of the end that freed it', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1, maxQueued: 0 });
  const next: RunnerTaskHandle<string>[] = [];
  const seen: number[] = [];
  const task = runner.submit(() => 'first', {
    onComplete: () => {
      seen.push(runner.summary().running);
      next.push(runner.submit(() => 'second'));
    },
  });
  assert.equal(await task.wait(), 'first');
  await clock.settle();
  assert.deepEqual(seen, [0]);
  assert.equal(await next[0]?.wait(), 'second');
});

test('pause stops starts only; resume starts in the order of priority and creation', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const open = gate();
  const order: string[] = [];
  const running = runner.submit(() => open.promise);
  await clock.settle();
  runner.pause();
  runner.pause();
  for (const [name, priority] of [
    ['a', 0],
    ['b', 1],
    ['c', 0],
  ] as const)
    runner.submit(() => void order.push(name), { name, priority });
  open.open();
  await running.wait();
  await clock.advance(1_000_000);
  assert.deepEqual(order, []);
  assert.equal(runner.summary().pending, 3);
  runner.resume();
  assert.deepEqual(order, [], 'not within the call');
  await clock.settle();
  assert.deepEqual(order, ['b', 'a', 'c']);
  runner.resume();
});

test('timeouts and cancels work while the runner is paused', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(untilAborted, { timeout: 1 });
  const queued = runner.submit(() => 1, { delay: 1, ttl: 1 });
  await clock.settle();
  runner.pause();
  await clock.advance(1_000);
  assert.equal(await task.status(), 'failed');
  await clock.advance(1_000);
  await assert.rejects(queued.wait(), { code: 'expired' });
});

test('every start, end and cancel of many random tasks keeps within the limit', async () => {
  const seed = Number(process.env.SEED ?? 20_261);
  const { runner, clock } = virtual({ maxConcurrentTasks: 3, killGrace: 2 });
  const random = mulberry(seed);
  const slots = slotsOf(runner);
  const events = record(runner);
  const tasks: RunnerTaskHandle<unknown>[] = [];
  for (let count = 0; count < 300; count++) {
    const kind = Math.floor(random() * 5);
    const open = gate();
    tasks.push(
      runner.submit(
        (ctx) => {
          if (kind === 0) return count;
          if (kind === 1) return untilAborted(ctx);
          if (kind === 2) return never();
          if (kind === 3 && ctx.attempt === 1) throw new Error('first');
          void Promise.resolve().then(() => open.open());
          return open.promise;
        },
        {
          timeout: 1 + Math.floor(random() * 3),
          retries: kind === 3 ? 1 : 0,
          backoff: { jitter: 0 },
          priority: Math.floor(random() * 3),
        },
      ),
    );
    if (random() < 0.2) void tasks[Math.floor(random() * tasks.length)]?.cancel();
    if (random() < 0.3) await clock.advance(Math.floor(random() * 1_500));
  }
  await clock.advance(3_000_000);
  assert.equal(slots.peak, 3, `SEED=${seed}`);
  for (const { id } of tasks) {
    const ends = events.filter(
      ({ taskId, kind }) => taskId === id && ['completed', 'failed', 'cancelled'].includes(kind),
    );
    assert.equal(ends.length, 1, `SEED=${seed}`);
  }
  const { total, completed, failed, cancelled, pending, running } = runner.summary();
  assert.deepEqual([total, pending, running, completed + failed + cancelled], [300, 0, 0, 300]);
});

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

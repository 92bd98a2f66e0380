/** A task that awaits a child of its own lends its slot. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskContext } from '#offstage/index.js';
import { gate, Meter, never, outcome, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

test('one slot, children nested three deep: each parent lends it while it awaits', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const meter = new Meter();
  const nest =
    (depth: number) =>
    async (ctx: TaskContext): Promise<string> => {
      meter.enter();
      for (let turn = 0; turn < 3; turn++) await null;
      meter.leave();
      const below = depth === 0 ? '' : await ctx.submit(nest(depth - 1)).wait();
      meter.enter();
      for (let turn = 0; turn < 3; turn++) await null;
      meter.leave();
      return `${depth}${below}`;
    };
  const task = runner.submit(nest(3));
  const other = runner.submit(() => meter.during(() => 'other'), { priority: -1 });
  await clock.settle();
  assert.equal(await task.wait(), '3210');
  assert.equal(await other.wait(), 'other');
  assert.equal(meter.peak, 1);
});

test('one slot, Promise.all of five children, each with a child of its own', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const meter = new Meter();
  const parent = runner.submit(async (ctx) => {
    const children = [1, 2, 3, 4, 5].map((n) =>
      ctx.submit(async (inner) => (await inner.submit(() => meter.during(() => n)).wait()) * 10),
    );
    const sum = (await Promise.all(children.map((child) => child.wait()))).reduce((a, b) => a + b);
    return meter.during(() => sum);
  });
  await clock.settle();
  assert.equal(await parent.wait(), 150);
  assert.equal(meter.peak, 1);
});

test('one slot, Promise.race of children: no deadlock, and one slot again afterwards', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const open = gate<string>();
  const parent = runner.submit(async (ctx) => {
    const children = [ctx.submit(() => 'fast'), ctx.submit(() => open.promise)];
    return Promise.race(children.map((child) => child.wait()));
  });
  await clock.settle();
  assert.equal(await parent.wait(), 'fast');
  const meter = new Meter();
  const rest = [1, 2, 3].map(() => runner.submit(() => meter.during(async () => void (await null))));
  await clock.settle();
  assert.equal(meter.peak, 0, 'the slower child has the slot');
  open.open('slow');
  await Promise.all(rest.map((task) => task.wait()));
  assert.equal(meter.peak, 1);
});

test('a parent goes on when it has its slot back, before any other task starts', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const order: string[] = [];
  const parent = runner.submit(async (ctx) => {
    await ctx.submit(() => void order.push('child'), { priority: 9 }).wait();
    order.push('parent');
  });
  runner.submit(() => void order.push('other'), { priority: 5 });
  const ended = runner.waitAll();
  await clock.settle();
  await ended;
  assert.deepEqual(order, ['other', 'child', 'parent']);
  assert.equal(await parent.status(), 'completed');
});

test('a failing child rejects where it is awaited, and the parent may go on', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const cause = new Error('child');
  const parent = runner.submit(async (ctx) => {
    const { code, cause: got } = await outcome(ctx.submit(() => Promise.reject(cause)).wait());
    return [code, got === cause, runner.summary().running];
  });
  await clock.settle();
  assert.deepEqual(await parent.wait(), ['failed', true, 1]);
});

test('looking once at a child, and a wait that expires, give the slot back too', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const open = gate();
  const other = gate();
  const seen: unknown[] = [];
  const parent = runner.submit(async (ctx) => {
    const child = ctx.submit(() => open.promise);
    seen.push((await outcome(child.wait(0))).code);
    seen.push((await outcome(child.wait(5))).code);
    seen.push('back');
    await child.wait();
    return 'done';
  });
  runner.submit(() => other.promise, { priority: -1 });
  await clock.settle();
  assert.deepEqual(seen, ['wait_timeout'], 'who looks once keeps its slot');
  await clock.advance(5_000);
  assert.equal(seen.length, 1, 'the child has the slot and runs on');
  open.open();
  await clock.settle();
  assert.deepEqual(seen, ['wait_timeout', 'wait_timeout', 'back']);
  assert.equal(await parent.wait(), 'done');
  other.open();
});

test('a parent that is cancelled or timed out while it awaits goes on to its end, without waiting for a slot', async () => {
  for (const how of ['cancel', 'timeout'] as const) {
    const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
    let ended: unknown;
    const parent = runner.submit(
      async (ctx) => {
        ended = (await outcome(ctx.submit(untilAborted).wait())).code;
        ctx.signal.throwIfAborted();
      },
      { timeout: 10 },
    );
    await clock.settle();
    if (how === 'cancel') await parent.cancel();
    else await clock.advance(10_000);
    await clock.settle();
    assert.equal(ended, 'cancelled');
    assert.equal(await runner.submit(() => 'next').wait(), 'next');
    assert.equal(runner.summary().abandoned, 0);
  }
});

test('a wait for a child that never ends lends the slot to others meanwhile', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2, killGrace: 1 });
  const parent = runner.submit((ctx) => ctx.submit(never).wait());
  const others = [1, 2, 3].map((n) => runner.submit(() => n));
  await clock.settle();
  assert.deepEqual(await Promise.all(others.map((task) => task.wait())), [1, 2, 3]);
  await parent.cancel();
  await clock.advance(1_000);
  assert.equal(runner.summary().abandoned, 1);
});

/** A plain task has an execution only when somebody asks for it: whenever that is, it must be as if it had been there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunnerTaskHandle, TaskContext } from '#offstage/runner/index.js';
import type { TaskEvent } from '#offstage/wire/event.js';
import { collected, gate, kindsOf, never, outcome, record, watched } from './helpers.ts';
import { virtual } from './virtual.ts';

/** What a runner keeps of the task while it runs. */
const has = (task: RunnerTaskHandle<unknown>): boolean =>
  (task as unknown as { execution: unknown }).execution !== undefined;

test('nobody asks: none is made, neither for what returns at once nor for what takes a while', async () => {
  const { runner } = virtual();
  const sync: RunnerTaskHandle<boolean> = runner.submit(() => has(sync));
  const late: RunnerTaskHandle<boolean> = runner.submit(
    async (ctx) => {
      await null;
      return has(late) || ctx.name !== 'task' || ctx.input !== undefined;
    },
    { name: 'task' },
  );
  assert.deepEqual([await sync.wait(), await late.wait()], [false, false]);
  const asks: RunnerTaskHandle<boolean> = runner.submit(({ signal }) => signal.aborted || has(asks));
  const twice: RunnerTaskHandle<boolean> = runner.submit(() => has(twice), { retries: 1 });
  assert.deepEqual([await asks.wait(), await twice.wait()], [true, true]);
});

test('a context that is asked for the first time when its task has ended says what is so, and tells nothing any more', async () => {
  const { runner } = virtual();
  const kept: TaskContext[] = [];
  const keep = (ctx: TaskContext): unknown => kept.push(ctx);
  const tasks = [
    runner.submit(keep),
    runner.submit(async (ctx) => keep(ctx)),
    runner.submit((ctx) => {
      keep(ctx);
      throw new Error('thrown');
    }),
  ];
  await Promise.allSettled(tasks.map((task) => task.wait()));
  const events = record(runner);
  for (const [at, ctx] of kept.entries()) {
    assert.deepEqual([ctx.taskId, ctx.attempt, ctx.signal.aborted], [tasks[at]?.id, 1, false]);
    ctx.progress(0.5);
    ctx.log('late');
    assert.throws(() => ctx.submit(() => 1), { code: 'conflict' });
    await assert.rejects(ctx.requestInput({ key: 'k', message: 'm' }), { code: 'conflict' });
  }
  assert.deepEqual(events, []);
  assert.equal(runner.summary().total, 3);
});

for (const [how, name] of [
  ['cancelled', 'TaskCancelledError'],
  ['timed out', 'TimeoutError'],
] as const) {
  test(`code that was given up after it was ${how} sees its signal aborted, though it asks for the first time`, async () => {
    const { runner, clock } = virtual({ killGrace: 5 });
    const open = gate();
    let seen: unknown;
    const task = runner.submit(
      async (ctx) => {
        await open.promise;
        seen = ctx.signal.reason;
        ctx.signal.throwIfAborted();
      },
      { timeout: how === 'cancelled' ? 0 : 1 },
    );
    await clock.settle();
    if (how === 'cancelled') await task.cancel('enough');
    await clock.advance(6_001);
    await clock.settle();
    assert.equal(runner.summary().abandoned, 1);
    open.open();
    await clock.settle();
    assert.equal((seen as Error).name, name);
    const kinds = (await collected(task.events())).map(({ kind }) => kind);
    assert.deepEqual(kinds.slice(2), [how === 'cancelled' ? 'cancelled' : 'failed', 'abandoned']);
  });
}

test('code that cancels its own task goes on, and has stopped when it has returned', async () => {
  const { runner, clock } = virtual();
  const events = record(runner);
  let ctx!: TaskContext;
  let over: { now: unknown } | undefined;
  let followed: Promise<TaskEvent[]> = Promise.resolve([]);
  const task: RunnerTaskHandle<number> = runner.submit((given) => {
    ctx = given;
    over = watched(task.cancel('by itself', { stopped: true }));
    followed = collected(task.events({ follow: true }));
    return 1;
  });
  await assert.rejects(task.wait(), { code: 'cancelled' });
  await clock.settle();
  const kinds = kindsOf(events, task);
  assert.deepEqual(kinds, ['submitted', 'started', 'cancelled', 'late_result', 'stopped']);
  assert.deepEqual(over?.now, { value: true });
  assert.deepEqual(
    (await followed).map(({ kind }) => kind),
    kinds,
  );
  assert.equal((ctx.signal.reason as Error).name, 'TaskCancelledError');
});

test('the context of a first attempt, asked for the first time during the second, is that of the first', async () => {
  const { runner, clock } = virtual();
  const kept: TaskContext[] = [];
  const open = gate();
  const task = runner.submit(
    async (ctx) => {
      kept.push(ctx);
      if (kept.length === 1) throw new Error('once more');
      await open.promise;
    },
    { retries: 1, backoff: { initial: 0 } },
  );
  await clock.settle();
  assert.equal(kept.length, 2);
  assert.deepEqual(
    kept.map(({ attempt }) => attempt),
    [1, 2],
  );
  kept[0]?.progress(0.9);
  assert.equal((await task.snapshot()).progress, 0);
  kept[1]?.progress(0.4);
  assert.equal((await task.snapshot()).progress, 0.4);
  open.open();
  await task.wait();
});

test('however many wait for a task that lives, each gets its outcome', async () => {
  const { runner, clock } = virtual();
  for (const fails of [false, true]) {
    const open = gate<number>();
    const task = runner.submit(() => open.promise);
    const waits = Array.from({ length: 10_000 }, () => outcome(task.wait()));
    await clock.settle();
    if (fails) open.fail(new Error('thrown'));
    else open.open(7);
    const outcomes = await Promise.all(waits);
    assert.equal(outcomes.filter(({ value, code }) => (fails ? code === 'failed' : value === 7)).length, 10_000);
  }
  const idle = runner.submit(never);
  await clock.settle();
  assert.equal(await idle.cancel(), true);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, gate, never, outcome, watched } from './helpers.ts';
import { virtual } from './virtual.ts';

const again = { retries: 2, backoff: { initial: 1, factor: 1, jitter: 0 } };

test('a finished step never runs again; its value, falsy or not, is handed to further attempts', async () => {
  for (const value of ['x', 0, '', null, undefined, false]) {
    const { runner, clock } = virtual();
    let runs = 0;
    const seen: unknown[] = [];
    const task = runner.submit(async (ctx) => {
      seen.push(
        await ctx.step('one', () => {
          runs += 1;
          return value;
        }),
      );
      if (ctx.attempt < 3) throw new Error('again');
    }, again);
    await clock.advance(2_000);
    await task.wait();
    assert.deepEqual([runs, seen], [1, [value, value, value]]);
    assert.equal((await collected(task.events())).filter(({ kind }) => kind === 'step').length, 1);
  }
});

test('an error is not stored: it is for who awaits, and the step runs again', async () => {
  const { runner, clock } = virtual();
  let runs = 0;
  const task = runner.submit(async (ctx) => {
    const step = () =>
      ctx.step('one', async () => {
        runs += 1;
        if (runs < 3) throw new Error(`failed ${runs}`);
        return runs;
      });
    const first = await outcome(step());
    if (ctx.attempt === 1) assert.equal(first.message, 'failed 1');
    return step();
  }, again);
  await clock.advance(2_000);
  assert.equal(await task.wait(), 3);
});

test('two calls at once share one run', async () => {
  const { runner } = virtual();
  let runs = 0;
  const task = runner.submit((ctx) => Promise.all([1, 2, 3].map(() => ctx.step('k', async () => (runs += 1)))));
  assert.deepEqual(await task.wait(), [1, 1, 1]);
});

test('a step that an earlier attempt left hanging runs again, and its late end changes nothing', async () => {
  const { runner, clock } = virtual({ killGrace: 1 });
  const open = gate<string>();
  let runs = 0;
  const task = runner.submit(
    (ctx) =>
      ctx.step('slow', () => {
        runs += 1;
        return ctx.attempt === 1 ? open.promise : `attempt ${ctx.attempt}`;
      }),
    { ...again, timeout: 1 },
  );
  await clock.advance(1_999);
  assert.equal(runs, 1);
  await clock.advance(1_001);
  open.open('attempt 1, late');
  assert.equal(await task.wait(), 'attempt 2');
  assert.equal(runs, 2);
});

test('a step does not begin once the task was told to end', async () => {
  const { runner, clock } = virtual();
  const open = gate();
  let ran = false;
  let error: unknown;
  const task = runner.submit(async (ctx) => {
    await open.promise;
    error = await ctx.step('k', () => (ran = true)).catch((thrown) => thrown);
  });
  await clock.settle();
  await task.cancel();
  open.open();
  await clock.settle();
  assert.deepEqual([ran, (error as Error).name], [false, 'TaskCancelledError']);
});

test('a step that nobody awaits and that fails is no unhandled rejection', async () => {
  const seen: unknown[] = [];
  const see = (error: unknown): void => void seen.push(error);
  process.on('unhandledRejection', see);
  try {
    const { runner, clock } = virtual();
    await runner.submit((ctx) => void ctx.step('k', () => Promise.reject(new Error('x')))).wait();
    await clock.settle();
    await clock.settle();
    assert.deepEqual(seen, []);
  } finally {
    process.off('unhandledRejection', see);
  }
});

test('idempotencyKey is the same in each attempt and in no other task', async () => {
  const { runner, clock } = virtual();
  const keys: string[] = [];
  const fn = (ctx: { attempt: number; idempotencyKey(key: string): string }): void => {
    keys.push(ctx.idempotencyKey('pay'));
    if (ctx.attempt < 3) throw new Error('again');
  };
  runner.submit(fn, again);
  runner.submit(fn, again);
  await clock.advance(2_000);
  assert.equal(keys.length, 6);
  assert.equal(new Set(keys).size, 2);
});

test('keys and functions of steps are checked', async () => {
  const { runner } = virtual();
  const task = runner.submit(async (ctx) => {
    for (const [key, fn] of [
      ['', () => 1],
      [5, () => 1],
      ['x'.repeat(201), () => 1],
      ['k', 5],
      ['k', undefined],
    ] as const) {
      await assert.rejects(async () => ctx.step(key as string, fn as () => unknown), { name: 'InvalidArgumentError' });
    }
    assert.throws(() => ctx.idempotencyKey(''), { name: 'InvalidArgumentError' });
  });
  await task.wait();
});

test('a step that never ends holds nobody else up', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2 });
  const stuck = watched(runner.submit((ctx) => ctx.step('k', never)).wait());
  assert.equal(await runner.submit((ctx) => ctx.step('k', () => 'mine')).wait(), 'mine');
  await clock.settle();
  assert.equal(stuck.now, undefined);
});

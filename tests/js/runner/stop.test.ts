import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gate, never, untilAborted, watched } from './helpers.ts';
import { virtual } from './virtual.ts';

test('stop cancels what waits at once, what runs too, refuses the rest, and resolves when all has ended', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const open = gate();
  let started = 0;
  const running = runner.submit(() => open.promise);
  const queued = runner.submit(() => (started += 1));
  const delayed = runner.submit(() => (started += 1), { delay: 1 });
  await clock.settle();
  const stopped = watched(runner.stop());
  assert.throws(() => runner.submit(() => 1), { name: 'ConflictError', code: 'conflict' });
  for (const task of [running, queued, delayed]) {
    assert.equal(await task.status(), 'cancelled');
    await assert.rejects(task.wait(), { code: 'cancelled', message: /stopped/ });
  }
  await clock.advance(4_000);
  assert.equal(stopped.now, undefined, 'the function has not ended');
  open.open();
  await clock.settle();
  assert.deepEqual(stopped.now, { value: undefined });
  await clock.advance(100_000);
  assert.equal(started, 0);
});

test('stop gives up what does not end in killGrace', async () => {
  const { runner, clock } = virtual({ killGrace: 2 });
  runner.submit(never);
  await clock.settle();
  const stopped = watched(runner.stop());
  await clock.advance(1_999);
  assert.equal(stopped.now, undefined);
  await clock.advance(1);
  assert.deepEqual(stopped.now, { value: undefined });
  assert.equal(runner.summary().abandoned, 1);
});

test('with drain, what runs may end, also by a retry; what is left is aborted then', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 3 });
  const open = gate<string>();
  const ending = runner.submit(() => open.promise);
  const retrying = runner.submit(
    ({ attempt }) => {
      if (attempt === 1) throw new Error('once more');
      return 'second';
    },
    { retries: 1, backoff: { initial: 2, jitter: 0 }, delay: 1 },
  );
  const long = runner.submit(untilAborted);
  await clock.advance(1_500);
  assert.equal(await retrying.status(), 'pending');
  const stopped = watched(runner.stop({ drain: 10 }));
  assert.equal(await retrying.status(), 'cancelled', 'what waits is cancelled at once');
  open.open('in time');
  assert.equal(await ending.wait(), 'in time');
  await clock.advance(9_999);
  assert.equal(await long.status(), 'running');
  assert.equal(stopped.now, undefined);
  await clock.advance(1);
  assert.equal(await long.status(), 'cancelled');
  assert.deepEqual(stopped.now, { value: undefined });
});

test('a second stop can only shorten the drain; both resolve', async () => {
  const { runner, clock } = virtual();
  runner.submit(untilAborted);
  await clock.settle();
  const both = [watched(runner.stop({ drain: 100 })), watched(runner.stop({ drain: 1_000 }))];
  await clock.advance(50_000);
  assert.deepEqual(
    both.map(({ now }) => now),
    [undefined, undefined],
  );
  const third = watched(runner.stop());
  await clock.settle();
  for (const one of [...both, third]) assert.deepEqual(one.now, { value: undefined });
});

test('stop of an idle runner, and of a stopped one, resolves; so does asyncDispose', async () => {
  const { runner, clock } = virtual();
  await runner.stop();
  await runner.stop({ drain: 5 });
  await runner[Symbol.asyncDispose]();
  assert.throws(() => runner.submit(() => 1), { code: 'conflict' });
  assert.throws(() => runner.submit(() => 1, { retries: 1 }), { code: 'conflict' });
  assert.throws(() => runner.submitMany([{ fn: () => 1 }]), { code: 'conflict' });
  await assert.rejects(
    runner.runOrBackground(() => 1),
    { code: 'conflict' },
  );
  await clock.settle();
  assert.equal(clock.holding, 0);
});

test('a running task cannot submit children once the runner stops', async () => {
  const { runner, clock } = virtual();
  const open = gate();
  let error: unknown;
  const parent = runner.submit(async (ctx) => {
    await open.promise;
    try {
      ctx.submit(() => 1);
    } catch (thrown) {
      error = thrown;
    }
    return 'ended';
  });
  await clock.settle();
  const stopped = runner.stop({ drain: 60 });
  open.open();
  await stopped;
  assert.equal((error as { code?: string }).code, 'conflict');
  assert.equal(await parent.wait(), 'ended');
});

test('stop cancels tasks that wait for a person', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit((ctx) => ctx.requestInput({ key: 'k', message: 'm' }));
  await clock.settle();
  await runner.stop({ drain: 60 });
  assert.equal(await task.status(), 'cancelled');
});

for (const [options, message] of [
  [{ drain: -1 }, /drain: got -1/],
  [{ drain: 'x' }, /drain: got "x"/],
  [{ grace: 1 }, /unknown option 'grace'/],
] as const) {
  test(`stop(${JSON.stringify(options)}) is refused and stops nothing`, async () => {
    const { runner } = virtual();
    await assert.rejects(async () => runner.stop(options as never), { name: 'InvalidArgumentError', message });
    assert.equal(await runner.submit(() => 1).wait(), 1);
  });
}

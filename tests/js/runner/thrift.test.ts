/** What a runner saves on many tasks must not be seen by any one of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackgroundRunner, type RunnerTaskHandle } from '#offstage/runner/index.js';
import { gate } from './helpers.ts';
import { VirtualClock, virtual } from './virtual.ts';

/** Counts the timers that are made. Time goes by a little with every look at it, as it really does. */
class CountingClock extends VirtualClock {
  made = 0;
  #gone = 0;

  override timer(callback: () => void, ms: number) {
    this.made += 1;
    return super.timer(callback, ms);
  }

  override mono(): number {
    this.#gone += 0.001;
    return super.mono() + this.#gone;
  }
}

test('one timer serves many ends', async () => {
  const clock = new CountingClock();
  const runner = new BackgroundRunner({}, clock);
  runner.pause();
  const handles = Array.from({ length: 1_000 }, () => runner.submit(() => 1));
  for (const handle of handles) assert.equal(await handle.cancel(), true);
  assert.equal(runner.summary().cancelled, 1_000);
  assert.equal(clock.made, 1);
  await runner.stop();
});

test('one timer serves many attempts', async () => {
  const clock = new CountingClock();
  const runner = new BackgroundRunner({ maxConcurrentTasks: 5 }, clock);
  const results = Array.from({ length: 1_000 }, (_, index) => runner.submit(async () => index).wait());
  await clock.settle();
  assert.deepEqual(
    await Promise.all(results),
    results.map((_, index) => index),
  );
  assert.equal(clock.made, 1);
  await runner.stop();
});

test('dropped tasks tell their own times, priorities and timeouts', async () => {
  const { runner, clock } = virtual({ maxRetained: 1, maxConcurrentTasks: 1 });
  const handles: RunnerTaskHandle<unknown>[] = [];
  const add = (options?: { timeout?: number; priority?: number }): number =>
    handles.push(runner.submit(() => clock.jump(5), options));
  add();
  await clock.advance(100);
  add();
  add();
  await clock.advance(100);
  add({ timeout: 7 });
  await clock.advance(100);
  add({ priority: 3 });
  await clock.advance(100);
  add(); // so that all others are dropped
  await clock.settle();
  assert.equal(runner.tasks.length, 1);
  const start = clock.wall() - clock.mono() + 1_000;
  const seen = await Promise.all(
    handles.slice(0, 5).map(async (handle) => {
      const { createdAt, startedAt, completedAt, priority, timeoutSec } = await handle.snapshot();
      const times = [createdAt, startedAt, completedAt].map((at) => (at?.getTime() ?? Number.NaN) - start);
      return [...times, priority, timeoutSec];
    }),
  );
  assert.deepEqual(seen, [
    [0, 0, 5, 0, 300],
    [100, 100, 105, 0, 300],
    [100, 105, 110, 0, 300],
    [200, 200, 205, 0, 7],
    [300, 300, 305, 3, 300],
  ]);
  await runner.stop();
});

test('waitAll waits for what the callback of the last task submits, onRoom counts what was just submitted', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const order: string[] = [];
  const last = gate();
  runner.submit(() => order.push('first'), {
    onComplete: () =>
      void runner
        .submit(() => last.promise)
        .wait()
        .then(() => order.push('second')),
  });
  const all = runner.waitAll().then(() => order.push('all'));
  await clock.settle();
  assert.deepEqual(order, ['first']);
  last.open();
  await all;
  assert.deepEqual(order, ['first', 'second', 'all']);

  runner.pause();
  for (let count = 0; count < 3; count++) runner.submit(() => 1);
  void runner.onRoom(3).then(() => order.push('room'));
  await clock.settle();
  assert.equal(order.includes('room'), false);
  runner.resume();
  await clock.settle();
  assert.equal(order.at(-1), 'room');
  await runner.stop();
});

test('more promises at once than there are followers kept, settled in another order, one that never does among them', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 300 });
  for (let time = 0; time < 2; time++) {
    const gates = Array.from({ length: 200 }, () => gate<number>());
    const waits = gates.map(({ promise }) => runner.submit(() => promise).wait());
    runner.submit(() => new Promise(() => {}));
    await clock.settle();
    for (const [index, { open, fail }] of [...gates.entries()].reverse()) index % 3 === 0 ? fail(index) : open(index);
    const seen = (await Promise.allSettled(waits)).map((end) =>
      end.status === 'fulfilled' ? ['result', end.value] : ['cause', end.reason.cause],
    );
    assert.deepEqual(
      seen,
      gates.map((_, index) => [index % 3 === 0 ? 'cause' : 'result', index]),
    );
  }
  assert.equal(runner.summary().running, 2);
  runner.cancelAll();
  await clock.advance(6_000);
  await runner.stop();
});

test('a promise that cannot be followed fails its task and no other', async () => {
  class Unfollowed extends Promise<number> {
    static override get [Symbol.species](): PromiseConstructor {
      throw new Error('no followers');
    }
  }
  const { runner } = virtual();
  const bad = runner.submit(() => new Unfollowed((resolve) => resolve(1)));
  const good = Array.from({ length: 20 }, (_, index) => runner.submit(async () => index));
  await assert.rejects(bad.wait(), { code: 'failed', message: /no followers/ });
  assert.deepEqual(
    await Promise.all(good.map((handle) => handle.wait())),
    good.map((_, index) => index),
  );
  await runner.stop();
});

test('a cancel answers for its own task: true once, then false; what is wrong rejects', async () => {
  const { runner } = virtual();
  runner.pause();
  const [first, second] = [runner.submit(() => 1), runner.submit(() => 2)];
  const answers = [first.cancel(), first.cancel(), second.cancel('late'), second.cancel()];
  assert.deepEqual(await Promise.all(answers), [true, false, true, false]);
  await assert.rejects(first.cancel(null as never), { code: 'invalid_argument' });
  await assert.rejects(first.wait(), { code: 'cancelled' });
  await runner.stop();
});

test('all who wait for a failure get the same error, and what was thrown is its cause', async () => {
  const { runner } = virtual();
  for (const thrown of [new Error('broken'), 'a text', undefined]) {
    const handle = runner.submit(async () => {
      throw thrown;
    });
    const [one, two] = await Promise.allSettled([handle.wait(), handle.wait()]);
    assert.equal(one.status, 'rejected');
    assert.equal(two.status, 'rejected');
    assert.equal(one.reason, two.reason);
    assert.equal(one.reason.cause, thrown);
  }
  await runner.stop();
});

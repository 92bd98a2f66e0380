/**
 * Fake timers drive a runner, and leave nothing broken. Each is played with the real `mock.timers` of node:test and with
 * `Fakes`, which replace all that Jest and Vitest replace.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { clocks as node } from '#offstage/platform/node.js';
import { BackgroundRunner, type RunnerOptions } from '#offstage/runner/index.js';
import { until, within } from '../../waiting.ts';
import { Fakes, turn } from './fakes.ts';
import { gate, never, outcome, untilAborted } from './helpers.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Faking {
  /** Time goes by, in parts; everything settles in between. */
  advance(ms: number): Promise<void>;
  restore(): void;
}

type Api = 'setTimeout' | 'setInterval' | 'setImmediate' | 'Date';

function mocked(t: TestContext, apis: Api[], part = MINUTE): Faking {
  t.mock.timers.enable({ apis });
  return {
    async advance(ms) {
      await turn();
      for (let left = ms; left > 0; left -= part) {
        t.mock.timers.tick(Math.min(part, left));
        await turn();
      }
    },
    restore: () => t.mock.timers.reset(),
  };
}

function faked(t: TestContext, names?: Parameters<Fakes['install']>[0], now?: number): Fakes {
  const fakes = new Fakes(now);
  fakes.install(names);
  t.after(() => fakes.restore());
  return fakes;
}

const KINDS: Record<string, (t: TestContext) => Faking> = {
  'node:test, timers and Date': (t) => mocked(t, ['setTimeout', 'Date']),
  'node:test, everything': (t) => mocked(t, ['setTimeout', 'setInterval', 'setImmediate', 'Date']),
  'node:test, timers alone': (t) => mocked(t, ['setTimeout']),
  'as Jest and Vitest': (t) => faked(t),
  'as Jest and Vitest, performance left alone': (t) => faked(t, ['setTimeout', 'clearTimeout', 'Date']),
  'as Jest and Vitest, Date left alone': (t) => faked(t, ['setTimeout', 'clearTimeout', 'performance']),
  'as Jest and Vitest, a Date of long ago': (t) => faked(t, undefined, 0),
};

/** Nothing of a runner may keep the process of the tests. */
function made(t: TestContext, options: RunnerOptions = {}): BackgroundRunner {
  const runner = new BackgroundRunner(options);
  t.after(() => void runner.stop());
  return runner;
}

for (const [kind, fake] of Object.entries(KINDS)) {
  test(`${kind}: a delayed task starts when the fake clock gets there, not before`, async (t) => {
    const time = fake(t);
    const runner = made(t);
    const task = runner.submit(() => 'ran', { delay: 3600 });
    await time.advance(HOUR - MINUTE);
    assert.equal(await task.status(), 'pending');
    await time.advance(2 * MINUTE);
    assert.equal(await task.wait(), 'ran');
  });

  test(`${kind}: a timeout ends what runs, the grace after it gives it up`, async (t) => {
    const time = fake(t);
    const runner = made(t, { killGrace: 30 });
    const heeds = runner.submit(untilAborted, { timeout: '20m' });
    const deaf = runner.submit(never, { timeout: '20m' });
    await time.advance(19 * MINUTE);
    assert.deepEqual([await heeds.status(), await deaf.status()], ['running', 'running']);
    await time.advance(MINUTE);
    assert.equal((await outcome(heeds.wait())).code, 'timeout');
    assert.equal((await outcome(deaf.wait())).code, 'timeout');
    assert.equal(runner.summary().abandoned, 0);
    await time.advance(MINUTE);
    assert.equal(runner.summary().abandoned, 1);
  });

  test(`${kind}: backoff is waited for, each time longer`, async (t) => {
    const time = fake(t);
    const runner = made(t);
    let starts = 0;
    const task = runner.submit(
      () => {
        starts += 1;
        throw new Error('not yet');
      },
      { retries: 3, backoff: { initial: 120, factor: 2, max: 3600, jitter: 0 } },
    );
    const seen: number[] = [];
    for (const minutes of [1, 1, 3, 1, 7, 1]) {
      await time.advance(minutes * MINUTE);
      seen.push(starts);
    }
    assert.deepEqual(seen, [1, 2, 2, 3, 3, 4]);
    assert.equal((await outcome(task.wait())).code, 'failed');
  });

  test(`${kind}: a wait is over when its time is, and the task runs on`, async (t) => {
    const time = fake(t);
    const runner = made(t);
    const open = gate<string>();
    const task = runner.submit(() => open.promise);
    const [waiting, all] = [outcome(task.wait('3m')), outcome(runner.waitAll(180))];
    await time.advance(3 * MINUTE);
    assert.deepEqual([(await waiting).code, (await all).code], ['wait_timeout', 'wait_timeout']);
    open.open('done');
    assert.equal(await task.wait(), 'done');
  });

  test(`${kind}: tasks that need no time need none, a thousand of them either`, async (t) => {
    const time = fake(t);
    const runner = made(t);
    assert.equal(await within(runner.submit(async () => 42).wait(), {}), 42);
    await time.advance(HOUR);
    const tasks = Array.from({ length: 1000 }, (_, at) => runner.submit(() => at));
    const results = await within(Promise.all(tasks.map((task) => task.wait())), { what: 'a thousand results' });
    assert.equal(results[999], 999);
  });

  test(`${kind}: what was submitted before the fakes, and waits, is driven by them and goes on after them`, async (t) => {
    const runner = made(t);
    const early = runner.submit(untilAborted, { timeout: '10m' });
    const late = runner.submit(untilAborted, { timeout: '20m' });
    await turn();
    const time = fake(t);
    runner.submit(() => 1);
    await time.advance(10 * MINUTE);
    assert.equal((await outcome(early.wait())).code, 'timeout');
    time.restore();
    assert.equal(await late.status(), 'running');
    assert.equal(await within(runner.submit(() => 'real', { delay: 0.01 }).wait(), {}), 'real');
  });

  test(`${kind}: a task whose fake timer never rings is not lost when the fakes are gone, though nobody asks`, async (t) => {
    const time = fake(t);
    const runner = made(t);
    const ended = gate<string>();
    const limited = runner.submit(untilAborted, { timeout: 0.03, onComplete: ({ status }) => ended.open(status) });
    await turn();
    time.restore();
    assert.equal(
      await within(ended.promise, { what: 'the timeout of a task that was started under fake timers' }),
      'failed',
    );
    assert.equal((await outcome(limited.wait())).code, 'timeout');
    const started = performance.now();
    await within(runner.submit(() => 1, { delay: 0.05 }).wait(), {});
    assert.ok(performance.now() - started >= 45, 'real time counts again');
  });

  test(`${kind}: fakes that come again drive it again`, async (t) => {
    const runner = made(t);
    for (let round = 0; round < 3; round++) {
      const time = fake(t);
      const task = runner.submit(() => round, { delay: 1800 });
      await time.advance(40 * MINUTE); // node:test rings what is started while it rings at its next tick only
      assert.equal(await task.wait(0), round);
      time.restore();
      assert.equal(await within(runner.submit(() => 'real', { delay: 0.01 }).wait(), {}), 'real');
    }
  });
}

test('one long tick of node:test is enough', async (t) => {
  const time = mocked(t, ['setTimeout', 'Date'], 2 * HOUR);
  const runner = made(t);
  const delayed = runner.submit(() => 'ran', { delay: 3600 });
  const limited = runner.submit(untilAborted, { timeout: 3600 });
  await time.advance(HOUR);
  assert.deepEqual([await delayed.wait(), (await outcome(limited.wait())).code], ['ran', 'timeout']);
});

test('what is submitted while the fake clock stands between two timers counts from there', async (t) => {
  for (const kind of ['node:test, timers and Date', 'as Jest and Vitest', 'as Jest and Vitest, Date left alone']) {
    const time = (KINDS[kind] as (typeof KINDS)[string])(t);
    const runner = made(t);
    runner.submit(untilAborted, { timeout: '40m' });
    await time.advance(20 * MINUTE);
    const second = runner.submit(untilAborted, { timeout: '30m' });
    await time.advance(29 * MINUTE);
    assert.equal(await second.status(), 'running', kind);
    await time.advance(MINUTE);
    assert.equal((await outcome(second.wait())).code, 'timeout', kind);
    time.restore();
  }
});

test('a moment is one of the fake Date, also after that was set', async (t) => {
  const fakes = faked(t, undefined, Date.UTC(2020, 0, 1));
  const runner = made(t);
  const first = runner.submit(() => 'first', { runAt: new Date('2020-01-01T00:30:00Z') });
  await fakes.advance(29 * MINUTE);
  assert.equal(await first.status(), 'pending');
  await fakes.advance(MINUTE);
  assert.equal(await first.wait(), 'first');
  assert.equal((await first.snapshot()).createdAt?.toISOString(), '2020-01-01T00:00:00.000Z');
  fakes.setDate(Date.UTC(2030, 0, 1));
  const second = runner.submit(() => 'second', { runAt: new Date('2030-01-01T00:00:30Z') });
  await fakes.advance(29_000);
  assert.equal(await second.status(), 'pending');
  await fakes.advance(1_000);
  assert.equal(await second.wait(), 'second');
});

test('a Date that was set is no lost alarm, where it is the only clock there is', async (t) => {
  const fakes = faked(t, ['setTimeout', 'clearTimeout', 'Date'], Date.UTC(2020, 0, 1));
  const runner = made(t);
  runner.submit(untilAborted, { timeout: '1h' });
  await turn();
  fakes.setDate(Date.UTC(2030, 0, 1));
  const task = runner.submit(() => 'ran', { delay: 30 });
  await fakes.advance(29_000);
  assert.equal(await task.status(), 'pending');
  await fakes.advance(1_000);
  assert.equal(await task.wait(), 'ran');
});

test('a Date that stands still stops no real timer', async (t) => {
  for (const stand of [() => mocked(t, ['Date']), () => faked(t, ['Date'])]) {
    const time = stand();
    const runner = made(t);
    const started = performance.now();
    assert.equal(await within(runner.submit(() => 'ran', { delay: 0.05 }).wait(), {}), 'ran');
    assert.ok(performance.now() - started >= 45);
    time.restore();
  }
});

test('fake timers that are thrown away are started anew when the fakes are gone', async (t) => {
  const fakes = faked(t);
  const runner = made(t);
  const task = runner.submit(() => 'ran', { delay: 0.02 });
  await turn();
  assert.ok(fakes.timers > 0);
  fakes.clear();
  fakes.restore();
  assert.equal(await within(task.wait(), {}), 'ran');
});

test('no timer of a runner that has nothing to do is left in the hands of the fakes', async (t) => {
  const fakes = faked(t);
  node.mono(); // the timers of other tests' runners go over to the fakes
  const others = fakes.timers;
  const runner = made(t, { cleanupDelay: 60 });
  await within(runner.submit(() => 1).wait(), {});
  const open = gate();
  const task = runner.submit(() => open.promise);
  const waiting = task.wait(30);
  await turn();
  open.open();
  await waiting;
  await runner.stop();
  await fakes.advance(5 * MINUTE);
  assert.deepEqual([runner.tasks.length, fakes.timers], [0, others]);
});

test('what a callback throws is heard although microtasks are fake', async (t) => {
  const fakes = faked(t);
  const runner = made(t);
  const heard: unknown[] = [];
  const listener = (error: unknown): void => void heard.push(error);
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', listener);
  t.after(() => {
    process.off('uncaughtException', listener);
    for (const one of before) process.on('uncaughtException', one);
  });
  const error = new Error('thrown by a callback');
  runner.submit(() => 1, {
    onComplete: () => {
      throw error;
    },
  });
  await turn();
  await turn();
  fakes.restore();
  await until(() => heard.length > 0);
  assert.deepEqual(heard, [error]);
});

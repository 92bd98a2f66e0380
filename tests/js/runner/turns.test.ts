/** Others have their turn at least every ten milliseconds. The clock goes on with each look at it, so nothing here measures time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Platform } from '#offstage/platform/types.js';
import { BackgroundRunner } from '#offstage/runner/index.js';
import { microtasks, VirtualClock } from './virtual.ts';

const TASKS = 200_000;
/** Milliseconds between two looks at the clock; there is at least one look a task. */
const LOOK = 0.002;
/** Between two glances of the driver. */
const STARTS = 64;

/** Notes when others are to have their turn, and when they have had it. */
class Noting extends VirtualClock implements Platform {
  readonly turns: { began: number; ended: number }[] = [];
  #gone = 0;
  #began = 0;

  override mono(): number {
    this.#gone += LOOK;
    return this.#gone;
  }

  override defer(callback: () => void): void {
    this.turns.push({ began: this.#began, ended: this.#gone });
    setImmediate(() => {
      this.#began = this.#gone;
      callback();
    });
  }
}

const NOOPS: Record<string, () => unknown> = { synchronous: () => 1, asynchronous: async () => 1 };

for (const [kind, work] of Object.entries(NOOPS)) {
  test(`beside 200,000 ${kind} no-ops nobody waits for more than 10 ms`, async () => {
    const clock = new Noting();
    const runner = new BackgroundRunner({ maxRetained: 0 }, clock);
    for (let count = 0; count < TASKS; count++) runner.submit(work);
    await runner.waitAll();
    const [first, ...rest] = clock.turns;
    assert.ok(first !== undefined && rest.length >= (TASKS * LOOK) / 12, `${rest.length} turns`);
    const longest = Math.max(...rest.map(({ began, ended }) => ended - began));
    assert.ok(longest <= 10 + 3 * STARTS * LOOK, `${longest} ms`);
    await runner.stop();
    await microtasks();
  });
}

test('a look at which nothing starts takes nobody a turn', async () => {
  class Counting extends VirtualClock {
    defers = 0;

    override defer(callback: () => void): void {
      this.defers += 1;
      super.defer(callback);
    }
  }
  const clock = new Counting();
  const runner = new BackgroundRunner({}, clock);
  const late = runner.submit(() => 1, { delay: 7_200 });
  await clock.advance(7_199_000); // wall time is looked at every minute
  assert.deepEqual([await late.status(), clock.defers], ['pending', 0]);
  await clock.advance(1_000);
  assert.equal(await late.wait(), 1);
  await runner.stop();
});

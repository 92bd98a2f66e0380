/** No wake is lost between processes that all work, wait and cancel: the short form of what `npm run torture` does for long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wakeRound } from '../../../torture/wakes.js';

const SEED = Number(process.env.SEED ?? 14);

for (const processes of [2, 4]) {
  test(`${processes} processes without any safety net: every task ends, every wait is told`, async (t) => {
    const ran = await wakeRound(t, { seed: SEED + processes, tasks: 60, processes });
    assert.ok(
      ran.every((tasks) => tasks > 0),
      `each of them has run some: ${ran}`,
    );
  });
}

test('a worker that is not told would be found out', async (t) => {
  const planted = wakeRound(t, { seed: SEED, tasks: 20, processes: 2, deaf: true, patience: 5_000 });
  await assert.rejects(planted, /SEED=\d+: \d+ hang/);
});

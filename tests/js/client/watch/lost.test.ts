/** No wake is lost, without any safety net: the short form of what `npm run torture` does for long. */
import { test } from 'node:test';
import { waitRound } from '../../../torture/waits.js';

const SEED = Number(process.env.SEED ?? 14);

test('600 who wait for what another process ends are all told by its commits', (t) =>
  waitRound(t, { seed: SEED, tasks: 600, kills: 0 }).then(({ half, most, processor }) =>
    t.diagnostic(`half within ${half} ms, all within ${most} ms, ${Math.round(processor)} us of processor a task`),
  ));

/** What time makes due is walked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sweep } from '#offstage/ports/sweep.js';
import { sweep } from '#offstage/reap/due.js';

/** Writes down when it is run. */
function planned(name: string, at: number | null, runs: string[], done = 1): Sweep {
  return {
    name,
    nextAt: async () => at,
    run: async (now) => {
      runs.push(`${name} at ${now}`);
      return done;
    },
  };
}

test('those that have something to do now are run in order, the others are not', async () => {
  const runs: string[] = [];
  const sweeps = [
    planned('past', 5, runs, 2),
    planned('none', null, runs),
    planned('now', 10, runs),
    planned('later', 11, runs),
  ];
  assert.equal(await sweep(sweeps, 10), 3);
  assert.deepEqual(runs, ['past at 10', 'now at 10']);
});

test('one that fails keeps no other from its turn, and whoever asked is told', async () => {
  const runs: string[] = [];
  const fails = (what: 'nextAt' | 'run'): Sweep => ({
    ...planned('fails', 0, runs),
    [what]: async () => {
      throw new Error(`no ${what}`);
    },
  });
  await assert.rejects(sweep([fails('nextAt'), planned('next', 0, runs), fails('run')], 1), /no nextAt/);
  await assert.rejects(sweep([fails('run'), planned('last', 0, runs)], 2), /no run/);
  assert.deepEqual(runs, ['next at 1', 'last at 2']);
});

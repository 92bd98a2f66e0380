import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RACES, raced } from '../../torture/races.js';

const ROUNDS = Number(process.env.RACES ?? 60);

for (const race of RACES) {
  test(`${race.name}: one winner, and the loser is told`, { timeout: 600_000 }, async (t) => {
    const wins = await raced(t, race, ROUNDS);
    assert.equal(wins[0] + wins[1], ROUNDS);
    assert.ok(wins[0] > 0 && wins[1] > 0, 'each can win');
  });
}

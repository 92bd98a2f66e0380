import { test } from 'node:test';
import { carefulRound } from '../torture/careful.js';
import { killRound } from '../torture/kill.js';
import { truthRound } from '../torture/truth.js';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test('workers killed at random: one outcome each, no overlap, nothing lost', (t) => killRound(t, seed, 12, 3));

test('everything killed at random: steps that are done stay done, answers count once, no overlap', (t) =>
  carefulRound(t, seed, 6, 4));

test('who waits for what a killed worker holds is told that it is lost, each of them', async (t) => {
  const { half, all } = await truthRound(t, { tasks: 60 });
  t.diagnostic(`half within ${half} ms, all within ${all} ms`);
});

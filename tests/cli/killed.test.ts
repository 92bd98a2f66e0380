import { test } from 'node:test';
import { carefulRound } from '../torture/careful.js';
import { killRound } from '../torture/kill.js';
import { truthRound } from '../torture/truth.js';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test('workers killed at random: one outcome each, no overlap, nothing lost', async (t) => {
  await killRound(t, { seed, tasks: 12, kills: 3 });
});

test('so it is with four workers beside each other', async (t) => {
  const began = await killRound(t, { seed, tasks: 12, kills: 3, processes: 4 });
  t.diagnostic(`each of them began ${began.join(', ')}`);
});

test('everything killed at random: steps that are done stay done, answers count once, no overlap', async (t) => {
  await carefulRound(t, { seed, tasks: 6, kills: 4 });
});

test('who waits for what a killed worker holds is told that it is lost, each of them', async (t) => {
  const { half, all } = await truthRound(t, { tasks: 60 });
  t.diagnostic(`half within ${half} ms, all within ${all} ms`);
});

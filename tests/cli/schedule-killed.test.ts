import { test } from 'node:test';
import { scheduleRound } from '../torture/schedules.js';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test('processes that submit for schedules killed at random: each moment one task', (t) =>
  scheduleRound(t, { seed, schedules: 8, moments: 6, kills: 5 }));

import { test } from 'node:test';
import { killRound } from '../torture/kill.js';

test('workers killed at random: one outcome each, no overlap, nothing lost', (t) =>
  killRound(t, Number(process.env.SEED ?? Date.now() % 2 ** 31), 12, 3));

/** The long form: `npm run torture`. `ROUNDS=20 SEED=1 npm run torture` */
import { test } from 'node:test';
import { killRound } from './kill.js';

const rounds = Number(process.env.ROUNDS ?? 10);
const first = Number(process.env.SEED ?? Date.now() % 2 ** 31);

for (let round = 0; round < rounds; round++) {
  test(`workers killed at random, SEED=${first + round}`, { timeout: 300_000 }, (t) =>
    killRound(t, first + round, 40, 8),
  );
}

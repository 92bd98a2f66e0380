import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unhandledDuring } from './invariants.ts';
import { ACTIONS, play, type Schedule, SHAPES } from './races.ts';

/** Microtasks between the submit and the first thing that happens: by then a task waits for its gate. */
const FIRST = 9;
/** Microtasks between the first and the second. */
const SECOND = 3;

const actions = Object.keys(ACTIONS);
const shapes = Object.keys(SHAPES);

async function checked(pair: readonly [string, string], schedule: Schedule, note = ''): Promise<void> {
  try {
    await play(pair, schedule);
  } catch (error) {
    const text = schedule.map(([ticks, action]) => `${action} after ${ticks}`).join(', ');
    throw new Error(`${pair.join(' and ')}: ${text}${note}: ${(error as Error).message}`, { cause: error });
  }
}

for (const shape of shapes) {
  test(`${shape}, with one that obeys behind it: any two things between any two microtasks`, async () => {
    const unhandled = await unhandledDuring(async () => {
      for (const one of actions) {
        for (const two of actions) {
          for (let first = 0; first < FIRST; first++) {
            for (let gap = 0; gap < SECOND; gap++) {
              await checked(
                [shape, 'one that obeys'],
                [
                  [first, one],
                  [first + gap, two],
                ],
              );
            }
          }
        }
      }
    });
    assert.deepEqual(unhandled, []);
  });
}

test('any pair, any four things at any time: drawn by lot', async () => {
  const seed = Number(process.env.SEED ?? 3_141_592);
  const runs = Number(process.env.SEQUENCES ?? 4_000);
  let state = seed;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
  const one = <T>(of: readonly T[]): T => of[draw(of.length)] as T;
  const unhandled = await unhandledDuring(async () => {
    for (let run = 0; run < runs; run++) {
      const schedule = Array.from({ length: 4 }, () => [draw(30), one(actions)] as const);
      await checked([one(shapes), one(shapes)], schedule, ` (SEED=${seed})`);
    }
  });
  assert.deepEqual(unhandled, []);
});

test('the scheduler reaches what it is for: each way to end, each fact after an end', async () => {
  const seen = new Set<string>();
  for (const shape of shapes) {
    for (const one of actions) {
      for (const event of await play(
        [shape, 'one that obeys'],
        [
          [6, one],
          [8, 'give up'],
        ],
      ))
        seen.add(event.kind);
    }
  }
  for (const kind of [
    'completed',
    'failed',
    'cancelled',
    'stopped',
    'abandoned',
    'late_result',
    'input_requested',
    'input_answered',
    'retry_scheduled',
  ]) {
    assert.ok(seen.has(kind), kind);
  }
});

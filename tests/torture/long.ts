/** The long form: `npm run torture`. `ROUNDS=20 SEED=1 RACES=5000 REPLACED=50 PROCESSES=4 LATE=250 npm run torture` */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { carefulRound } from './careful.js';
import { clockRound } from './clocks.js';
import { ALL, floodRound } from './floods.js';
import { grown } from './growth.js';
import { heldRound } from './held.js';
import { killRound } from './kill.js';
import { outboxRound } from './outbox.js';
import { pausedRound } from './paused.js';
import { RACES, raced } from './races.js';
import { replacedRound } from './replaced.js';
import { scheduleRound } from './schedules.js';
import { type Late, truthRound } from './truth.js';
import { newerBuild, versionsRound } from './versions.js';
import { waitRound } from './waits.js';
import { wakeRound } from './wakes.js';

const rounds = Number(process.env.ROUNDS ?? 10);
const races = Number(process.env.RACES ?? 1000);
const replacements = Number(process.env.REPLACED ?? 50);
const processes = Number(process.env.PROCESSES ?? 4);
/** Milliseconds within which every wait is told although who ends tasks is killed; for a machine that has nothing else to do. */
const late = Number(process.env.LATE ?? Number.POSITIVE_INFINITY);
const first = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const lateOf = ({ half, most, all }: Late): string =>
  `half within ${half} ms, 99 % within ${most} ms, all within ${all} ms`;

/** Of several workers more than one has worked. */
function atWork(t: TestContext, began: readonly number[]): void {
  t.diagnostic(`each of them began ${began.join(', ')}`);
  assert.ok(began.length === 0 || began.filter((tasks) => tasks > 0).length > 1);
}

for (let round = 0; round < rounds; round++) {
  for (const workers of new Set([1, processes])) {
    const how = { seed: first + round, processes: workers };
    const name = `${workers} at once, SEED=${how.seed}`;
    test(`workers killed at random, ${name}`, { timeout: 300_000 }, async (t) =>
      atWork(t, await killRound(t, { ...how, tasks: 40, kills: 8 })),
    );
    test(`everything killed at random, with steps and answers, ${name}`, { timeout: 300_000 }, async (t) =>
      atWork(t, await carefulRound(t, { ...how, tasks: 30, kills: 12 })),
    );
  }
}

for (let round = 0; round < 20 * rounds; round++) {
  test(`clocks up to 10 minutes apart, and time namespaces, SEED=${first + round}`, { timeout: 300_000 }, (t) =>
    clockRound(t, first + round, 300),
  );
}

test(`500 moments of schedules, 4 processes, killed 20 times, SEED=${first}`, { timeout: 300_000 }, (t) =>
  scheduleRound(t, { seed: first, schedules: 50, moments: 10, kills: 20 }),
);

for (const [enders, kills] of [
  [1, 0],
  [1, 20],
  [processes, 20],
] as const) {
  test(`10,000 waits for what ${enders} other processes end, killed ${kills} times, SEED=${first}`, {
    timeout: 600_000,
  }, async (t) => {
    const seen = await waitRound(t, { seed: first, tasks: 10_000, kills, enders });
    t.diagnostic(`${lateOf(seen)}; ${Math.round(seen.processor)} us of processor a task`);
    assert.ok(seen.all <= late, `all within ${late} ms`);
  });
}

for (const working of [2, processes]) {
  test(`1,000 tasks by ${working} processes without any safety net, SEED=${first}`, { timeout: 600_000 }, async (t) => {
    const ran = await wakeRound(t, { seed: first, tasks: 1000, processes: working });
    t.diagnostic(`each of them ran ${ran.join(', ')}`);
  });
}

test(`1,000 messages by 4 processes that are killed 50 times, SEED=${first}`, { timeout: 900_000 }, (t) =>
  outboxRound(t, first, 1000, 50),
);
test('2,000 waits for what another process holds, which is killed, 5 times', { timeout: 600_000 }, async (t) => {
  for (let round = 0; round < 5; round++) t.diagnostic(lateOf(await truthRound(t, { tasks: 2_000 })));
});

test('a worker stopped by SIGSTOP for 60 s never has its tasks run twice', { timeout: 300_000 }, (t) =>
  pausedRound(t, 60),
);

test('an older and a newer version side by side, 20 rounds', { timeout: 900_000 }, async (t) => {
  const newer = newerBuild(t);
  for (let round = 0; round < 20; round++) {
    await t.test(`side by side, SEED=${first + round}`, (each) => versionsRound(each, newer, first + round));
  }
});

test('a worker stopped inside of a write transaction, 10 times', { timeout: 900_000 }, async (t) => {
  for (let round = 0; round < 10; round++) t.diagnostic(JSON.stringify(await heldRound(t)));
});
for (const warm of [true, false]) {
  const where = warm ? 'under a worker' : 'before a worker starts';
  test(`the package replaced ${where}, ${replacements} times`, { timeout: 1_800_000 }, (t) =>
    replacedRound(t, { seed: first, times: replacements, tasks: 4, warm }),
  );
}

test(
  'floods from modules and commands, cancelled, timed out, shut down and ending by themselves',
  {
    timeout: 900_000,
  },
  (t) => floodRound(t, ALL, 3),
);

for (const race of RACES) {
  test(`${race.name}, raced ${races} times`, { timeout: 600_000 }, async (t) => {
    await raced(t, race, races);
  });
}

test('100,000 tasks with retention leave a bounded file and a bounded log', { timeout: 900_000 }, async (t) => {
  const { file, log, left } = await grown(t, 100_000);
  t.diagnostic(`file after each tenth: ${file.join(', ')} bytes; log at most ${log} bytes; ${left} tasks left`);
  assert.ok((file[9] as number) <= 1.1 * (file[0] as number));
  assert.ok(log <= 12 * 1024 * 1024);
});

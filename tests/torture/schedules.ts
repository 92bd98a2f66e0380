/**
 * Several processes submit for the same schedules and are killed with -9 at random moments. Each moment of each schedule has
 * become one task, none two, none none.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '#offstage/store/sqlite/driver.js';
import { Project } from '../js/client/project.js';
import { heard, pause, until } from '../waiting.js';
import { randomOf } from './kill.js';

const FIRING = fileURLToPath(new URL('./firing.js', import.meta.url));
const PROCESSES = 4;
const SECOND = 1000;

export interface ScheduleRound {
  seed: number;
  schedules: number;
  /** Of each. */
  moments: number;
  kills: number;
}

export async function scheduleRound(t: TestContext, { seed, schedules, moments, kills }: ScheduleRound): Promise<void> {
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  const project = new Project(t);
  const verbs = await project.verbs(t, 'none');
  const names = Array.from({ length: schedules }, (_, index) => `s${index}`);
  const settings = { when: '1s', catchUp: 1000, overlap: 'allow', limit: moments } as const;
  const request = { recipe: 'nothing' };
  for (const name of names) await verbs.schedules.add({ name, ...settings, request });

  const alive = new Set<ChildProcess>();
  const start = async (): Promise<void> => {
    const child = fork(FIRING, [project.folder, project.store], {
      env: project.env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    alive.add(child);
    await heard(child, 'message');
  };
  t.after(() => alive.forEach((child) => void child.kill('SIGKILL')));
  await Promise.all(Array.from({ length: PROCESSES }, start));
  for (let killed = 0; killed < kills; killed++) {
    await pause(random() * ((moments * SECOND) / kills));
    const victims = [...alive];
    const victim = victims[Math.floor(random() * victims.length)] as ChildProcess;
    const gone = heard(victim, 'exit');
    victim.kill('SIGKILL');
    await gone;
    alive.delete(victim);
    await start();
  }
  await until(async () => (await verbs.schedules.list()).every(({ state }) => state === 'ended'), {
    what: 'every schedule to have ended',
    patience: 120_000,
  });
  judge(project.store, await verbs.schedules.list(), moments);
  t.diagnostic(`${schedules * moments} moments, ${kills} kills`);
}

function judge(
  store: string,
  schedules: { schedule_id: string; created_at: string; fired: number }[],
  moments: number,
): void {
  const db = connect(store);
  const rows = db.prepare("SELECT record ->> '$.carried' AS carried FROM tasks").all() as { carried: string }[];
  db.close();
  const seen = rows.map(({ carried }) => JSON.parse(carried) as { schedule_id: string; scheduled_for: number });
  for (const { schedule_id, created_at, fired } of schedules) {
    const own = seen.filter((one) => one.schedule_id === schedule_id).map((one) => one.scheduled_for);
    const first = Date.parse(created_at) + SECOND;
    const expected = Array.from({ length: moments }, (_, index) => first + index * SECOND);
    assert.deepEqual(
      own.sort((a, b) => a - b),
      expected,
    );
    assert.equal(fired, moments);
  }
  assert.equal(seen.length, schedules.length * moments);
}

/** Loops that are told of schedules with a message. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Client, openBackground, type ScheduleJob, ScheduleLoop } from '#offstage/index.js';
import { until } from '../../../waiting.js';
import { Project } from '../project.js';

async function stage(t: TestContext) {
  const loops: ScheduleLoop[] = [];
  t.after(() => Promise.all(loops.map((one) => one.stop(0)))); // before the folder goes
  const opened: Client[] = [];
  t.after(() => opened[0]?.close());
  const project = new Project(t);
  const client = await openBackground(project.store, { worker: 'none' });
  opened.push(client);
  const loop = (onTrigger: (job: ScheduleJob) => unknown): ScheduleLoop => {
    const made = new ScheduleLoop({ onTrigger, tickSeconds: 0.1, store: project.store });
    loops.push(made);
    made.start();
    return made;
  };
  return { client, loop };
}

test('of several loops one is told of each moment, with what and for when', async (t) => {
  const { client, loop } = await stage(t);
  const told: ScheduleJob[] = [];
  for (let n = 0; n < 3; n++) loop((job) => told.push(job));
  const { scheduleId } = await client.schedules.add({ name: 'tea', when: 'in 1 second', message: 'ready' });
  await until(() => told.length > 0);
  const [job] = told;
  const ended = await until(async () => {
    const one = await client.schedules.get('tea');
    return one?.state === 'ended' ? one : undefined;
  });
  assert.deepEqual([job?.id, job?.name, job?.message, told.length], [scheduleId, 'tea', 'ready', 1]);
  assert.deepEqual([job?.scheduledFor, ended.fired, ended.lastError], [ended.lastAt, 1, null]);
});

test('one that throws is told of, and the next moment comes; one that takes long delays no other', async (t) => {
  const { client, loop } = await stage(t);
  const warnings: string[] = [];
  const hear = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', hear);
  t.after(() => process.off('warning', hear));
  let calls = 0;
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const running = loop(async ({ name }) => {
    if (name === 'slow') return held;
    calls += 1;
    throw new Error('no voice');
  });
  await client.schedules.add({ name: 'slow', when: 'in 1 second', message: 'm' });
  await client.schedules.add({ name: 'bad', when: '1s', message: 'm' });
  await until(() => calls >= 2);
  await until(() => warnings.includes("the callback for schedule 'bad' threw: no voice"));
  const bad = await client.schedules.get('bad');
  assert.deepEqual([bad?.state, bad?.lastError], ['active', 'no voice']);
  assert.equal((await client.schedules.get('slow'))?.state, 'active', 'it counts when it has ended');
  release();
  await until(async () => (await client.schedules.get('slow'))?.state === 'ended');
  assert.equal(running.isRunning, true);
  await running.stop();
  assert.equal(running.isRunning, false);
});

test('options that are none are refused before anything is opened', () => {
  const onTrigger = (): void => {};
  const make = (options: object) => () => new ScheduleLoop(options as never);
  assert.throws(make({}), { message: /^onTrigger: got undefined, expected a function/ });
  assert.throws(make({ onTrigger, tickSeconds: 0 }), { message: /^tickSeconds: got 0/ });
  assert.throws(make({ onTrigger, tick: 1 }), { message: /unknown option 'tick'/ });
});

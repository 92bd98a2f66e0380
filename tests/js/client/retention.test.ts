/** How long outcomes are kept, as whoever reads them is told. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { makeClient, openVerbs, type Verbs } from '#offstage/client/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { only } from '#offstage/wire/only.js';
import type { Task, TaskJson } from '#offstage/wire/task.js';
import { deferred } from '../worker/deferred.js';
import { Driver, keepAlive } from './drive.js';
import { Project } from './project.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Milliseconds from a task's end until it may go. */
const keptFor = ({ drop_at, completed_at }: TaskJson): number =>
  Date.parse(drop_at ?? '') - Date.parse(completed_at ?? '');

/** That long, and the time that the test itself took. */
function near(ms: number, expected: number): void {
  assert.ok(ms >= expected && ms < expected + HOUR / 2, `${ms} ms, expected ${expected}`);
}

async function scene(t: TestContext, config: object = {}) {
  const project = new Project(t);
  writeFileSync(project.file('offstage.config.json'), JSON.stringify({ background: config }));
  const verbs = await project.verbs(t, 'none');
  return { project, verbs, driver: await Driver.open(t, project) };
}

/** Submits one and ends it. */
async function ended(verbs: Verbs, driver: Driver, end: 'succeed' | 'fail', more: object = {}): Promise<string> {
  const [task] = await verbs.submit([{ recipe: 'echo', ...more }]);
  const run = await driver.start();
  if (end === 'succeed') await driver.succeed(run, '1');
  else await driver.say(run, { command: 'fail', error: { code: 'failed', name: 'Error', message: 'no' } });
  return (task as TaskJson).task_id;
}

test('drop_at is what holds after this very read, in every JSON task and in the API', async (t) => {
  const { verbs, driver } = await scene(t);
  const client = makeClient(verbs);
  const [submitted] = await verbs.submit([{ recipe: 'echo' }]);
  assert.equal(submitted?.drop_at, null);
  const run = await driver.start();
  const id = run.id;
  assert.equal(only(await verbs.get([id])).drop_at, null);
  assert.equal((await verbs.list()).tasks[0]?.drop_at, null);
  await driver.succeed(run, '1');
  const listed = async () => (await verbs.list()).tasks.find(({ task_id }) => task_id === id) as TaskJson;
  near(keptFor(await listed()), 30 * DAY); // to list is not to read
  const task = only((await verbs.wait([id])).tasks);
  near(keptFor(task), HOUR);
  assert.equal((await listed()).drop_at, task.drop_at);
  assert.equal(only(await verbs.get([id])).drop_at, task.drop_at, 'from the first look');
  assert.equal((await client.get(id))?.dropAt?.toISOString(), task.drop_at);
  assert.equal((await client.list()).tasks[0]?.dropAt?.toISOString(), task.drop_at);
});

test('where the look cannot be written down, drop_at is what held before', async (t) => {
  const { project, verbs, driver } = await scene(t);
  const id = await ended(verbs, driver, 'succeed');
  const unwritten = async (path: string): Promise<Store> => {
    const store = await openStore(path, { mount: 'direct' });
    const run: Store['run'] = (op, args) => (op === 'see' ? Promise.resolve(undefined as never) : store.run(op, args));
    return { ...store, run };
  };
  const at = { cwd: project.folder, home: project.folder, env: project.env, worker: 'none' } as const;
  const reader = await openVerbs({ ...at, openStore: unwritten });
  t.after(() => reader.close());
  near(keptFor(only(await reader.get([id]))), 30 * DAY);
  near(keptFor(only(await verbs.get([id]))), HOUR);
});

test('an onComplete is a read', async (t) => {
  const { verbs, driver } = await scene(t);
  const client = makeClient(verbs);
  keepAlive(t);
  const told = deferred<Task>();
  await client.submit({ recipe: 'echo', onComplete: told.resolve });
  await driver.succeed(await driver.start(), '1');
  const { dropAt } = await told.promise;
  assert.equal((await verbs.list()).tasks[0]?.drop_at, dropAt?.toISOString());
  near((dropAt as Date).getTime() - Date.now() + HOUR / 2, HOUR);
});

test('a failed task stays 7 days, one with a key a day, by default', async (t) => {
  const { verbs, driver } = await scene(t);
  near(keptFor(only(await verbs.get([await ended(verbs, driver, 'fail')]))), 7 * DAY);
  near(keptFor(only(await verbs.get([await ended(verbs, driver, 'succeed', { idempotencyKey: 'k' })]))), DAY);
  near(keptFor(only(await verbs.get([await ended(verbs, driver, 'succeed')]))), HOUR);
});

test('the configuration sets all three, and a TEMPLATE goes before it', async (t) => {
  const { project, verbs, driver } = await scene(t, {
    cleanupDelaySec: 7200,
    keepFailedSec: 14400,
    keepKeyedSec: 28800,
  });
  const kept = async (end: 'succeed' | 'fail', more: object = {}) =>
    keptFor(only(await verbs.get([await ended(verbs, driver, end, more)])));
  near(await kept('succeed'), 2 * HOUR);
  near(await kept('fail'), 4 * HOUR);
  near(await kept('succeed', { idempotencyKey: 'a' }), 8 * HOUR);
  const template = 'runtime: { background: { cleanup_delay_sec: 10h, keep_failed_sec: 20h, keep_keyed_sec: 40h } }';
  project.addRecipe('own', 'export default () => 1;', template);
  near(await kept('succeed', { recipe: 'own' }), 10 * HOUR);
  near(await kept('fail', { recipe: 'own' }), 20 * HOUR);
  near(await kept('succeed', { recipe: 'own', idempotencyKey: 'a' }), 40 * HOUR);
  const again = await verbs.retry(await ended(verbs, driver, 'fail', { recipe: 'own' }));
  await driver.say(await driver.start(), { command: 'fail', error: { code: 'failed', name: 'Error', message: 'no' } });
  near(keptFor(only(await verbs.get([again.task_id]))), 20 * HOUR);
});

test('what is no such time in the configuration is refused', async (t) => {
  for (const key of ['keepFailedSec', 'keepKeyedSec']) {
    const project = new Project(t);
    writeFileSync(project.file('offstage.config.json'), JSON.stringify({ background: { [key]: -1 } }));
    const message = new RegExp(`background\\.${key}: got -1, expected seconds, 0 or more`);
    await assert.rejects(project.verbs(t, 'none'), { code: 'invalid_argument', message });
  }
});

test('clear says how many keys it freed', async (t) => {
  const { verbs, driver } = await scene(t);
  await ended(verbs, driver, 'succeed', { idempotencyKey: 'a' });
  await ended(verbs, driver, 'fail', { idempotencyKey: 'b' }); // that one was free already
  await ended(verbs, driver, 'succeed');
  await verbs.submit([{ recipe: 'echo', idempotencyKey: 'c' }]);
  const dry = await verbs.clear({ dryRun: true });
  assert.deepEqual([dry.cleared, dry.keys_freed], [3, 1]);
  const done = await verbs.clear();
  assert.deepEqual([done.cleared, done.keys_freed], [3, 1]);
});

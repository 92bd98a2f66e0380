/** Several tasks at once: one look for all, one commit for all. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { makeClient, openVerbs, type Verbs } from '#offstage/client/index.js';
import { openStore } from '#offstage/store/index.js';
import type { TaskEventJson } from '#offstage/wire/event.js';
import { storeThrough } from '../../store/through.js';
import { Driver } from '../drive.js';
import { Project, until } from '../project.js';

const NOBODY = `task_${'0'.repeat(32)}`;

interface Scene {
  project: Project;
  driver: Driver;
  verbs: Verbs;
  /** Names of the operations that the verbs have asked the store for. */
  asked: string[];
  submit(count: number): Promise<string[]>;
}

async function sceneOf(t: TestContext): Promise<Scene> {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const asked: string[] = [];
  const verbs = await openVerbs({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    worker: 'none',
    async openStore(path) {
      const store = await openStore(path, { mount: 'direct' });
      const run: typeof store.run = (op, args) => {
        asked.push(op);
        return store.run(op, args);
      };
      return storeThrough(store, run);
    },
  });
  t.after(() => verbs.close());
  const submit = async (count: number) =>
    (await verbs.submit(Array.from({ length: count }, () => ({ recipe: 'echo' })))).map(({ task_id }) => task_id);
  return { project, driver, verbs, asked, submit };
}

test('wait resolves with all in the order given, whatever became of them', async (t) => {
  const { driver, verbs, submit } = await sceneOf(t);
  const client = makeClient(verbs);
  const [a, b, c] = (await submit(3)) as [string, string, string];
  const waited = client.wait([c, a, b, a]);
  for (let n = 0; n < 2; n++) await driver.succeed(await driver.start(), `${n}`);
  await client.cancel(c);
  const tasks = await waited;
  assert.deepEqual(
    tasks.map(({ taskId, status, result }) => [taskId, status, result]),
    [
      [c, 'cancelled', null],
      [a, 'completed', 0],
      [b, 'completed', 1],
    ],
  );
  assert.deepEqual(await client.wait([]), []);
});

test('wait with any resolves as soon as one has ended', async (t) => {
  const { driver, verbs, submit } = await sceneOf(t);
  const client = makeClient(verbs);
  const ids = await submit(3);
  const waited = client.wait(ids, { any: true });
  await driver.succeed(await driver.start());
  assert.deepEqual(
    (await waited).map(({ status }) => status),
    ['completed', 'running', 'running'],
  );
  assert.equal((await client.wait(ids, { any: true, timeout: 0 })).length, 3, 'one had ended before');
});

test('wait for several rejects when the time is over, and for what is no list of ids', async (t) => {
  const { driver, verbs, submit } = await sceneOf(t);
  const client = makeClient(verbs);
  const [a, b] = (await submit(2)) as [string, string];
  await driver.succeed(await driver.start());
  await assert.rejects(client.wait([a, b], 0), {
    name: 'TimeoutError',
    code: 'wait_timeout',
    taskId: b,
    details: { task_ids: [b] },
  });
  await assert.rejects(client.wait([b], { timeout: '1ms', any: true }), { code: 'wait_timeout' });
  await assert.rejects(client.wait([a, NOBODY]), { code: 'task_not_found', taskId: NOBODY });
  await assert.rejects(client.wait([], { any: true }), { code: 'invalid_argument' });
  await assert.rejects(client.wait([a, 7 as never]), { message: /^ids: got 7/ });
  await assert.rejects(client.wait([a], { any: 1 as never }), { message: /^any: got 1/ });
  await assert.rejects(client.wait([a], { al: true } as never), { message: /^unknown option 'al'/ });
  const reason = new Error('enough');
  await assert.rejects(client.wait([b], { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const waiting = client.wait([b], { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(waiting, reason);
});

test('a wait for several is one look a commit, not one for each task', async (t) => {
  const { driver, verbs, asked, submit } = await sceneOf(t);
  const ids = await submit(40);
  const before = asked.length;
  const waited = verbs.wait(ids);
  for (let n = 0; n < 40; n++) await driver.succeed(await driver.start());
  assert.equal((await waited).wait_status, 'ok');
  const looks = asked.slice(before).filter((op) => op !== 'see');
  // each of the 80 commits of the worker may ring: a look, and one at what has ended
  assert.ok(looks.length < 200, `${looks.length} operations for 40 tasks`);
  assert.equal(asked.slice(before).filter((op) => op === 'get').length, 0);
});

test('a task that was cleared while others are waited for is still in the answer', async (t) => {
  const { driver, verbs, submit } = await sceneOf(t);
  const ids = await submit(2);
  let seen = 0;
  const waited = verbs.wait(ids, {
    onLook(tasks) {
      seen = tasks.filter((one) => one.result === 7).length;
    },
  });
  await driver.succeed(await driver.start(), '7');
  await until(() => seen === 1, { what: 'the first to be seen' });
  assert.equal((await verbs.clear()).cleared, 1);
  await driver.succeed(await driver.start(), '8');
  assert.deepEqual(
    (await waited).tasks.map(({ result }) => result),
    [7, 8],
  );
});

test('cancel of several is one commit, the youngest first, so that a child is told of its own cancel', async (t) => {
  const { verbs, driver, submit } = await sceneOf(t);
  const [parent, other] = (await submit(2)) as [string, string];
  const [child] = await verbs.submit([{ recipe: 'echo', parent }]);
  const ids = [parent, child?.task_id as string, other];
  assert.deepEqual(
    (await verbs.cancel(ids, { dryRun: true })).map(({ cancelled, status }) => [cancelled, status]),
    Array(3).fill([true, 'pending']),
  );
  const done = await verbs.cancel([...ids, other], { reason: 'why' });
  assert.deepEqual(
    done.map(({ task_id, cancelled, status }) => [task_id, cancelled, status]),
    ids.map((id) => [id, true, 'cancelled']),
  );
  const again = await verbs.cancel(ids);
  assert.deepEqual(
    again.map(({ cancelled }) => cancelled),
    [false, false, false],
  );
  assert.equal((await driver.store.run('claim', { worker: driver.id })).started.length, 0);
});

test('cancel of several cancels none when one is unknown', async (t) => {
  const { verbs, submit } = await sceneOf(t);
  const ids = await submit(2);
  for (const dryRun of [true, false]) {
    await assert.rejects(verbs.cancel([...ids, NOBODY], { dryRun }), { code: 'task_not_found', taskId: NOBODY });
  }
  assert.deepEqual(
    (await verbs.glance(ids)).map(({ status }) => status),
    ['pending', 'pending'],
  );
  await assert.rejects(verbs.cancel(ids, { reason: 7 as never }), { message: /^reason: got 7/ });
});

test('clear of tasks that are named removes all of them or none', async (t) => {
  const { driver, verbs, submit } = await sceneOf(t);
  const [a, b] = (await submit(2)) as [string, string];
  await driver.succeed(await driver.start());
  const running = await driver.start();
  await assert.rejects(verbs.clear({ ids: [a, b] }), {
    code: 'conflict',
    message: new RegExp(`^task ${b} is running; `),
    details: { task_id: b, status: 'running' },
  });
  await assert.rejects(verbs.clear({ ids: [a, NOBODY] }), { code: 'task_not_found' });
  await assert.rejects(verbs.clear({ ids: [a], status: ['completed'] }), { code: 'invalid_argument' });
  await assert.rejects(verbs.clear({ ids: 'a' as never }), { message: /^ids: got "a"/ });
  await verbs.cancel([b]);
  await assert.rejects(verbs.clear({ ids: [b] }), { message: /is cancelled, and its work has not stopped yet; / });
  await driver.say(running, { command: 'stopped' });
  assert.deepEqual((await verbs.clear({ ids: [a, b, a], dryRun: true })).task_ids, [a, b]);
  assert.deepEqual(await verbs.clear({ ids: [b, a] }), { cleared: 2, task_ids: [a, b], keys_freed: 0, remaining: [] });
  const [c] = (await submit(1)) as [string];
  assert.deepEqual((await verbs.clear({ ids: [c], all: true })).task_ids, [c]);
  assert.equal((await verbs.list()).total, 0);
});

async function collect(events: AsyncIterable<TaskEventJson>, ids: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for await (const { task_id, seq, kind } of events) all.push(`${ids.indexOf(task_id)} ${seq} ${kind}`);
  return all;
}

test('events of several are in the order in which they happened, by pages and as they come', async (t) => {
  const { driver, verbs, submit } = await sceneOf(t);
  const ids = await submit(2);
  const followed = collect(verbs.follow(ids.map((id) => ({ id, after: 0 }))), ids);
  const runs = [await driver.start(), await driver.start()] as const;
  for (let n = 0; n < 4; n++) await driver.say(runs[n % 2] as (typeof runs)[0], { command: 'log', line: `${n}` });
  await driver.succeed(runs[1]);
  await driver.succeed(runs[0]);
  const whole = await verbs.events(ids);
  const seen = whole.events.map(({ task_id, seq, kind }) => `${ids.indexOf(task_id)} ${seq} ${kind}`);
  assert.equal(seen.length, 10);
  assert.deepEqual([...seen].sort(), [...(await followed)].sort());
  for (const events of [seen, await followed]) {
    for (const task of ['0', '1']) {
      const own = events.filter((line) => line.startsWith(task)).map((line) => Number(line.split(' ')[1]));
      assert.deepEqual(own, [1, 2, 3, 4, 5]);
    }
  }
  assert.deepEqual(
    whole.tasks.map(({ next_after, over }) => [next_after, over]),
    [
      [5, true],
      [5, true],
    ],
  );
  const cut = await verbs.events(ids, { limit: 3 });
  assert.deepEqual(cut.events, whole.events.slice(0, 3));
  assert.equal(
    cut.tasks.reduce((sum, { next_after }) => sum + next_after, 0),
    3,
    'the cursors are at what was given',
  );
  assert.deepEqual(
    await collect(verbs.follow(cut.tasks.map((one) => ({ id: one.task_id, after: one.next_after }))), ids),
    seen.slice(3),
  );
});

test('several are watched until all have ended; what is unknown is said', async (t) => {
  const { driver, verbs, project, submit } = await sceneOf(t);
  const ids = await submit(2);
  const seen: string[] = [];
  let left = ids.length;
  for await (const tasks of verbs.watch(ids)) {
    seen.push(tasks.map(({ status }) => status).join(' '));
    // each step is taken only once the one before was seen
    if (left > 0) await driver.succeed(await driver.start());
    left -= 1;
  }
  assert.equal(seen.at(-1), 'completed completed');
  const unknown = [...ids, NOBODY];
  await assert.rejects(verbs.get(unknown), { code: 'task_not_found', taskId: NOBODY });
  await assert.rejects(verbs.events(unknown), { code: 'task_not_found' });
  await assert.rejects(collect(verbs.follow([{ id: NOBODY, after: 0 }]), ids), { code: 'task_not_found' });
  assert.ok(existsSync(project.store));
});

test('asking for several where no store is makes none', async (t) => {
  const project = new Project(t);
  const verbs = await project.verbs(t, 'none');
  for (const ask of [
    () => verbs.get([NOBODY]),
    () => verbs.glance([NOBODY]),
    () => verbs.wait([NOBODY]),
    () => verbs.outcome(NOBODY),
    () => verbs.cancel([NOBODY]),
    () => verbs.events([NOBODY]),
    () => verbs.clear({ ids: [NOBODY] }),
  ]) {
    await assert.rejects(ask(), { code: 'task_not_found', taskId: NOBODY });
  }
  const controller = new AbortController();
  for await (const _ of verbs.changes({ signal: controller.signal })) controller.abort();
  assert.equal(existsSync(project.store), false);
});

test('outcomes count as seen by status and wait, not by a glance', async (t) => {
  const { driver, verbs, submit } = await sceneOf(t);
  const [id] = (await submit(1)) as [string];
  await driver.succeed(await driver.start());
  const kept = (await verbs.glance([id]))[0]?.drop_at as string;
  assert.equal((await verbs.glance([id]))[0]?.drop_at, kept);
  assert.notEqual((await verbs.get([id]))[0]?.drop_at, kept, 'an hour from now, not thirty days');
});

import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { spawnWorker } from '#offstage/client/staff/spawn.js';
import { due } from '#offstage/reap/index.js';
import { openStore } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { startingRow } from '#offstage/worker/index.js';
import { Fixture } from './fixture.js';
import { isLive, kill, membersOf, processesOf, until } from './processes.js';

interface LogLine {
  event: string;
  worker_id: string;
  pid: number;
  task_id?: string;
}

/** Starts a detached worker of the fixture's store and waits until it is ready. */
async function spawnReady(fixture: Fixture, more: { exitWhenIdle?: number; concurrency?: number } = {}) {
  const row = startingRow(more.concurrency ?? 5, process.env);
  const env = { PATH: process.env.PATH, HOME: fixture.folder };
  const { concurrency } = row;
  await spawnWorker({
    storePath: fixture.store.path,
    id: row.id,
    env,
    concurrency,
    maxConcurrent: null,
    onExit: () => {},
    exitWhenIdle: more.exitWhenIdle ?? 60,
  });
  let ready: LogLine | undefined;
  await until(() => {
    ready = logOf(fixture).find((line) => line.event === 'ready' && line.worker_id === row.id);
    return ready;
  });
  return { id: row.id, pid: ready?.pid ?? 0 };
}

function logOf(fixture: Fixture): LogLine[] {
  const lines = readFileSync(join(fixture.folder, '.offstage', 'worker.log'), 'utf8')
    .trim()
    .split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
}

const WAITS = `import { existsSync } from 'node:fs';
  export default async ({ until }) => { console.log(process.pid);
    while (!existsSync(until)) await new Promise((r) => setTimeout(r, 5)); return 'seen'; };`;

async function pidOf(fixture: Fixture, id: string): Promise<number> {
  const { events } = await fixture.until(id, ({ events }) => events.some(({ kind }) => kind === 'log'));
  return Number(events.find(({ kind }) => kind === 'log')?.data.line);
}

test('a detached worker leads its own session, survives the hangup, does its work, ends when idle and leaves nothing', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('waits', WAITS);
  const id = await fixture.submit('waits', { until: fixture.file('go') });
  const worker = await spawnReady(fixture, { exitWhenIdle: 0 });
  assert.deepEqual(membersOf(worker.pid), [worker.pid], 'its children are in groups of their own');
  await pidOf(fixture, id);
  process.kill(worker.pid, 'SIGHUP');
  writeFileSync(fixture.file('go'), '');
  assert.equal((await fixture.until(id)).payloads.result, '"seen"');
  await until(() => !isLive(worker.pid));
  await until(() => processesOf(fixture.folder).length === 0);
  assert.equal(statSync(join(fixture.folder, '.offstage', 'worker.log')).mode & 0o777, 0o600);
  assert.deepEqual(
    logOf(fixture).map(({ event }) => event),
    ['ready', 'started', 'finished', 'stopped'],
  );
});

test('a full log is moved aside', async (t) => {
  const fixture = await Fixture.make(t);
  const log = join(fixture.folder, '.offstage', 'worker.log');
  writeFileSync(log, 'x'.repeat(5 * 1024 * 1024));
  await spawnReady(fixture, { exitWhenIdle: 0 });
  assert.ok(statSync(log).size < 10_000);
  assert.equal(statSync(`${log}.1`).size, 5 * 1024 * 1024);
});

test('SIGTERM stops a worker in order', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('waits', WAITS);
  const { pid } = await spawnReady(fixture);
  const id = await fixture.submit('waits', { until: fixture.file('never') });
  const child = await pidOf(fixture, id);
  process.kill(pid, 'SIGTERM');
  const { record } = await fixture.until(id);
  assert.deepEqual([record.status, record.error?.code], ['failed', 'lost']);
  assert.deepEqual(membersOf(child), []);
  await until(() => !isLive(pid));
  assert.equal(logOf(fixture).at(-1)?.event, 'stopped');
});

test('after kill -9 idle and listening children end by themselves; a blocked one is killed by whoever looks next', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('waits', WAITS);
  fixture.recipe(
    'blocked',
    `import { execFileSync } from 'node:child_process'; import { writeSync } from 'node:fs';
     export default () => { writeSync(1, process.pid + '\\n'); execFileSync('sleep', ['1000']); };`,
  );
  const worker = await spawnReady(fixture);
  const waiting = await fixture.submit('waits', { until: fixture.file('never') });
  const blocked = await fixture.submit('blocked');
  const pids = [await pidOf(fixture, waiting), await pidOf(fixture, blocked)] as [number, number];
  await until(() => membersOf(pids[1]).length === 2);
  kill(worker.pid);
  await until(() => membersOf(pids[0]).length === 0);
  assert.equal(membersOf(pids[1]).length, 2, 'it cannot notice');
  const other = await openStore(fixture.store.path, { mount: 'direct' });
  t.after(() => other.close());
  await until(() => !isLive(worker.pid));
  assert.equal(await due(other), 2);
  assert.deepEqual(membersOf(pids[1]), []);
  for (const id of [waiting, blocked]) {
    const { record } = await fixture.read(id);
    assert.deepEqual([record.status, record.error?.code], ['failed', 'lost']);
    assert.match(JSON.stringify(record.error), /worker_gone/);
  }
  await until(() => processesOf(fixture.folder).length === 0);
});

test('two workers on one store run every task once', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'once',
    `import { appendFileSync } from 'node:fs';
     export default ({ file }, ctx) => { appendFileSync(file, ctx.taskId + '\\n'); };`,
  );
  const file = fixture.file('ran');
  await Promise.all([spawnReady(fixture, { concurrency: 2 }), spawnReady(fixture, { concurrency: 2 })]);
  const ids = await Promise.all(Array.from({ length: 40 }, () => fixture.submit('once', { file })));
  for (const id of ids) assert.equal((await fixture.until(id)).record.status, 'completed');
  assert.deepEqual(readFileSync(file, 'utf8').trim().split('\n').sort(), [...ids].sort());
  const workers = new Set(logOf(fixture).flatMap((line) => (line.event === 'started' ? [line.worker_id] : [])));
  assert.equal(workers.size, 2, 'both took part');
});

test('a worker whose store is removed kills its children and ends', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('waits', WAITS);
  const { pid } = await spawnReady(fixture);
  const child = await pidOf(fixture, await fixture.submit('waits', { until: fixture.file('never') }));
  rmSync(join(fixture.folder, '.offstage'), { recursive: true });
  await until(() => !isLive(pid));
  await until(() => membersOf(child).length === 0);
});

test('a worker that meets a newer schema stops claiming, kills its children, ends and says why', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('waits', WAITS);
  const { pid } = await spawnReady(fixture);
  const child = await pidOf(fixture, await fixture.submit('waits', { until: fixture.file('never') }));
  const connection = connect(fixture.store.path);
  connection.exec('PRAGMA user_version = 99');
  connection.close();
  await until(() => !isLive(pid));
  await until(() => membersOf(child).length === 0);
  assert.match(JSON.stringify(logOf(fixture).at(-1)), /schema 99/);
});

test('a worker whose row was removed by others registers again and works on', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('one', 'export default () => 1;');
  const { id } = await spawnReady(fixture);
  await fixture.store.run('leave', { worker: id, force: true });
  assert.equal((await fixture.until(await fixture.submit('one'))).payloads.result, '1');
  assert.equal(await fixture.store.run('leave', { worker: id, force: false }), true);
});

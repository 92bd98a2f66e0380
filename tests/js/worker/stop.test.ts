import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Ops, Store } from '#offstage/store/types.js';
import { deferred } from './deferred.js';
import { Fixture } from './fixture.js';
import { membersOf, processesOf, until } from './processes.js';

const RECIPES = {
  listens: `export default (input, { signal }) => new Promise((_, reject) => {
    console.log(process.pid);
    signal.addEventListener('abort', () => reject(signal.reason));
  });`,
  // never looks at its signal and goes on writing
  stubborn: `import { appendFileSync } from 'node:fs';
    export default ({ file }) => new Promise(() => { console.log(process.pid); setInterval(() => appendFileSync(file, '.'), 2); });`,
  // blocks its thread in a process of its own, which goes on writing
  blocked: `import { execFileSync } from 'node:child_process'; import { writeSync } from 'node:fs';
    export default ({ file }) => { writeSync(1, process.pid + '\\n');
      execFileSync('sh', ['-c', 'while :; do echo . >> "$0"; sleep 0.01; done', file]); };`,
  late: `export default (input, { signal }) => new Promise((resolve, reject) => {
    console.log(process.pid);
    signal.addEventListener('abort', () => input.fail ? reject(new Error('too late')) : resolve('too late'));
  });`,
  waits: `import { existsSync } from 'node:fs';
    export default async ({ until }) => { console.log(process.pid);
      while (!existsSync(until)) await new Promise((r) => setTimeout(r, 5)); return 'seen'; };`,
};

async function make(t: TestContext): Promise<Fixture> {
  const fixture = await Fixture.make(t);
  for (const [name, source] of Object.entries(RECIPES)) fixture.recipe(name, source);
  return fixture;
}

/** Waits until the recipe has printed its pid, so that its code runs. */
async function pidOf(fixture: Fixture, id: string): Promise<number> {
  const { events } = await fixture.until(id, ({ events }) => events.some(({ kind }) => kind === 'log'));
  return Number(events.find(({ kind }) => kind === 'log')?.data.line);
}

const kindsOf = ({ events }: { events: { kind: string }[] }): string[] => events.map(({ kind }) => kind);

test('a cancel reaches a recipe that listens at once; its process is gone when stopped is told', async (t) => {
  const fixture = await make(t);
  await fixture.work();
  const id = await fixture.submit('listens', {}, { kill_grace_ms: 60_000 });
  const pid = await pidOf(fixture, id);
  await fixture.cancel(id);
  const read = await fixture.until(id);
  assert.equal(read.record.status, 'cancelled');
  assert.deepEqual(membersOf(pid), []);
  assert.deepEqual(kindsOf(read).slice(-2), ['cancelled', 'stopped']);
});

for (const name of ['stubborn', 'blocked']) {
  test(`a ${name} recipe is killed after the grace, with everything that it started`, async (t) => {
    const fixture = await make(t);
    await fixture.work();
    const file = fixture.file('written');
    const id = await fixture.submit(name, { file }, { kill_grace_ms: 50 });
    const pid = await pidOf(fixture, id);
    await until(() => existsSync(file));
    if (name === 'blocked') assert.ok(membersOf(pid).length >= 2, 'its own process is of the group');
    await fixture.cancel(id);
    assert.ok((await fixture.read(id)).record.hold, 'cancelled at once, stopped later');
    const read = await fixture.until(id);
    assert.deepEqual(membersOf(pid), []);
    assert.deepEqual(processesOf(file), [], 'nobody is left who could write');
    assert.equal(read.record.status, 'cancelled');
  });
}

test('a result that comes after the cancel is kept as late and changes nothing', async (t) => {
  const fixture = await make(t);
  await fixture.work();
  for (const fail of [false, true]) {
    const id = await fixture.submit('late', { fail }, { kill_grace_ms: 60_000 });
    const pid = await pidOf(fixture, id);
    await fixture.cancel(id);
    const read = await fixture.until(id);
    assert.deepEqual(
      [read.record.status, read.record.error ?? null, read.payloads.result],
      ['cancelled', null, undefined],
    );
    assert.equal(kindsOf(read).filter((kind) => kind === 'late_result').length, 1);
    assert.equal(read.payloads.late_result, fail ? undefined : '"too late"');
    assert.deepEqual(membersOf(pid), []);
  }
});

for (const name of ['listens', 'stubborn', 'late']) {
  test(`a timeout ends a recipe of the kind '${name}'`, async (t) => {
    const fixture = await make(t);
    await fixture.work();
    const id = await fixture.submit(name, { file: fixture.file('x') }, { timeout_ms: 300, kill_grace_ms: 50 });
    const pid = await pidOf(fixture, id);
    const read = await fixture.until(id);
    const { status, error } = read.record;
    assert.deepEqual([status, error?.code, error?.name], ['failed', 'timeout', 'TimeoutError']);
    assert.equal(error?.message, 'timed out after 0.3s');
    assert.deepEqual(membersOf(pid), []);
  });
}

test('a timed-out attempt with retries left runs again only after it has stopped', async (t) => {
  const fixture = await make(t);
  await fixture.work();
  const spec = {
    timeout_ms: 200,
    kill_grace_ms: 100,
    retries: 1,
    backoff: { initial: 0, max: 0, factor: 1, jitter: 0 },
  };
  const id = await fixture.submit('stubborn', { file: fixture.file('x') }, spec);
  const read = await fixture.until(id);
  assert.deepEqual([read.record.status, read.record.attempt], ['failed', 2]);
  const order = kindsOf(read).filter((kind) => ['started', 'stopped', 'failed', 'retry_scheduled'].includes(kind));
  assert.deepEqual(order, ['started', 'retry_scheduled', 'stopped', 'started', 'failed', 'stopped']);
});

test('an orderly stop lets what runs end in its drain, and claims nothing more', async (t) => {
  const fixture = await make(t);
  const worker = await fixture.work({ drain: 60 });
  const id = await fixture.submit('waits', { until: fixture.file('go') });
  await pidOf(fixture, id);
  worker.stop.abort();
  const later = await fixture.submit('waits', { until: fixture.file('go') });
  writeFileSync(fixture.file('go'), '');
  await worker.ended;
  assert.equal((await fixture.read(id)).record.status, 'completed');
  assert.equal((await fixture.read(later)).record.status, 'pending');
  const kinds = worker.events.map(({ event }) => event);
  assert.deepEqual(kinds, ['ready', 'started', 'stopping', 'finished', 'stopped']);
});

test('without drain, and when it is over or skipped, what runs is lost to the shutdown', async (t) => {
  const fixture = await make(t);
  for (const [options, skip] of [
    [{}, false],
    [{ drain: 0.05 }, false],
    [{ drain: 600 }, true],
  ] as const) {
    const worker = await fixture.work(options);
    const failing = await fixture.submit('waits', { until: fixture.file('never') });
    const retried = await fixture.submit('waits', { until: fixture.file('never') }, { on_lost: 'retry' });
    const pids = [await pidOf(fixture, failing), await pidOf(fixture, retried)];
    worker.stop.abort();
    if (skip) worker.skipDrain.abort();
    await worker.ended;
    const { record } = await fixture.read(failing);
    assert.deepEqual([record.status, record.error?.code], ['failed', 'lost']);
    assert.match(JSON.stringify(record.error), /shutdown/);
    assert.ok(record.stopped_at);
    const again = (await fixture.read(retried)).record;
    assert.deepEqual([again.status, again.hold ?? null], ['pending', null]);
    for (const pid of pids) assert.deepEqual(membersOf(pid), []);
    await fixture.cancel(retried);
  }
});

test('a worker that is idle for long enough ends', async (t) => {
  const fixture = await make(t);
  const worker = await fixture.work({ exitWhenIdle: 0.05 });
  await worker.ended;
  assert.deepEqual(
    worker.events.map(({ event }) => event),
    ['ready', 'stopped'],
  );
});

test('a delayed task keeps a worker from being idle, and starts when it is due', async (t) => {
  const fixture = await make(t);
  const id = await fixture.submit('waits', { until: fixture.folder }, { delay_ms: 300 });
  const worker = await fixture.work({ exitWhenIdle: 0 });
  await worker.ended;
  const { record } = await fixture.read(id);
  assert.equal(record.status, 'completed');
  assert.ok((record.started_at ?? 0) >= record.created_at + 300);
});

test('what waits for a person is parked at the stop, whatever the drain; what begins to ask in the drain as well', async (t) => {
  const fixture = await make(t);
  fixture.recipe(
    'asks',
    `import { existsSync } from 'node:fs';
     export default async ({ until }, ctx) => { console.log(process.pid);
       while (!existsSync(until)) await new Promise((r) => setTimeout(r, 5));
       await ctx.requestInput({ key: 'ok', message: '?' }); };`,
  );
  const worker = await fixture.work({ drain: 600 });
  const asks = await fixture.submit('asks', { until: fixture.folder }, { on_lost: 'fail' });
  const willAsk = await fixture.submit('asks', { until: fixture.file('go') }, { on_lost: 'fail' });
  const pids = [await pidOf(fixture, asks), await pidOf(fixture, willAsk)];
  await fixture.until(asks, ({ record }) => record.status === 'input_required');
  worker.stop.abort();
  const parked = ({ record }: { record: { hold?: unknown } }): boolean => record.hold == null;
  assert.equal((await fixture.until(asks, parked)).record.status, 'input_required');
  assert.equal((await fixture.read(willAsk)).record.status, 'running', 'it has its drain');
  writeFileSync(fixture.file('go'), '');
  await worker.ended;
  for (const id of [asks, willAsk]) {
    const { record } = await fixture.read(id);
    assert.deepEqual([record.status, record.hold ?? null], ['input_required', null]);
  }
  for (const pid of pids) assert.deepEqual(membersOf(pid), []);
});

test('no code is loaded before the store knows which group works for its task', async (t) => {
  const fixture = await make(t);
  fixture.recipe(
    'loads',
    "import { writeFileSync } from 'node:fs'; export default ({ file }) => writeFileSync(file, '');",
  );
  const { store } = fixture;
  const known: string[] = [];
  const held = deferred();
  let first = '';
  const run = async (op: keyof Ops, args: object): Promise<unknown> => {
    if (op === 'useGroup') {
      const { task, pgid } = args as { task: string; pgid: number };
      if (task === first) await held.promise;
      known.push(`${task} ${pgid > 1}`);
    }
    return store.run(op, (op === 'turn' ? { ...args, children: [] } : args) as never); // none is noted with its start
  };
  const watch = (listener: () => void) => store.watch(listener);
  const keepLease = (worker: string) => store.keepLease(worker);
  const dropLease = (worker: string) => store.dropLease(worker);
  await fixture.work({}, {
    path: store.path,
    folder: store.folder,
    run,
    watch,
    keepLease,
    dropLease,
  } as unknown as Store);
  first = await fixture.submit('loads', { file: fixture.file('first') });
  await fixture.until(first, ({ record }) => record.status === 'running');
  const second = await fixture.submit('loads', { file: fixture.file('second') });
  await fixture.until(second);
  assert.equal(existsSync(fixture.file('first')), false);
  held.resolve();
  assert.equal((await fixture.until(first)).record.status, 'completed');
  assert.ok(existsSync(fixture.file('first')));
  assert.deepEqual(known, [`${second} true`, `${first} true`]);
});

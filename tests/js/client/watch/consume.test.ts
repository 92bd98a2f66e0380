/** Consumers: at least once, in order, one at a time; a handler that throws is given the same events again. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import { verbsOf } from '#offstage/client/open.js';
import { VerbContext } from '#offstage/client/verb-context.js';
import { consume } from '#offstage/client/watch/consume.js';
import { openStore } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import type { ConsumeContext, FeedEventJson } from '#offstage/wire/feed.js';
import { until, within } from '../../../waiting.js';
import { Driver, keepAlive } from '../drive.js';
import { Project } from '../project.js';

/** A client of its own, as another process has one, on a clock that a test may set. */
async function contextOf(t: TestContext, project: Project, clock?: { now: number }): Promise<VerbContext> {
  const context = await VerbContext.open({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    worker: 'none',
    openStore: (path) => openStore(path, { mount: 'direct', ...(clock ? { now: () => clock.now } : {}) }),
  });
  t.after(() => context.close());
  return context;
}

/** Pauses that the test ends. */
class Pauses {
  readonly all: { ms: number; end(): void }[] = [];
  readonly pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      this.all.push({ ms, end: resolve });
      signal.addEventListener('abort', () => resolve());
    });
}

const ids = (batch: readonly FeedEventJson[]): string[] => batch.map(({ kind, task_id }) => `${kind} ${task_id}`);

test('a handler that throws is given the same events again, ever more rarely, and none is skipped', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const context = await contextOf(t, project);
  const client = makeClient(verbsOf(context));
  const tasks = await client.submitMany([{ recipe: 'echo' }, { recipe: 'echo' }, { recipe: 'echo' }]);
  const pauses = new Pauses();
  const warnings: string[] = [];
  const warn = process.emitWarning;
  process.emitWarning = ((text: string) => warnings.push(text)) as typeof process.emitWarning;
  t.after(() => {
    process.emitWarning = warn;
  });
  const given: string[][] = [];
  let fails = 8;
  const consumer = consume(
    context,
    'audit',
    { from: 'start', batch: 2 },
    (events) => {
      given.push(ids(events));
      if (fails-- > 0) throw new Error('no disk');
    },
    pauses,
  );
  for (let n = 0; n < 8; n++) (await until(() => pauses.all[n], { what: `pause ${n}` })).end();
  await until(() => given.length === 10, { what: 'the last batch' });
  assert.deepEqual(
    pauses.all.map(({ ms }) => ms / 1000),
    [1, 2, 4, 8, 16, 32, 60, 60],
  );
  const submitted = tasks.map(({ id }) => `submitted ${id}`);
  assert.deepEqual(given.slice(0, 9), Array(9).fill(submitted.slice(0, 2)));
  assert.deepEqual(given[9], submitted.slice(2));
  assert.match(warnings[0] ?? '', /^consumer 'audit': its handler threw, the same events come again in 1 s: no disk$/);
  await consumer.stop();
  await within(consumer.done, { what: 'its end' });
});

test('after a stop it goes on where it was, and takes what came meanwhile', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const context = await contextOf(t, project);
  const client = makeClient(verbsOf(context));
  const seen: string[] = [];
  const begin = (from: 'now' | 'start') =>
    consume(context, 'audit', { from, kinds: ['submitted'] }, (events) => void seen.push(...ids(events)));
  const first = await client.submit({ recipe: 'echo' });
  let consumer = begin('start');
  await until(() => seen.length === 1, { what: 'the first event' });
  await consumer.stop();
  const second = await client.submit({ recipe: 'echo' });
  assert.equal(seen.length, 1);
  consumer = begin('now');
  await until(() => seen.length === 2, { what: 'the second event' });
  assert.deepEqual(seen, [`submitted ${first.id}`, `submitted ${second.id}`]);
  await consumer.stop();
});

test('of several with one name one takes events; the next one begins when it stops', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const one = await contextOf(t, project);
  const other = await contextOf(t, project);
  const client = makeClient(verbsOf(one));
  const seen: string[] = [];
  const begin = (context: VerbContext, who: string) =>
    consume(context, 'audit', { from: 'start' }, (events) => void seen.push(...events.map(() => who)));
  const a = begin(one, 'a');
  await client.submit({ recipe: 'echo' });
  await until(() => seen.length === 1, { what: 'the first event' });
  const b = begin(other, 'b');
  await client.submit({ recipe: 'echo' });
  await until(() => seen.length === 2, { what: 'the second event' });
  assert.deepEqual(seen, ['a', 'a']);
  await a.stop();
  await client.submit({ recipe: 'echo' });
  await until(() => seen.length === 3, { what: 'the third event' });
  assert.equal(seen[2], 'b');
  await b.stop();
});

test('who was away for longer than its lease is aborted, moves no cursor, and its events come to the next one', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const clock = { now: Date.now() };
  const slow = await contextOf(t, project, clock);
  const next = await contextOf(t, project, clock);
  const { id } = await makeClient(verbsOf(slow)).submit({ recipe: 'echo' });
  const batches: { who: string; events: string[]; signal: AbortSignal }[] = [];
  let letGo = (): void => {};
  const stuck = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const take =
    (who: string) =>
    async (events: readonly FeedEventJson[], { signal }: ConsumeContext): Promise<void> => {
      batches.push({ who, events: ids(events), signal: signal as AbortSignal });
      if (who === 'slow') await stuck;
    };
  const a = consume(slow, 'audit', { from: 'start' }, take('slow'));
  await until(() => batches.length === 1, { what: 'the first batch' });
  clock.now += 31_000; // it does not renew: its own time stands still
  const b = consume(next, 'audit', { from: 'start' }, take('next'));
  await until(() => batches.length === 2, { what: 'the batch of the next one' });
  assert.deepEqual(
    batches.map(({ who, events }) => [who, events]),
    [
      ['slow', [`submitted ${id}`]],
      ['next', [`submitted ${id}`]],
    ],
  );
  letGo();
  await until(() => batches[0]?.signal.aborted, { what: 'the end of its turn' });
  const db = connect(project.store);
  t.after(() => db.close());
  const epoch = () => db.prepare("SELECT epoch FROM consumers WHERE name = 'audit'").get()?.epoch;
  assert.equal(epoch(), 2);
  await a.stop();
  await b.stop();
});

test('events of other kinds are passed, and nothing is written for each of them', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const context = await contextOf(t, project);
  const client = makeClient(verbsOf(context));
  const seen: string[] = [];
  const consumer = consume(context, 'audit', { from: 'start', kinds: ['completed'] }, (events) => {
    seen.push(...events.map(({ kind }) => kind));
  });
  await client.submit({ recipe: 'echo' });
  const run = await driver.start();
  for (let n = 0; n < 20; n++) await driver.progress(run, n / 20);
  await driver.succeed(run);
  await until(() => seen.length === 1, { what: 'the end' });
  await consumer.stop();
  const db = connect(project.store);
  t.after(() => db.close());
  const cursor = String(db.prepare("SELECT cursor FROM consumers WHERE name = 'audit'").get()?.cursor);
  assert.match(cursor, /^[0-9a-f]{16}\.2\d$/);
});

test('closing the client ends it, and what is no consumer is refused', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const context = await contextOf(t, project);
  const consumer = consume(context, 'audit', {}, () => {});
  await context.close();
  await within(consumer.done, { what: 'its end' });
  const other = await contextOf(t, project);
  const refused: [unknown, object, RegExp][] = [
    ['', {}, /^name: got ""/],
    ['a', { from: 'then' }, /^from: got "then", expected 'now' or 'start'/],
    ['a', { batch: 0 }, /^batch: got 0/],
    ['a', { lease: 4000 }, /^lease: got 4000/],
    ['a', { kind: 'x' }, /^unknown option 'kind'; did you mean 'kinds'/],
    ['a', { kinds: 'completed' }, /^kinds: got "completed"/],
  ];
  for (const [name, options, message] of refused) {
    assert.throws(() => consume(other, name as string, options, () => {}), { code: 'invalid_argument', message });
  }
});

/** Ends that cannot be stored, stores and cores that fail under a worker. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError, StoreError, TaskError } from '#offstage/errors/index.js';
import { due } from '#offstage/reap/index.js';
import type { Change, Ops, Store } from '#offstage/store/types.js';
import { Fixture } from './fixture.js';
import { membersOf, until } from './processes.js';

/** The fixture's store with something before its operations; what `before` throws, the operation throws. */
function withFault(fixture: Fixture, before: (op: keyof Ops, commands: string[]) => void): Store {
  const { store } = fixture;
  const run = async (op: keyof Ops, args: never): Promise<unknown> => {
    const isAsked = op === 'change' || op === 'turn';
    const changes = isAsked ? (args as { changes: (Change | Change[])[] }).changes.flat() : [];
    before(
      op,
      changes.map(({ command }) => command.command),
    );
    return store.run(op, args);
  };
  return {
    path: store.path,
    folder: store.folder,
    run,
    watch: (listener: () => void) => store.watch(listener),
    keepLease: (worker: string) => store.keepLease(worker),
    dropLease: (worker: string) => store.dropLease(worker),
  } as unknown as Store;
}

const ENDS = ['succeed', 'fail', 'lose', 'stopped'];
const isEnd = (commands: string[]): boolean => commands.some((command) => ENDS.includes(command));

test('an end that cannot be stored, for whatever reason, is stored later; the worker does not leave meanwhile', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('one', 'export default () => 41 + 1;');
  let refused = 0;
  const store = withFault(fixture, (_, commands) => {
    if (!isEnd(commands) || refused >= 7) return;
    refused += 1;
    throw new Error("Cannot find module '/x/store/ops/change.js'");
  });
  const id = await fixture.submit('one');
  const worker = await fixture.work({ exitWhenIdle: 0 }, store);
  const { record, payloads } = await fixture.until(id);
  assert.deepEqual([record.status, payloads.result, refused], ['completed', '42', 7]);
  await worker.ended; // it leaves once there is nothing to do
  assert.equal(worker.events.at(-2)?.status, 'completed');
  assert.match(worker.trouble.join('\n'), /Cannot find module/);
});

test('a worker that is told to end leaves what it cannot store to others, who decide it', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('one', 'export default () => 1;');
  let refused = 0;
  const store = withFault(fixture, (_, commands) => {
    if (!isEnd(commands)) return;
    refused += 1;
    throw new Error('no');
  });
  const worker = await fixture.work({}, store);
  const id = await fixture.submit('one');
  await until(() => refused >= 3);
  assert.equal((await fixture.read(id)).record.status, 'running');
  worker.stop.abort();
  await worker.ended;
  await due(fixture.store);
  const { record } = await fixture.read(id);
  assert.deepEqual([record.status, record.error?.code], ['failed', 'lost']);
});

test('a store that says that there is no such task, or no such execution, ends it', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('one', 'export default () => 1;');
  const store = withFault(fixture, (_, commands) => {
    if (isEnd(commands)) throw new ConflictError('never started attempt 1');
  });
  await fixture.submit('one');
  const worker = await fixture.work({ exitWhenIdle: 0 }, store);
  await until(() => worker.events.some(({ event }) => event === 'finished'));
  assert.equal(worker.events.find(({ event }) => event === 'finished')?.status, 'removed');
});

test('a store that passes over for a while costs nothing', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('one', 'export default () => 1;');
  let refused = 0;
  const store = withFault(fixture, (op) => {
    if (op !== 'addGroup' && op !== 'useGroup') return;
    refused += 1;
    if (refused <= 2) throw new StoreError('busy', { details: { reason: 'busy' } });
  });
  await fixture.work({}, store);
  const { record, events } = await fixture.until(await fixture.submit('one'));
  assert.deepEqual([record.status, record.attempt], ['completed', 1]);
  assert.ok(events.filter(({ kind }) => kind === 'started').length > 1, 'it was given back and started again');
});

test('a worker whose core is dead kills its children and ends with the reason', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'long',
    'export default async () => { console.log(process.pid); await new Promise(() => setInterval(() => {}, 1000)); };',
  );
  let dead = false;
  const store = withFault(fixture, () => {
    if (dead) throw new TaskError('core_dead', "offstage's core failed and cannot be used any more in this process");
  });
  const worker = await fixture.work({}, store);
  const id = await fixture.submit('long');
  const { events } = await fixture.until(id, ({ events }) => events.some(({ kind }) => kind === 'log'));
  const pid = Number(events.find(({ kind }) => kind === 'log')?.data.line);
  dead = true;
  await assert.rejects(worker.ended, /core failed/);
  await until(() => membersOf(pid).length === 0);
});

test('a core that dies while it serves a task ends the worker too', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('parent', "export default (_, ctx) => ctx.submit('child');");
  const family = { submit: async () => Promise.reject(new TaskError('core_dead', 'the core failed')) };
  const worker = await fixture.work({ family: family as never });
  await fixture.submit('parent');
  await assert.rejects(worker.ended, /core failed/);
});

/** How many statements many tasks take: what is asked for each of them, and what once for all that have their turn together. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Program } from '#offstage/ports/backend.js';
import { type NewTask, type Store, storeOver } from '#offstage/store/index.js';
import { openSqlite } from '#offstage/store/sqlite/open.js';
import { newTask, tempFolder, workerRow } from './helpers.js';
import { backendWith } from './through.js';

/** A store, and the names of the statements that it was asked for. */
interface Counted {
  store: Store;
  asked: string[];
}

function* watched<T>(program: Program<T>, asked: string[]): Program<T> {
  let step = program.next();
  while (!step.done) {
    asked.push(...('sql' in step.value ? [step.value] : step.value).map(({ name }) => name));
    step = program.next(yield step.value);
  }
  return step.value;
}

/** A worker `w` of folders has so many slots, children that stand ready, and a limit that it shares with others. */
async function counted(t: TestContext, slots: number): Promise<Counted> {
  const asked: string[] = [];
  const backend = await openSqlite(join(tempFolder(t), '.offstage', 'tasks.db'));
  const store = storeOver(
    backendWith(backend, {
      read: (program) => backend.read((moment) => watched(program(moment), asked)),
      write: (locks, program, options) => backend.write(locks, (moment) => watched(program(moment), asked), options),
    }),
  );
  t.after(() => store.close());
  const limits = { concurrency: slots, max_concurrent: slots, folders: true };
  await store.run('register', { row: workerRow('w', process.pid, limits) });
  for (const pgid of groups(slots)) await store.run('addGroup', { worker: 'w', group: { pgid, start_time: '1' } });
  return { store, asked };
}

const groups = (count: number): number[] => Array.from({ length: count }, (_, n) => 1000 + n);

const bound = (): NewTask =>
  newTask({}, { code: null, binding: { environment: { id: 'e', data: '{"variables":{}}' }, values: [] } });

const turn = { worker: 'w', changes: [], submits: [], running: [], room: 99 };

/** How often each of these was asked for. */
const timesOf = (asked: readonly string[], names: readonly string[]): number[] =>
  names.map((name) => asked.filter((one) => one === name).length);

/** What so many tasks of folders take: all that is asked while they are submitted, started, and looked at. */
async function flight(t: TestContext, count: number): Promise<{ submit: string[]; start: string[]; look: string[] }> {
  const { store, asked } = await counted(t, count);
  const take = (): string[] => asked.splice(0);
  take();
  await Promise.all(Array.from({ length: count }, () => store.run('submit', { tasks: [bound()], start: null })));
  const submit = take();
  const children = groups(count).map((pgid) => ({ pgid, fit: null }));
  const { started } = await store.run('turn', { ...turn, children });
  const start = take();
  assert.deepEqual(
    started.map(({ pgid, payloads, environment }) => [pgid, payloads, environment]),
    groups(count).map((pgid) => [pgid, { input: '{"a":1}', config: '{}' }, '{"variables":{}}']),
  );
  const running = started.map(({ id, attempt, epoch }) => ({ id, attempt, epoch }));
  assert.deepEqual((await store.run('poll', { worker: 'w', running })).ended, []);
  return { submit, start, look: take() };
}

test('what a start is given is asked for once for all that start, and so is whether what runs goes on', async (t) => {
  const [few, many] = [await flight(t, 4), await flight(t, 20)];
  assert.equal((many.start.length - few.start.length) / 16, 2, 'the row and its event');
  assert.equal(many.look.length, few.look.length);
  const once = ['payload.of_all', 'environment.data', 'group.free', 'group.give_all', 'worker.all', 'slot.owed'];
  assert.deepEqual(timesOf(many.start, once), [1, 1, 1, 1, 1, 0], 'nobody else is owed a slot');
});

test('the environment of those who submit together is stored once', async (t) => {
  const { submit } = await flight(t, 20);
  assert.deepEqual(timesOf(submit, ['environment.add', 'worker.all', 'task.insert']), [1, 1, 20]);
});

/** What a commit says of itself: whom it concerns, and which tasks have ended by it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Command } from '#offstage/core/index.js';
import type { Commit } from '#offstage/ports/backend.js';
import type { Change, Claimed, NewTask, Turned } from '#offstage/store/index.js';
import { until } from '../../waiting.js';
import { enter, newTask, openAgain, submitOne, tempStore, workerRow } from './helpers.js';

/** A store with a living worker, and what its commits say. */
async function scene(t: TestContext) {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w', process.pid, { concurrency: 9 }) });
  const told: (Commit | undefined)[] = [];
  t.after(store.watch((commit) => told.push(commit)));
  const say = ({ id, attempt, epoch }: Claimed, command: { command: string } & Record<string, unknown>) =>
    store.run('change', { changes: [{ id, command: { attempt, epoch, ...command } as unknown as Command }] });
  const last = () => {
    const commit = told.at(-1);
    return commit && { topics: [...commit.topics].sort(), ended: commit.ended };
  };
  return { store, told, say, last, claim: async () => (await store.run('claim', { worker: 'w' })).started };
}

const EVERYBODY = ['outcome', 'told', 'work', 'worker:*'];
const ERROR = { code: 'failed', name: 'Error', message: 'no', retryable: false };

test('a submit and a start end nothing; a success says what it has ended', async (t) => {
  const { store, say, last, claim } = await scene(t);
  const id = await submitOne(store);
  assert.deepEqual(last(), { topics: ['told', 'work'], ended: [] });
  const [run] = await claim();
  assert.deepEqual(last(), { topics: ['told'], ended: [] });
  await say(run as Claimed, { command: 'log', line: 'x' });
  assert.deepEqual(last(), { topics: ['told'], ended: [] });
  await say(run as Claimed, { command: 'succeed' });
  assert.deepEqual(last(), { topics: ['outcome', 'told', 'work'], ended: [id] });
});

test('what may take others along concerns everybody, and does not say whom it has ended', async (t) => {
  const { store, say, last, claim } = await scene(t);
  const parent = await submitOne(store);
  await enter(store, { parent_id: parent });
  const [run] = await claim();
  await say(run as Claimed, { command: 'fail', error: ERROR, settled: true });
  assert.deepEqual(last(), { topics: EVERYBODY, ended: undefined });
  const id = await submitOne(store);
  await store.run('cancel', { ids: [id], by: 'caller' });
  assert.deepEqual(last(), { topics: EVERYBODY, ended: undefined });
  await enter(store, { session_id: 's' });
  await enter(store, { session_id: 's' }, { onConflict: 'interrupt' });
  assert.deepEqual(last(), { topics: EVERYBODY, ended: undefined });
});

test('of several parts of one commit the whole is told; one of which nothing is known makes it unknown', async (t) => {
  const { store, say, last, claim, told } = await scene(t);
  const [a, b] = [await submitOne(store), await submitOne(store)];
  const [first, second] = (await claim()) as [Claimed, Claimed];
  await Promise.all([say(first, { command: 'succeed' }), submitOne(store), say(second, { command: 'succeed' })]);
  assert.deepEqual(last(), { topics: ['outcome', 'told', 'work'], ended: [a, b] });
  const [third] = (await claim()) as [Claimed];
  const before = told.length;
  await Promise.all([
    say(third, { command: 'succeed' }),
    store.run('cancel', { ids: [await submitOne(store)], by: 'caller' }),
  ]);
  const commit = told.slice(before).find((one) => one?.topics.includes('worker:*'));
  assert.equal(commit?.ended, undefined);
});

test('a turn with room says for whom it has decided what may start, unless there came more behind it', async (t) => {
  const { store, told, last } = await scene(t);
  const turn = (room: number) =>
    store.run('turn', { worker: 'w', changes: [], submits: [{ tasks: [newTask()], start: null }], running: [], room });
  const { started } = await turn(1);
  assert.deepEqual([last(), told.at(-1)?.looked], [{ topics: ['told'], ended: [] }, ['w']]);
  await turn(0);
  assert.equal(told.at(-1)?.looked, undefined);
  await Promise.all([turn(9), submitOne(store)]);
  assert.equal(told.at(-1)?.looked, undefined);
  const [{ id, attempt, epoch }] = started as [Claimed];
  const changes = [[{ id, command: { command: 'succeed', attempt, epoch } as const }]];
  await Promise.all([submitOne(store), store.run('turn', { worker: 'w', changes, submits: [], running: [], room: 9 })]);
  assert.deepEqual([last()?.ended, told.at(-1)?.looked], [[id], ['w']]);
});

test('a turn is work for others only while something waits to start, now or later, or for its slot', async (t) => {
  const { store, told } = await scene(t);
  const turn = async (changes: Change[], tasks: NewTask[], room: number, worker = 'w'): Promise<Turned> => {
    const submits = tasks.length === 0 ? [] : [{ tasks, start: null }];
    return store.run('turn', { worker, changes: changes.map((one) => [one]), submits, running: [], room });
  };
  const isWork = (): boolean | undefined => told.at(-1)?.topics.includes('work');
  const succeed = ({ id, attempt, epoch }: Claimed): Change => ({
    id,
    command: { command: 'succeed', attempt, epoch },
  });
  const [first] = (await turn([], [newTask()], 9)).started as [Claimed];
  assert.equal(isWork(), false, 'it has started');
  const [second] = (await turn([], [newTask(), newTask({ run_at: Date.now() + 60_000 })], 9)).started as [Claimed];
  assert.equal(isWork(), true, 'one starts later');
  await turn([succeed(first)], [], 9);
  assert.equal(isWork(), true);
  await store.run('cancel', { ids: await store.run('ids', { status: ['pending'] }), by: 'caller' });
  await turn([succeed(second)], [], 9);
  assert.equal(isWork(), false);
  const [parent] = (await turn([], [newTask()], 9)).started as [Claimed];
  await turn([], [newTask()], 0);
  assert.equal(isWork(), true, 'one waits');
  const [last] = (await turn([], [], 9)).started as [Claimed];
  const { id, attempt, epoch } = parent;
  await store.run('lend', { attempt: { id, attempt, epoch } });
  await store.run('reclaim', { attempt: { id, attempt, epoch } });
  await turn([succeed(last)], [], 0, 'another');
  assert.equal(isWork(), true, 'one wants its slot back');
});

test('of a commit of another mount nothing is known', async (t) => {
  const { store, told } = await scene(t);
  const other = await openAgain(store);
  t.after(() => other.close());
  const before = told.length;
  await submitOne(other);
  await until(() => told.length > before, { what: 'the watcher to be told' });
  assert.equal(told.at(-1), undefined);
});

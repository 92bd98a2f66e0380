import assert from 'node:assert/strict';
import { test } from 'node:test';
import { due, recover } from '#offstage/reap/index.js';
import type { Binding, EnvValue, Store } from '#offstage/store/types.js';
import { claim, enter, newTask, tempStore, workerRow } from './helpers.js';

const value = (name: string, hash: string, key = 'k1'): EnvValue => ({ name, key, hash });
const binding = (values: EnvValue[], id = 'e1'): Binding => ({ environment: { id, data: `{"id":"${id}"}` }, values });
const bound = (...values: EnvValue[]) => ({ needs: values.map(({ name }) => name), binding: binding(values) });

/** A worker that takes values, with those that it has. */
const register = (store: Store, id: string, values: EnvValue[], more = {}): Promise<void> =>
  store.run('register', { row: workerRow(id, process.pid, { values, value_key: 'k1', socket: `/s/${id}`, ...more }) });

const ids = async (store: Store, worker: string): Promise<string[]> => (await claim(store, worker)).map(({ id }) => id);

test('a bound task is claimed by a worker that has each value, not by one that has others of the same names', async (t) => {
  const store = await tempStore(t);
  await register(store, 'w1', [value('A', 'a1'), value('B', 'b1')], { env: ['A', 'B'] });
  const { id, runnable } = await enter(store, {}, bound(value('A', 'a1'), value('B', 'b1')));
  const other = await enter(store, {}, bound(value('A', 'a1'), value('B', 'b2')));
  assert.deepEqual([runnable, other.runnable, other.missing], [true, false, ['B']]);
  const [claimed, ...more] = await claim(store, 'w1');
  assert.deepEqual([claimed?.id, more], [id, []]);
  assert.equal(claimed?.environment, '{"id":"e1"}');
  await store.run('hold', { worker: 'w1', values: [value('B', 'b2')] });
  assert.deepEqual(await ids(store, 'w1'), [other.id]);
});

test('what is no secret decides nothing, and is stored once', async (t) => {
  const store = await tempStore(t);
  await register(store, 'w1', []);
  for (const id of ['e1', 'e2', 'e1']) await enter(store, {}, { binding: binding([], id) });
  const claimed = await claim(store, 'w1');
  assert.deepEqual(
    claimed.map(({ environment, bound }) => [environment, bound]),
    ['e1', 'e2', 'e1'].map((id) => [`{"id":"${id}"}`, []]),
  );
});

test('a task without a binding goes by names', async (t) => {
  const store = await tempStore(t);
  await register(store, 'w1', [value('A', 'a1')], { env: ['A'] });
  const { id } = await enter(store, {}, { needs: ['A'] });
  await enter(store, {}, { needs: ['B'] });
  const [claimed, ...more] = await claim(store, 'w1');
  assert.deepEqual([claimed?.id, claimed?.environment, claimed?.bound, more], [id, null, [], []]);
});

test('a hash of another key matches by name; a key that is replaced under a worker matches nothing new', async (t) => {
  const store = await tempStore(t);
  await register(store, 'w1', [value('A', 'a1')], { env: ['A'] });
  const restored = await enter(store, {}, { needs: ['A'] });
  await store.run('retry', { id: await end(store, restored.id), start: null, by: binding([value('A', 'a0', 'k0')]) });
  // Made while the worker lives: it is told, so that this is no match by name.
  assert.deepEqual(await ids(store, 'w1'), []);
  await register(store, 'w1', [value('A', 'a1')], { env: ['A'] });
  assert.equal((await ids(store, 'w1')).length, 1, 'a worker that starts later has the key of the file');
  await register(store, 'w2', [], { env: ['B'] });
  await enter(store, {}, bound(value('A', 'a9', 'k0')));
  await register(store, 'w2', [], { env: ['B'] });
  assert.deepEqual(await ids(store, 'w2'), [], 'it has no such name');
});

async function end(store: Store, id: string): Promise<string> {
  await store.run('change', { changes: [{ id, command: { command: 'cancel' } }] });
  return id;
}

test('a second worker is started only when none lives that values can be handed to', async (t) => {
  const store = await tempStore(t);
  const [mine, his] = [value('A', 'mine'), value('A', 'his')];
  const start = (id: string, values: EnvValue[]) =>
    workerRow(id, process.pid, { state: 'starting', env: ['A'], values, value_key: 'k1' });
  const submit = (own: EnvValue, id: string) =>
    store.run('submit', { tasks: [newTask({}, bound(own)), newTask({}, bound(own))], start: start(id, [own]) });
  const first = await submit(mine, 'w1');
  assert.deepEqual([first.spawn, first.unheld], [true, []]);
  const second = await submit(his, 'w2');
  assert.equal(second.spawn, false);
  assert.deepEqual(second.unheld.length, 1, 'one of each set is enough to hand them over');
  const [id = ''] = second.unheld;
  const look = () => store.run('needWorker', { id, start: start('w3', [his]) });
  assert.deepEqual(await store.run('provision', { id }), await look());
  assert.deepEqual(await look(), {
    needed: true,
    spawn: false,
    hand: { values: [his], worker: { id: 'w1', socket: null } },
  });
  await register(store, 'w1', [mine]);
  assert.deepEqual((await look()).hand?.worker, { id: 'w1', socket: '/s/w1' });
  await store.run('hold', { worker: 'w1', values: [his] });
  assert.deepEqual(await look(), { needed: false, spawn: false, hand: null });
  await store.run('leave', { worker: 'w1', force: true });
  assert.equal((await store.run('needWorker', { id, start: start('w4', [mine]) })).spawn, false, 'of no use');
  assert.deepEqual(await look(), { needed: true, spawn: true, hand: null });
});

test('values are released when no live task needs them', async (t) => {
  const store = await tempStore(t);
  await register(store, 'w1', []);
  const [used, unused] = [value('A', 'used'), value('A', 'unused')];
  const { id } = await enter(store, {}, bound(used));
  await store.run('hold', { worker: 'w1', values: [used, unused] });
  assert.deepEqual(await store.run('release', { worker: 'w1', values: [used, unused] }), [unused]);
  assert.equal((await store.run('get', { id, payloads: [] }))?.runnable, true);
  await end(store, id);
  assert.deepEqual(await store.run('release', { worker: 'w1', values: [used] }), [used]);
});

test('what nobody has is stranded when it is due; taken by name, only that task is claimed', async (t) => {
  const store = await tempStore(t);
  await register(store, 'w1', [value('A', 'a1')], { env: ['A'] });
  const { id } = await enter(store, {}, bound(value('A', 'a2')));
  await enter(store, { delay_ms: 60_000 }, bound(value('A', 'a2')));
  await enter(store, {}, bound(value('B', 'b1')));
  assert.deepEqual(await store.run('stranded', { worker: 'w1' }), [id]);
  await store.run('takeByName', { worker: 'w1', ids: [id] });
  assert.deepEqual(await store.run('stranded', { worker: 'w1' }), []);
  await enter(store, {}, bound(value('A', 'a2')));
  assert.deepEqual(await ids(store, 'w1'), [id], 'the same value of a later submit is another matter');
});

test('retry, an answer and a recover bind anew when all is there, and note names that changed', async (t) => {
  const store = await tempStore(t);
  const [old, fresh] = [value('A', 'old'), value('A', 'fresh')];
  await register(store, 'w1', [old, fresh]);
  const by = binding([fresh, value('B', 'b'), value('*', 'all')], 'e2');
  const poor = binding([value('B', 'b')], 'e3');
  const { id } = await enter(store, {}, bound(old));

  const ended = await store.run('retry', { id: await end(store, id), start: null, by: poor });
  const [kept] = await claim(store, 'w1');
  assert.deepEqual(
    [kept?.id, kept?.bound, kept?.environment, kept?.envNote],
    [ended.task.id, [old], '{"id":"e1"}', null],
  );

  const { attempt = 0, epoch = 0 } = kept ?? {};
  const ask = { command: 'ask', key: 'k', message: 'm', attempt, epoch } as const;
  await store.run('change', { changes: [{ id: ended.task.id, command: ask }] });
  await store.run('leave', { worker: 'w1', force: true });
  await register(store, 'w2', [old, fresh]);
  const answer = { command: 'answer', key: 'k', action: 'accept' } as const;
  await due(store);
  await store.run('change', { changes: [{ id: ended.task.id, command: answer, by }] });
  const [again] = await claim(store, 'w2');
  assert.deepEqual([again?.id, again?.bound, again?.environment], [ended.task.id, [fresh], '{"id":"e2"}']);
  assert.match(again?.envNote ?? '', /^environment: A bound anew/);

  const all = { ids: [ended.task.id], force: true, retry: true, dryRun: false, by: binding([old]) };
  assert.equal((await recover(store, all))[0]?.status, 'pending');
  await store.run('leave', { worker: 'w2', force: true });
  await register(store, 'w3', [old]);
  const [last] = await claim(store, 'w3');
  assert.deepEqual([last?.id, last?.bound], [ended.task.id, [old]]);
});

test('a task that waits for values nobody has is bound anew by a retry, itself', async (t) => {
  const store = await tempStore(t);
  await register(store, 'w1', [value('A', 'fresh')]);
  const { id } = await enter(store, {}, bound(value('A', 'old')));
  const { task } = await store.run('retry', { id, start: null, by: binding([value('A', 'fresh')], 'e2') });
  assert.deepEqual([task.id, task.runnable], [id, true]);
  const [claimed] = await claim(store, 'w1');
  assert.match(claimed?.envNote ?? '', /A bound anew/);
  const waiting = await enter(store, {}, bound(value('A', 'other')));
  const poor = store.run('retry', { id: waiting.id, start: null, by: binding([]) });
  await assert.rejects(poor, { code: 'conflict' }, 'without its values it is a live task like any other');
});

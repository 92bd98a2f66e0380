/** Records that the core holds between transactions: what they say is what the rows say, whatever comes in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Program } from '#offstage/ports/backend.js';
import type { Claimed } from '#offstage/store/index.js';
import { changes } from '#offstage/store/sql/statement.js';
import { checkFile } from '#offstage/store/sqlite/check.js';
import { newTask } from './helpers.js';
import { begun, code, log, of, reads, shown, succeed, turn, world } from './live-world.js';

const bend = changes<[id: string]>('test.bend', 'UPDATE tasks SET epoch = epoch + 1 WHERE id = ?');

test('what starts here is told of and ended without its row being read', async (t) => {
  const { store, hand } = await world(t);
  const [a, b] = (await begun(store, code(), code())) as [Claimed, Claimed];
  await turn(store, [[log(a, 'one'), log(a, 'two')], [log(b, 'x')]]);
  const { changed } = await turn(store, [
    [log(a, 'three')],
    [succeed(a)],
    [{ ...succeed(b), payloads: { result: '5' } }],
  ]);
  assert.deepEqual(
    changed.map((one) => 'answer' in one),
    [true, true, true],
  );
  assert.equal(reads(hand), 0);
  assert.deepEqual(await shown(store, a.id), ['completed', 'submitted', 'started', 'log', 'log', 'log', 'completed']);
  assert.equal((await store.run('get', { id: b.id, payloads: ['result'] }))?.payloads.result, '5');
});

test('so is what waited to start', async (t) => {
  const { store, hand } = await world(t);
  await store.run('submit', { tasks: [code(), code()], start: null });
  const { started } = await turn(store, []);
  hand.asked.length = 0;
  await turn(store, [started.map(succeed)]);
  assert.deepEqual([started.length, reads(hand)], [2, 0]);
});

test('a commit of somebody else has the rows read, once', async (t) => {
  const { store, hand, other } = await world(t);
  const [a] = (await begun(store, code())) as [Claimed];
  await other.run('submit', { tasks: [newTask()], start: null });
  await turn(store, [[log(a, 'one')]]);
  assert.equal(reads(hand), 1);
  await turn(store, [[log(a, 'two')]]);
  assert.equal(reads(hand), 0);
});

test('what another process cancels is not ended here', async (t) => {
  const { store, other } = await world(t);
  const [a] = (await begun(store, code())) as [Claimed];
  await other.run('change', { changes: [{ id: a.id, command: { command: 'cancel' } }] });
  await turn(store, [[succeed(a)]]);
  assert.deepEqual(await shown(store, a.id), [
    'cancelled',
    'submitted',
    'started',
    'cancelled',
    'late_result',
    'stopped',
  ]);
});

test('so it is with a cancel from here, before the end and in the same transaction', async (t) => {
  const { store } = await world(t);
  const [a, b] = (await begun(store, code(), code())) as [Claimed, Claimed];
  await store.run('change', { changes: [{ id: a.id, command: { command: 'cancel' } }] });
  const [, ended] = await Promise.all([
    store.run('change', { changes: [{ id: b.id, command: { command: 'cancel' } }] }),
    turn(store, [[succeed(a)], [succeed(b)]]),
  ]);
  assert.equal(ended.changed.length, 2);
  for (const { id } of [a, b]) {
    assert.deepEqual(await shown(store, id), [
      'cancelled',
      'submitted',
      'started',
      'cancelled',
      'late_result',
      'stopped',
    ]);
  }
});

test('a refused change leaves its record, and the others, as they are', async (t) => {
  const { store, hand } = await world(t);
  const [a, b] = (await begun(store, code(), code())) as [Claimed, Claimed];
  const refused = of(a, { command: 'stopped' });
  const never = of(a, { command: 'succeed', epoch: 7 });
  const odd = of(a, {
    command: 'fail',
    error: { code: 'failed', name: 'E', message: 'm', retryable: true },
    retry_in_ms: Number.NaN,
  });
  const { changed } = await turn(store, [[refused], [never], [odd], [log(a, 'one')], [succeed(b)]]);
  assert.deepEqual(
    changed.map((one) => ('error' in one ? one.error.code : 'ok')),
    ['conflict', 'conflict', 'invalid_argument', 'ok', 'ok'],
  );
  assert.deepEqual(await shown(store, a.id), ['running', 'submitted', 'started', 'log']);
  assert.ok(reads(hand) <= 1);
});

test('a set that is refused in its midst leaves nothing, and nothing of it is held', async (t) => {
  const { store } = await world(t);
  const [a] = (await begun(store, code())) as [Claimed];
  const { changed } = await turn(store, [[log(a, 'one'), of(a, { command: 'stopped' })], [log(a, 'two')]]);
  assert.deepEqual(
    changed.map((one) => 'error' in one),
    [true, false],
  );
  await turn(store, [[of(a, { command: 'stopped' }), log(a, 'never')], [succeed(a)]]);
  assert.deepEqual(await shown(store, a.id), ['completed', 'submitted', 'started', 'log', 'completed']);
});

test('an end of a row that is not as it is held to be changes nothing of it: it is read', async (t) => {
  const { store, hand } = await world(t);
  const [a] = (await begun(store, code())) as [Claimed];
  hand.before = bend(a.id) as unknown as Program<unknown>;
  const { changed } = await turn(store, [[log(a, 'one')]]);
  assert.deepEqual(
    changed.map((one) => 'answer' in one),
    [true],
    'the row was read, and written as it was read',
  );
  assert.equal(reads(hand), 1);
});

test('a new task that is refused, or was there already, is not held', async (t) => {
  const { store, hand } = await world(t);
  const keyed = () => code({ idempotency_key: 'k' });
  const { submitted, started } = await turn(store, [], [keyed(), code({ name: '' }), keyed(), code()]);
  assert.deepEqual(
    submitted.map((one) => ('error' in one ? one.error.code : (one.answer.tasks[0]?.deduplicated ?? false))),
    [false, 'invalid_argument', true, false],
  );
  await turn(store, [started.map(succeed)]);
  assert.deepEqual([started.length, reads(hand)], [2, 0]);
});

test('a turn that a fault ends half way is done again, all of it, by what is stored', async (t) => {
  const { store, hand } = await world(t);
  const [a, b] = (await begun(store, code(), code())) as [Claimed, Claimed];
  const busy = Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 });
  let left = 2;
  hand.behind = (name) => {
    if (name === 'task.write_end' && left-- > 0) throw busy;
  };
  const { changed, started } = await turn(store, [[succeed(a)], [succeed(b)]], [code()]);
  assert.deepEqual([changed.length, started.length], [2, 1]);
  for (const { id } of [a, b])
    assert.deepEqual(await shown(store, id), ['completed', 'submitted', 'started', 'completed']);
  assert.equal((await checkFile(store.path)).problems.length, 0);
});

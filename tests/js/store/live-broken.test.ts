/** What is refused, or fails, between a decision about a held record and its row leaves the core no further than the rows. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Records } from '#offstage/core/index.js';
import type { Program } from '#offstage/ports/backend.js';
import type { Change, Claimed } from '#offstage/store/index.js';
import { changes } from '#offstage/store/sql/statement.js';
import { Database } from '#offstage/store/sqlite/database.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { submitOne } from './helpers.js';
import { begun, code, log, of, reads, shown, succeed, turn, type World, world } from './live-world.js';

/** The numbers of a task's events, which the row counts too. */
function numbers({ store }: World, id: string): number[] {
  const db = connect(store.path);
  try {
    const all = db.prepare('SELECT e.seq AS n FROM events e JOIN tasks t ON t.seq = e.task WHERE t.id = ?').all(id);
    return all.map(({ n }) => Number(n));
  } finally {
    db.close();
  }
}

const codes = (changed: Awaited<ReturnType<typeof turn>>['changed']): string[] =>
  changed.map((one) => ('error' in one ? one.error.code : 'ok'));

const bad = (run: Claimed): Change => of(run, { command: 'warning', reason: '', message: 'm' });

for (const [what, facts] of [
  ['second', (run: Claimed) => [log(run, 'one'), bad(run)]],
  ['last of many', (run: Claimed) => [log(run, 'one'), log(run, 'two'), log(run, 'three'), bad(run)]],
] as const) {
  test(`facts of which the ${what} is refused are no part of what the turn writes after them`, async (t) => {
    const one = await world(t);
    const [a, b] = (await begun(one.store, code(), code())) as [Claimed, Claimed];
    const { changed } = await turn(one.store, [facts(a), [succeed(a)], facts(b), [log(b, 'x')], [log(b, 'y')]]);
    assert.deepEqual(codes(changed), ['invalid_argument', 'ok', 'invalid_argument', 'ok', 'ok']);
    assert.deepEqual(
      [numbers(one, a.id), numbers(one, b.id)],
      [
        [1, 2, 3],
        [1, 2, 3, 4],
      ],
    );
    assert.deepEqual(await shown(one.store, a.id), ['completed', 'submitted', 'started', 'completed']);
  });
}

/** The next call of that kind throws when the core has done what it was asked for. */
function breakOnce(t: TestContext, call: 'batch' | 'begin'): void {
  const original = Records.prototype[call] as (...args: unknown[]) => unknown;
  const { mock } = t.mock.method(Records.prototype, call, original as never);
  mock.mockImplementationOnce(function (this: Records, ...args: unknown[]) {
    original.apply(this, args);
    throw new Error('planted');
  } as never);
}

test('a call into the core that throws when some was decided leaves nothing of that', async (t) => {
  const one = await world(t);
  const [a] = (await begun(one.store, code())) as [Claimed];
  breakOnce(t, 'batch');
  await assert.rejects(turn(one.store, [[log(a, 'never'), log(a, 'never')]]), /planted/);
  await turn(one.store, [[log(a, 'one')], [succeed(a)]]);
  assert.deepEqual(numbers(one, a.id), [1, 2, 3, 4]);
});

test('so does one that begins', async (t) => {
  const one = await world(t);
  const forgotten = t.mock.method(Records.prototype, 'forget');
  breakOnce(t, 'begin');
  await assert.rejects(turn(one.store, [], [code(), code()]), /planted/);
  const [a] = (await begun(one.store, code())) as [Claimed];
  await turn(one.store, [[succeed(a)]]);
  assert.equal(forgotten.mock.callCount(), 2);
  assert.deepEqual(numbers(one, a.id), [1, 2, 3]);
});

const bend = changes<[id: string]>('test.bend_one', 'UPDATE tasks SET epoch = epoch + 1 WHERE id = ?');

test('when one row is not as it is held to be no held record is trusted', async (t) => {
  const { store, hand } = await world(t);
  const [a, b] = (await begun(store, code(), code())) as [Claimed, Claimed];
  hand.before = bend(a.id) as unknown as Program<unknown>;
  await turn(store, [[log(a, 'one')], [log(b, 'one')]]);
  assert.equal(reads(hand), 2);
  await turn(store, [[log(a, 'two')], [log(b, 'two')]]);
  assert.equal(reads(hand), 0, 'they are held again');
});

test('a child that is not as it was read has all undone and done again, its parent decided on once', async (t) => {
  const one = await world(t);
  const { store, hand } = one;
  const [a] = (await begun(store, code())) as [Claimed];
  const child = await submitOne(store, { parent_id: a.id });
  let ends = 0;
  hand.answer = (name, answer) => {
    if (name !== 'task.write_end') return answer;
    ends += 1;
    return ends === 2 ? 0 : answer;
  };
  const error = { code: 'failed', name: 'E', message: 'm', retryable: false };
  const { changed } = await turn(store, [[of(a, { command: 'fail', error })]]);
  assert.deepEqual([codes(changed), ends], [['ok'], 4]);
  assert.deepEqual(numbers(one, a.id), [1, 2, 3]);
  assert.deepEqual(await shown(store, child), ['cancelled', 'submitted', 'cancelled']);
});

test('what was decided ahead is not kept when the turn is over', async (t) => {
  const { store } = await world(t);
  const [a] = (await begun(store, code())) as [Claimed];
  const asked: WeakRef<Change>[] = [];
  await (() => {
    const set = [log(a, 'one'), bad(a), log(a, 'never')];
    asked.push(...set.map((change) => new WeakRef(change)));
    return turn(store, [set]);
  })();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await new Promise((resolve) => setImmediate(resolve)); // what is asked with WeakRef lives to the end of its job
  collect();
  assert.deepEqual(
    asked.map((one) => one.deref()),
    [undefined, undefined, undefined],
  );
});

test('an end asks the core for nothing but the decision', async (t) => {
  const { store } = await world(t);
  const forgotten = t.mock.method(Records.prototype, 'forget');
  const [a, b] = (await begun(store, code(), code())) as [Claimed, Claimed];
  await turn(store, [[log(a, 'x')], [succeed(a)], [succeed(b)]]);
  assert.equal(forgotten.mock.callCount(), 0);
});

test('whether others have written is asked by a statement that is prepared once', async (t) => {
  const { store, other } = await world(t);
  const connection = connect(store.path, { readOnly: true });
  const prepared: string[] = [];
  const prepare = (sql: string) => {
    prepared.push(sql);
    return connection.prepare(sql);
  };
  const db = new Database(store.path, {
    connection: { exec: (sql) => connection.exec(sql), prepare, close: () => connection.close() },
    leave: () => {},
  });
  const before = db.dataVersion();
  assert.equal(db.dataVersion(), before);
  await submitOne(other);
  assert.notEqual(db.dataVersion(), before);
  db.close();
  assert.deepEqual(
    prepared.filter((sql) => sql.includes('data_version')),
    ['PRAGMA data_version'],
  );
});

/** What is remembered of the time, by processes whose clocks differ, and what such a one must not do. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { clockRound } from '../../torture/clocks.js';
import { claim, completed, enter, submitOne, workerRow } from './helpers.js';
import { HOUR, Machine, MINUTE, START, taskOf, watch } from './machine.js';

test('what workers keep of their clock gives way when for a lease nobody confirms it and others agree on another', async (t) => {
  const machine = new Machine(t);
  const kept = () => machine.sql<{ at: number }>('SELECT wall_minus_mono AS at FROM clocks')[0]?.at;
  const first = await machine.process();
  await first.run('register', { row: workerRow('a') });
  const offset = START - 1_000_000;
  assert.equal(kept(), offset);
  const other = await machine.process(10 * MINUTE);
  await other.run('register', { row: workerRow('b') });
  for (let second = 0; second < 120; second += 5) {
    machine.pass(5000);
    await first.run('renew', { worker: 'a' });
    await other.run('renew', { worker: 'b' });
    assert.equal(kept(), offset, 'the first one confirms it');
  }
  machine.wall += HOUR; // now all of the machine have another wall time
  first.clock.skew = 0;
  for (let second = 0; second < 25; second += 5) {
    machine.pass(5000);
    await first.run('renew', { worker: 'a' });
    assert.equal(kept(), offset, `after ${second} s`);
  }
  machine.pass(10_000);
  await first.run('renew', { worker: 'a' });
  assert.equal(kept(), offset + HOUR);
});

test('a process that parts from the others drops no record; starts and times to live go by its own clock', async (t) => {
  const machine = new Machine(t);
  const worker = await machine.process();
  await worker.run('register', { row: workerRow('w') });
  const id = await completed(worker, 'w');
  const drop = await worker.run('see', { id });
  assert.equal(drop, machine.wall + HOUR);
  const late = await submitOne(worker, { ttl_ms: 2 * HOUR });
  const ahead = await machine.process(2 * HOUR);
  await due(ahead);
  assert.equal((await taskOf(ahead, id)).status, 'completed');
  assert.equal((await taskOf(ahead, late)).record.error.code, 'expired');
  const { drop_at } = await taskOf(ahead, id);
  assert.equal(drop_at, drop, 'and it moves no time of it');
  machine.pass(HOUR);
  await due(ahead);
  assert.equal((await taskOf(ahead, id)).status, 'completed', 'it still parts');
  ahead.clock.skew = 0;
  await watch(machine, ahead, 31_000);
  assert.equal(await ahead.run('get', { id, payloads: [] }), null, 'they agree again');
});

test('an outcome that is read by a process whose clock is behind is kept as long as any other', async (t) => {
  for (const skew of [-2 * HOUR, -10 * MINUTE, 10 * MINUTE]) {
    const machine = new Machine(t);
    const worker = await machine.process();
    await worker.run('register', { row: workerRow('w') });
    const id = await completed(worker, 'w');
    machine.pass(5 * HOUR);
    const reader = await machine.process(skew);
    assert.equal(await reader.run('see', { id }), machine.wall + HOUR, 'by the clock that the workers keep');
    assert.equal(await due(worker), 0);
    assert.equal((await taskOf(worker, id)).drop_at, machine.wall + HOUR);
  }
});

test('a time that is remembered of a task is never before its own times', async (t) => {
  const machine = new Machine(t);
  const ahead = await machine.process(10 * MINUTE);
  const behind = await machine.process(-10 * MINUTE);
  const { id } = await enter(ahead);
  await behind.run('register', { row: workerRow('w') });
  const [run] = await claim(behind, 'w');
  const { attempt, epoch } = run as { attempt: number; epoch: number };
  await behind.run('change', { changes: [{ id, command: { command: 'succeed', attempt, epoch } }] });
  await behind.run('see', { id });
  const { record } = await taskOf(behind, id);
  const created = START + 10 * MINUTE;
  assert.deepEqual([record.created_at, record.started_at, record.completed_at], [created, created, created]);
  const [row] = machine.sql<{ seen_at: number; drop_at: number }>('SELECT seen_at, drop_at FROM tasks');
  assert.deepEqual({ ...row }, { seen_at: created, drop_at: created + HOUR });
});

test('clear goes by the clock that the workers keep', async (t) => {
  const machine = new Machine(t);
  const worker = await machine.process();
  await worker.run('register', { row: workerRow('w') });
  const id = await submitOne(worker);
  await worker.run('change', { changes: [{ id, command: { command: 'cancel' } }] });
  machine.pass(MINUTE);
  const query = { ids: null, status: [], dryRun: false };
  const ahead = await machine.process(10 * MINUTE);
  assert.deepEqual(await ahead.run('clear', { ...query, olderThan: 5 * MINUTE }), { ids: [], keys: 0 });
  const behind = await machine.process(-10 * MINUTE);
  assert.deepEqual(await behind.run('clear', { ...query, olderThan: MINUTE }), { ids: [id], keys: 0 });
});

for (const seed of [1, 2]) {
  test(`clocks up to 10 minutes apart, and time namespaces: nothing is taken or dropped wrongly, SEED=${seed}`, (t) =>
    clockRound(t, seed, 80));
}

test('the checker of these rounds sees a store that forgets the clock of its workers', async (t) => {
  await assert.rejects(clockRound(t, 1, 60, true), /went after|is still there/);
});

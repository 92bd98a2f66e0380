/** Whose attempts may be taken by lease, with whatever clocks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { heard } from '../../waiting.js';
import { claim, enter, idleProcess, submitOne, workerRow } from './helpers.js';
import { CONTAINER, ELSEWHERE, HOUR, Machine, MINUTE, OTHER_CLOCK, running, taskOf, watch } from './machine.js';

for (const [what, row] of [
  ['another boot', ELSEWHERE],
  ['another time namespace of this boot', OTHER_CLOCK],
] as const) {
  for (const skew of [45_000, -45_000, 10 * MINUTE, -10 * MINUTE]) {
    test(`a worker of ${what} loses nothing to a judge whose clock is ${skew / 1000} s off, while it renews`, async (t) => {
      const machine = new Machine(t);
      const worker = await machine.process();
      const judge = await machine.process(skew);
      const id = await running(worker, row);
      for (let renewal = 0; renewal < 24; renewal++) {
        await watch(machine, judge, 5000);
        await worker.run('renew', { worker: 'far' });
      }
      const { status, owner, worker: shown } = await taskOf(judge, id);
      assert.deepEqual([status, owner], ['running', 'alive']);
      // It has seen the renewals, so it knows better than the other's wall time.
      assert.ok((shown?.lease_until ?? 0) > machine.wall + skew);
    });
  }

  test(`a lease of ${what} is over when the judge has seen it unrenewed for 30 s, and not at a single look`, async (t) => {
    const machine = new Machine(t);
    const worker = await machine.process();
    const id = await running(worker, row);
    machine.pass(HOUR);
    const glance = await machine.process();
    assert.equal(await due(glance), 0);
    const seen = await taskOf(glance, id);
    assert.deepEqual([seen.status, seen.owner], ['running', 'alive']);
    assert.ok((seen.worker?.lease_until ?? 0) < machine.wall, 'it is shown as overdue');
    const judge = await machine.process();
    await due(judge);
    await watch(machine, judge, 29_000);
    assert.equal((await taskOf(judge, id)).status, 'running');
    await watch(machine, judge, 1000);
    const lost = await taskOf(judge, id);
    assert.deepEqual([lost.status, lost.reason], ['failed', 'lease_expired']);
  });

  test(`a judge that stood still has not seen the lease of ${what}`, async (t) => {
    const machine = new Machine(t);
    const worker = await machine.process();
    const id = await running(worker, row);
    const judge = await machine.process();
    await due(judge);
    machine.pass(10 * MINUTE); // both stood still: their container was frozen
    assert.equal(await due(judge), 0);
    await worker.run('renew', { worker: 'far' });
    await watch(machine, judge, 20_000);
    assert.equal((await taskOf(judge, id)).status, 'running');
  });
}

test('a lease of the same boot and time namespace is judged by the clock that both have, at a single look', async (t) => {
  const machine = new Machine(t);
  const worker = await machine.process();
  const id = await running(worker, CONTAINER);
  machine.pass(29_999);
  assert.equal(await due(await machine.process()), 0);
  machine.pass(1);
  const judge = await machine.process();
  assert.equal(await due(judge), 1);
  const { status, reason } = await taskOf(judge, id);
  assert.deepEqual([status, reason], ['failed', 'lease_expired']);
});

test('a process that parts from what workers keep takes nothing by lease, until they agree again', async (t) => {
  for (const skew of [2_500, -2_500, 10 * MINUTE, -10 * MINUTE]) {
    const machine = new Machine(t);
    const worker = await machine.process();
    const id = await running(worker, CONTAINER);
    machine.pass(HOUR);
    const judge = await machine.process(skew);
    assert.equal(await due(judge), 0, `${skew} ms`);
    assert.equal((await taskOf(judge, id)).status, 'running');
    const right = await machine.process(1_500);
    assert.equal(await due(right), 1, 'less than 2 s is the same time');
  }
});

test('a process of this boot and pid namespace is never lost by lease, only overdue', async (t) => {
  const machine = new Machine(t);
  const store = await machine.process();
  const id = await running(store, { pid: process.pid });
  await store.run('register', { row: workerRow('far') });
  machine.pass(HOUR);
  const judge = await machine.process();
  await due(judge);
  await watch(machine, judge, 2 * MINUTE);
  const { status, owner, worker } = await taskOf(judge, id);
  assert.deepEqual([status, owner], ['running', 'alive']);
  assert.ok((worker?.lease_until ?? 0) < machine.wall);
});

test('a process of another time namespace that can be looked at lives while it does', async (t) => {
  const machine = new Machine(t);
  const store = await machine.process();
  const worker = await idleProcess(t);
  await store.run('register', { row: workerRow('near', worker.pid, { time_ns: 'time:[elsewhere]' }) });
  const id = await submitOne(store);
  await claim(store, 'near');
  machine.pass(HOUR);
  await due(store);
  await watch(machine, store, MINUTE);
  assert.equal((await taskOf(store, id)).status, 'running');
  const ended = heard(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
  await due(store);
  assert.equal((await taskOf(store, id)).reason, 'worker_gone');
});

test('after a step of its own clock, or sleep, one lease passes before a process declares anybody lost', async (t) => {
  const machine = new Machine(t);
  const worker = await machine.process();
  const id = await running(worker, ELSEWHERE);
  machine.sql('DELETE FROM clocks RETURNING boot'); // no worker of this boot: nothing to compare with
  const judge = await machine.process();
  await due(judge);
  await watch(machine, judge, 29_000);
  machine.wall += HOUR; // the machine slept: the monotonic clock stood still
  await watch(machine, judge, 29_000);
  assert.equal((await taskOf(judge, id)).status, 'running');
  await watch(machine, judge, 2_000);
  assert.equal((await taskOf(judge, id)).reason, 'lease_expired');
});

test('a worker that is stopped, or elsewhere, is not waited for once its lease is over; one that renews is', async (t) => {
  const machine = new Machine(t);
  const store = await machine.process(10 * MINUTE);
  await store.run('register', { row: workerRow('here', process.pid, { concurrency: 1, max_concurrent: 1 }) });
  await store.run('register', { row: workerRow('far', 1, { ...ELSEWHERE, concurrency: 1 }) });
  const first = await enter(store, {}, { code: null });
  const [run] = await claim(store, 'far');
  const { attempt, epoch } = run as { attempt: number; epoch: number };
  const ask = { command: 'ask', attempt, epoch, key: 'k', message: '?' } as const;
  await store.run('change', { changes: [{ id: first.id, command: ask }] });
  await store.run('change', {
    changes: [{ id: first.id, command: { command: 'answer', key: 'k', action: 'accept' } }],
  });
  await submitOne(store);
  assert.equal((await claim(store, 'here')).length, 0, 'the answered one goes first, in the worker that has its code');
  await due(store);
  for (let second = 0; second < 31; second++) {
    machine.pass(1000);
    await due(store);
  }
  assert.equal((await claim(store, 'here')).length, 1);
});

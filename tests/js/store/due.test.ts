import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupStates, hasLiveMember, isAlive, startTime } from '#offstage/platform/process.js';
import { holdStill, letGoOn } from '#offstage/reap/groups.js';
import { due, killGroup, recover } from '#offstage/reap/index.js';
import type { Attempt, Store } from '#offstage/store/index.js';
import { heard } from '../../waiting.js';
import { claim, enter, idleProcess, submitOne, tempStore, workerRow } from './helpers.js';

async function taskOf(store: Store, id: string) {
  const stored = await store.run('get', { id, payloads: [] });
  assert.ok(stored);
  return { ...stored, record: JSON.parse(stored.record) };
}

test('a killed worker: its group dies first, then its tasks are decided, once, by the next read', async (t) => {
  const store = await tempStore(t);
  const worker = await idleProcess(t);
  const group = await idleProcess(t, 'sleep 1000 & sleep 1000');
  const id = await submitOne(store);
  await store.run('register', { row: workerRow('w1', worker.pid) });
  const start = startTime(group.pid) as string;
  await store.run('addGroup', { worker: 'w1', group: { pgid: group.pid, start_time: start } });
  assert.equal((await claim(store, 'w1')).length, 1);
  assert.equal(await due(store), 0, 'a living worker loses nothing');

  const exited = [heard(worker, 'exit'), heard(group, 'exit')];
  process.kill(worker.pid, 'SIGKILL');
  await exited[0];
  assert.equal(await due(store), 1);
  await exited[1];
  assert.equal(isAlive(group.pid, start), false);
  const { status, record, owner } = await taskOf(store, id);
  assert.equal(status, 'failed');
  assert.equal(record.error.code, 'lost');
  assert.equal(record.error.details.reason, 'worker_gone');
  assert.notEqual(record.stopped_at ?? null, null);
  assert.equal(owner, 'unknown');
  assert.equal(await due(store), 0, 'the second look finds nothing to do');
});

test("onLost: 'retry' puts the task back", async (t) => {
  const store = await tempStore(t);
  const worker = await idleProcess(t);
  const id = await submitOne(store, { on_lost: 'retry' });
  await store.run('register', { row: workerRow('w1', worker.pid) });
  await claim(store, 'w1');
  const exited = heard(worker, 'exit');
  process.kill(worker.pid, 'SIGKILL');
  await exited;
  await due(store);
  assert.equal((await taskOf(store, id)).status, 'pending');
  await store.run('register', { row: workerRow('w2') });
  const [again] = await claim(store, 'w2');
  assert.deepEqual([again?.attempt, again?.epoch], [2, 2]);
});

test('a worker in another pid namespace is judged by its lease only', async (t) => {
  const store = await tempStore(t);
  const id = await submitOne(store);
  const row = workerRow('far', 1, { pid_ns: 'pid:[elsewhere]', start_time: '0' });
  await store.run('register', { row });
  await claim(store, 'far');
  assert.equal(await due(store), 0);
  assert.equal((await taskOf(store, id)).owner, 'alive');
});

test('a group whose pid belongs to another process now is not killed', async (t) => {
  const group = await idleProcess(t);
  assert.equal(await killGroup({ pgid: group.pid, start_time: 'another start time' }, 'w1'), true);
  assert.equal(isAlive(group.pid, startTime(group.pid) as string), true);
  assert.equal(await killGroup({ pgid: group.pid, start_time: startTime(group.pid) as string }, 'w1'), true);
});

test('a group outlives its leader: members that carry our mark are killed', async (t) => {
  const leader = await idleProcess(t, 'OFFSTAGE_GROUP=w1 sleep 1000 & sleep 1000');
  const start = startTime(leader.pid) as string;
  const exited = heard(leader, 'exit');
  process.kill(leader.pid, 'SIGKILL');
  await exited;
  assert.equal(hasLiveMember(leader.pid), true);
  assert.equal(
    await killGroup({ pgid: leader.pid, start_time: start }, 'somebody else'),
    false,
    'nobody can tell whose it is',
  );
  assert.equal(await killGroup({ pgid: leader.pid, start_time: start }, 'w1'), true);
  assert.equal(hasLiveMember(leader.pid), false);
});

test('a group whose members make others all the time is held still, and goes on', async (t) => {
  const leader = await idleProcess(t, 'sh -c "while :; do /bin/true; done"');
  const group = { pgid: leader.pid, start_time: startTime(leader.pid) as string };
  for (let round = 0; round < 30; round++) {
    assert.equal(await holdStill(group, 'w1'), true, `round ${round}`);
    assert.ok(groupStates(leader.pid).every((state) => /^[TtZX]/.test(state)));
    letGoOn(group);
  }
  assert.equal(await killGroup(group, 'w1'), true);
});

test('a time to live that is over ends a task before its first start', async (t) => {
  const store = await tempStore(t);
  const id = await submitOne(store, { ttl_ms: 1, run_at: Date.now() - 60_000 } as never);
  assert.equal(await due(store), 1);
  const { status, record } = await taskOf(store, id);
  assert.deepEqual([status, record.error.code], ['failed', 'expired']);
});

test('a parent and its child of one dead worker: what the parent decides of the child stands', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const parent = await enter(store);
  const [running] = await claim(store, 'w');
  const child = await enter(store, { parent_id: parent.id }, { parent: running as Attempt });
  assert.equal((await claim(store, 'w')).length, 1);
  await store.run('register', { row: workerRow('w', process.pid, { start_time: '1' }) }); // another process by now
  assert.equal(await due(store), 2);
  assert.equal((await taskOf(store, parent.id)).record.error.code, 'lost');
  const { status, record } = await taskOf(store, child.id);
  assert.deepEqual([status, record.hold, record.abandoned], ['cancelled', undefined, undefined]);
});

test('a child process that a task has done with is not killed with that task', async (t) => {
  const store = await tempStore(t);
  const group = await idleProcess(t);
  await store.run('register', { row: workerRow('w') });
  const id = await submitOne(store, { retries: 1, backoff: { initial: 0 } });
  await store.run('addGroup', { worker: 'w', group: { pgid: group.pid, start_time: startTime(group.pid) as string } });
  const [first] = await claim(store, 'w');
  await store.run('useGroup', { worker: 'w', pgid: group.pid, task: id });
  const { attempt, epoch } = first as Attempt;
  const error = { code: 'failed', name: 'Error', message: 'no', retryable: true };
  await store.run('change', { changes: [{ id, command: { command: 'fail', attempt, epoch, error, settled: true } }] });
  assert.equal((await claim(store, 'w'))[0]?.attempt, 2); // it runs elsewhere now
  const [recovered] = await recover(store, { ids: [id], force: true, retry: false, dryRun: false });
  assert.equal(recovered?.result, 'applied');
  assert.ok(hasLiveMember(group.pid), 'the process of the first attempt serves another task');
});

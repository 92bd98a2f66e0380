import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gate, never, outcome, untilAborted, watched } from './helpers.ts';
import { virtual } from './virtual.ts';

test('handle, get and tasks find what was submitted; an unknown id is no task', async () => {
  const { runner, clock } = virtual();
  const fresh = runner.submit(never, { delay: 5 });
  const task = runner.get(fresh.id);
  assert.deepEqual([task?.status, task?.progress, task?.duration, task?.attempt], ['pending', 0, null, 0]);
  const done = runner.submit(() => 0);
  await clock.settle();
  assert.equal(await runner.handle<number>(done.id).wait(), 0);
  assert.deepEqual(
    runner.tasks.map(({ taskId, status }) => [taskId, status]),
    [
      [fresh.id, 'pending'],
      [done.id, 'completed'],
    ],
  );
  const unknown = `task_${'0'.repeat(32)}`;
  assert.equal(runner.get(unknown), undefined);
  assert.throws(() => runner.handle(unknown), { name: 'TaskNotFoundError', code: 'task_not_found' });
  await assert.rejects(runner.waitForTask(unknown), { code: 'task_not_found' });
  await assert.rejects(runner.cancel(unknown), { code: 'task_not_found' });
});

test('runningTasks, pendingTasks and summary', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2 });
  const asking = runner.submit((ctx) => ctx.requestInput({ key: 'k', message: 'm' }));
  await clock.settle();
  for (const name of ['a', 'b', 'c']) runner.submit(untilAborted, { name });
  const failing = runner.submit(() => Promise.reject(new Error('x')), { priority: 1 });
  await clock.settle();
  assert.deepEqual(
    runner.runningTasks.map(({ name }) => name),
    ['a', 'b'],
  );
  await runner.cancel(runner.runningTasks[0]?.taskId ?? '');
  await clock.settle();
  assert.deepEqual(
    runner.runningTasks.map(({ name }) => name),
    ['b', 'c'],
  );
  assert.deepEqual(runner.pendingTasks, []);
  assert.equal((await outcome(failing.wait())).code, 'failed');
  assert.deepEqual(runner.summary(), {
    total: 5,
    pending: 0,
    running: 2,
    input_required: 1,
    completed: 0,
    failed: 1,
    cancelled: 1,
    abandoned: 0,
  });
  assert.equal(await asking.status(), 'input_required');
});

test('list: newest first, in pages, by status, session and attention', async () => {
  const { runner, clock } = virtual();
  for (let count = 0; count < 25; count++)
    runner.submit(() => count, { sessionId: count % 2 === 0 ? 'even' : 'odd', name: `t${count}` });
  runner.submit(() => Promise.reject(new Error('x')), { name: 'bad' });
  await clock.settle();
  const first = runner.list();
  assert.deepEqual([first.tasks.length, first.total, first.totalExact, first.tasks[0]?.name], [20, 26, true, 'bad']);
  const second = runner.list({ after: first.next as string });
  assert.deepEqual([second.tasks.length, second.next], [6, undefined]);
  assert.equal(new Set([...first.tasks, ...second.tasks].map(({ taskId }) => taskId)).size, 26);
  assert.equal(runner.list({ sessionId: 'odd' }).total, 12);
  assert.deepEqual(
    runner.list({ status: ['failed'] }).tasks.map(({ name }) => name),
    ['bad'],
  );
  assert.deepEqual(
    runner.list({ attention: true }).tasks.map(({ name }) => name),
    ['bad'],
  );
  assert.equal(runner.list({ pageSize: 3 }).tasks.length, 3);
  assert.deepEqual(first.counts, { pending: 0, running: 0, input_required: 0, completed: 25, failed: 1, cancelled: 0 });
  for (const [filter, message] of [
    [{ pageSize: 0 }, /pageSize: got 0/],
    [{ pageSize: 1_001 }, /pageSize: got 1001/],
    [{ after: 'x' }, /after: got "x"/],
    [{ status: 'failed' }, /status: got "failed", expected an array/],
    [{ status: ['done'] }, /status/],
    [{ limit: 5 }, /unknown option 'limit'/],
  ] as const) {
    assert.throws(() => runner.list(filter as never), { name: 'InvalidArgumentError', message });
  }
});

test('waitAll resolves with the summary when all have ended, or at once, or not in time', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  assert.equal((await runner.waitAll()).total, 0);
  const open = gate();
  runner.submit(() => open.promise);
  runner.submit(() => Promise.reject(new Error('x')));
  const all = watched(runner.waitAll());
  const some = outcome(runner.waitAll('1s'));
  assert.equal((await outcome(runner.waitAll(0))).code, 'wait_timeout');
  await clock.advance(1_000);
  assert.equal((await some).code, 'wait_timeout');
  assert.ok(!all.now);
  open.open();
  await clock.settle();
  assert.deepEqual(all.now, { value: runner.summary() });
  assert.deepEqual(await runner.waitAll(), { ...runner.summary(), completed: 1, failed: 1, total: 2 });
  await assert.rejects(runner.waitAll(-1), { code: 'invalid_argument' });
});

test('onRoom resolves when fewer are queued', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  await runner.onRoom(1);
  const gates = [gate(), gate(), gate(), gate()];
  const tasks = gates.map(({ promise }) => runner.submit(() => promise));
  await clock.settle();
  const room = [3, 2, 1].map((n) => watched(runner.onRoom(n)));
  await clock.settle();
  assert.deepEqual(
    room.map(({ now }) => now !== undefined),
    [false, false, false],
    'three are queued',
  );
  gates[0]?.open();
  await clock.settle();
  assert.deepEqual(
    room.map(({ now }) => now !== undefined),
    [true, false, false],
  );
  await tasks[2]?.cancel();
  await clock.settle();
  assert.deepEqual(
    room.map(({ now }) => now !== undefined),
    [true, true, false],
  );
  runner.cancelAll();
  await clock.settle();
  assert.deepEqual(
    room.map(({ now }) => now !== undefined),
    [true, true, true],
  );
  for (const wrong of [0, -1, Number.NaN, '2'])
    await assert.rejects(runner.onRoom(wrong as number), { code: 'invalid_argument' });
});

test('cancelAll cancels everything that lives and says how many', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const tasks = [runner.submit(untilAborted), runner.submit(() => 1), runner.submit(() => 1, { delay: 9 })];
  const done = virtual();
  assert.equal(done.runner.cancelAll(), 0);
  await clock.settle();
  assert.equal(runner.cancelAll('closing time'), 3);
  for (const task of tasks) {
    assert.equal(await task.status(), 'cancelled');
    await assert.rejects(task.wait(), { code: 'cancelled', message: /closing time/ });
  }
  assert.equal(runner.cancelAll(), 0);
  assert.throws(() => runner.cancelAll(5 as never), { message: /reason: got 5/ });
});

test('clearCompleted drops every ended task; clear by age, by status, with live ones', async () => {
  const { runner, clock } = virtual();
  const done = runner.submit(() => 'x');
  const failed = runner.submit(() => Promise.reject(new Error('x')));
  await clock.advance(10_000);
  const young = runner.submit(() => 'y');
  const live = runner.submit(untilAborted);
  const stuck = runner.submit(never);
  await clock.settle();
  assert.equal(runner.clear({ status: ['failed'] }), 1);
  assert.equal(runner.get(failed.id), undefined);
  assert.equal(runner.clear({ olderThan: '5s' }), 1);
  assert.equal(runner.get(done.id), undefined);
  assert.equal(runner.get(young.id)?.status, 'completed');
  assert.equal(runner.clearCompleted(), 1);
  assert.equal(runner.clear({ all: true }), 0, 'they are stopping');
  await clock.settle();
  assert.equal(await live.status(), 'cancelled');
  assert.equal(runner.clear({ all: true }), 1);
  assert.deepEqual(
    runner.tasks.map(({ taskId }) => taskId),
    [stuck.id],
  );
  await clock.advance(5_000);
  assert.equal(runner.clear(), 1);
  assert.deepEqual([runner.tasks.length, runner.summary().total], [0, 5]);
  assert.deepEqual([await done.wait(), await live.status()], ['x', 'cancelled']);
  for (const [filter, message] of [
    [{ olderThan: -1 }, /olderThan: got -1/],
    [{ status: ['done'] }, /status/],
    [{ all: 1 }, /all: got 1/],
    [{ age: 5 }, /unknown option 'age'/],
  ] as const) {
    assert.throws(() => runner.clear(filter as never), { name: 'InvalidArgumentError', message });
  }
});

test('runOrBackground: a result in time, a failure in time, a task that goes on', async () => {
  const { runner, clock } = virtual();
  assert.deepEqual(await runner.runOrBackground(() => 0), { done: true, result: 0 });
  await assert.rejects(
    runner.runOrBackground(() => Promise.reject(new Error('x'))),
    { code: 'failed' },
  );
  const open = gate<string>();
  const pending = runner.runOrBackground(() => open.promise, { yieldMs: 50, name: 'long' });
  await clock.advance(50);
  const answer = await pending;
  assert.ok(!answer.done);
  assert.equal(answer.task.name, 'long');
  open.open('later');
  assert.equal(await answer.task.wait(), 'later');
  const error = Object.assign(new Error('mine'), { code: 'wait_timeout' });
  await assert.rejects(
    runner.runOrBackground(() => Promise.reject(error)),
    { code: 'failed', cause: error },
  );
  for (const yieldMs of [-1, Number.NaN, '5' as never]) {
    await assert.rejects(
      runner.runOrBackground(() => 1, { yieldMs }),
      { code: 'invalid_argument', message: /yieldMs/ },
    );
  }
});

test('submitMany submits all or none', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1, maxQueued: 2 });
  let ran = 0;
  const fn = (): number => (ran += 1);
  const ended: string[] = [];
  const onComplete = (): void => void ended.push('told');
  assert.throws(() => runner.submitMany([{ fn }, { fn, priority: 'urgent' }]), { code: 'invalid_argument' });
  assert.throws(() => runner.submitMany([{ fn, onComplete }, { fn }, { fn }, { fn }]), { code: 'queue_full' });
  assert.throws(() => runner.submitMany(5 as never), { code: 'invalid_argument', message: /submissions: got 5/ });
  assert.throws(() => runner.submitMany([null as never]), { code: 'invalid_argument' });
  await clock.settle();
  assert.equal(ran, 0);
  assert.deepEqual(runner.tasks, []);
  assert.deepEqual(ended, [], 'nobody is told of tasks that never were');
  const handles = runner.submitMany([{ fn: () => 'a' }, { fn: () => 'b', name: 'named' }]);
  assert.deepEqual(await Promise.all(handles.map((handle) => handle.wait())), ['a', 'b']);
  assert.equal(handles[1]?.name, 'named');
  assert.deepEqual(runner.submitMany([]), []);
});

test('submitMany does not take back what was there before', async () => {
  const { runner, clock } = virtual();
  const open = gate<string>();
  const known = runner.submit(() => open.promise, { idempotencyKey: 'k' });
  await clock.settle();
  assert.throws(() => runner.submitMany([{ fn: () => 'x', idempotencyKey: 'k' }, { fn: 5 as never }]), {
    code: 'invalid_argument',
  });
  open.open('still');
  assert.equal(await known.wait(), 'still');
});

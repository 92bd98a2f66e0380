/** What can be seen by a callback while others wait for their turn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunnerTaskHandle, Task } from '#offstage/index.js';
import { kindsOf, never, outcome, record, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

test('a task that a callback cancels before its function was called is never called', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const events = record(runner);
  let called = false;
  let cancelled: Promise<boolean> | undefined;
  runner.submit(() => 1, {
    onComplete: () => {
      cancelled = next.cancel('not needed');
    },
  });
  const next = runner.submit(() => {
    called = true;
  });
  await clock.settle();
  assert.equal(await cancelled, true);
  assert.equal(called, false);
  assert.equal(await next.status(), 'cancelled');
  assert.match((await outcome(next.wait())).message ?? '', /not needed/);
  assert.deepEqual(kindsOf(events, next), ['submitted', 'started', 'cancelled', 'stopped']);
  assert.equal(await runner.submit(() => 'next').wait(), 'next');
});

test('of tasks that end together, each is seen as ended and dropped by the callback of the first', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2, maxRetained: 0 });
  const seen: unknown[] = [];
  const tasks: RunnerTaskHandle<unknown>[] = [];
  const onComplete = (): void => {
    if (seen.length > 0) return;
    seen.push('first');
    const fresh = [1, 2, 3].map((n) => runner.submit(() => n, { name: `fresh ${n}` }));
    for (const task of tasks) {
      seen.push(
        task.status(),
        task.cancel('again'),
        task.snapshot().then(({ name, status }: Task) => `${name} ${status}`),
        outcome(task.wait(0)).then(({ code, message }) => `${code} ${/all of you/.test(message ?? '')}`),
      );
    }
    tasks.push(...fresh);
  };
  tasks.push(
    runner.submit(() => 1, { name: 'a', delay: 9, onComplete }),
    runner.submit(() => 2, { name: 'b', delay: 9, onComplete }),
    runner.submit(() => 3, { name: 'c', retries: 1, delay: 9 }),
  );
  await clock.settle();
  assert.equal(runner.cancelAll('all of you'), 3);
  await clock.settle();
  assert.deepEqual(await Promise.all(seen), [
    'first',
    ...['a', 'b', 'c'].flatMap((name) => ['cancelled', false, `${name} cancelled`, 'cancelled true']),
  ]);
  const fresh = tasks.slice(3);
  assert.deepEqual(await Promise.all(fresh.map((task) => task.wait())), [1, 2, 3], 'nobody spoke for them');
});

test('a result is seen in every way as soon as the task is seen as completed', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2 });
  const seen: unknown[] = [];
  runner.on('completed', ({ taskId }) => {
    const task = runner.get(taskId);
    seen.push([task?.status, task?.result]);
    seen.push(runner.handle(taskId).wait(0));
  });
  runner.submit(() => 'one');
  runner.submit(async () => 'two');
  await clock.settle();
  assert.deepEqual(await Promise.all(seen), [['completed', 'one'], 'one', ['completed', 'two'], 'two']);
});

test('what a callback starts by ending a task is done after it, not inside it', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2 });
  const order: string[] = [];
  const other = runner.submit(untilAborted, { onComplete: () => void order.push('other told') });
  runner.submit(() => 1, {
    onComplete: () => {
      order.push('begin');
      void other.cancel();
      order.push('end');
    },
  });
  await clock.settle();
  assert.deepEqual(order, ['begin', 'end', 'other told']);
});

test('names: more than are remembered by number, each task has its own', async () => {
  const { runner, clock } = virtual({ maxRetained: 2_000, maxConcurrentTasks: 1 });
  const names = Array.from({ length: 1_000 }, (_, at) => `name ${at % 600}`);
  const tasks = names.map((name) => runner.submit(() => name, { name }));
  await clock.settle();
  for (const [at, task] of tasks.entries()) {
    assert.equal(task.name, names[at]);
    assert.equal((await task.snapshot()).name, names[at]);
  }
});

test('a task may end its own runner, and itself', async () => {
  const { runner, clock } = virtual();
  let stopping: Promise<void> | undefined;
  const task = runner.submit((ctx) => {
    void runner.cancel(ctx.taskId, 'by itself');
    stopping = runner.stop();
    return never();
  });
  await clock.settle();
  assert.equal(await task.status(), 'cancelled');
  await clock.advance(5_000);
  await stopping;
  assert.equal(runner.summary().abandoned, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackgroundTaskHandle, TaskContext } from '#offstage/index.js';
import { gate, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

test('a child is a task with a parent', async () => {
  const { runner } = virtual();
  let child: BackgroundTaskHandle<number> | undefined;
  const parent = runner.submit(async (ctx) => {
    child = ctx.submit(() => 1, { name: 'child' });
    return child.wait();
  });
  assert.equal(await parent.wait(), 1);
  const task = runner.get(child?.id ?? '');
  assert.equal(task?.parentId, parent.id);
  assert.equal(task?.ownerSessionId, parent.taskSessionId);
  assert.equal(task?.name, 'child');
});

test('a cancel goes down to all live descendants; a completed parent leaves its children running', async () => {
  for (const how of ['cancel', 'failure', 'timeout', 'completion'] as const) {
    const { runner, clock } = virtual();
    const handles: BackgroundTaskHandle<unknown>[] = [];
    const open = gate();
    const parent = runner.submit(
      (ctx) => {
        handles.push(
          ctx.submit((inner) => {
            handles.push(
              inner.submit(untilAborted),
              inner.submit(() => 1, { delay: 60 }),
            );
            return how === 'completion' ? untilAborted(inner) : 'completed';
          }),
        );
        return open.promise;
      },
      { timeout: 10 },
    );
    await clock.settle();
    if (how === 'cancel') await parent.cancel('top');
    if (how === 'failure') open.fail(new Error('x'));
    if (how === 'timeout') await clock.advance(10_000);
    if (how === 'completion') open.open();
    await clock.settle();
    assert.equal(handles.length, 3);
    const seen = await Promise.all(handles.map((handle) => handle.status()));
    if (how === 'completion') assert.deepEqual(seen, ['running', 'running', 'pending']);
    else assert.deepEqual(seen, ['completed', 'cancelled', 'cancelled'], how);
  }
});

test('children with a key go on across attempts and are handed back; those without are cancelled', async () => {
  const { runner, clock } = virtual();
  const ids: string[] = [];
  const loose: string[] = [];
  let runs = 0;
  const open = gate<string>();
  const parent = runner.submit(
    async (ctx) => {
      const child = ctx.submit(
        () => {
          runs += 1;
          return open.promise;
        },
        { key: 'part' },
      );
      ids.push(child.id);
      assert.equal(ctx.submit(() => 'never called', { key: 'part' }).id, child.id);
      loose.push(ctx.submit(untilAborted).id);
      if (ctx.attempt < 3) throw new Error('again');
      return child.wait();
    },
    { retries: 2, backoff: { initial: 1, factor: 1, jitter: 0 } },
  );
  await clock.advance(2_000);
  open.open('one result');
  assert.equal(await parent.wait(), 'one result');
  assert.equal(runs, 1);
  assert.deepEqual([ids.length, new Set(ids).size, new Set(loose).size], [3, 1, 3]);
  assert.deepEqual(
    loose.map((id) => runner.get(id)?.status),
    ['cancelled', 'cancelled', 'running'],
  );
  runner.cancelAll();
});

test('a keyed child that failed is submitted again, one that completed is not', async () => {
  const { runner, clock } = virtual();
  const runs = { good: 0, bad: 0 };
  const parent = runner.submit(
    async (ctx) => {
      const good = await ctx.submit(() => (runs.good += 1), { key: 'good' }).wait();
      const bad = await ctx
        .submit(
          () => {
            runs.bad += 1;
            if (runs.bad === 1) throw new Error('at first');
            return 'then';
          },
          { key: 'bad' },
        )
        .wait();
      return [good, bad];
    },
    { retries: 1, backoff: { initial: 1, jitter: 0 } },
  );
  await clock.advance(1_000);
  assert.deepEqual(await parent.wait(), [1, 'then']);
  assert.deepEqual(runs, { good: 1, bad: 2 });
});

test('submit under an ended parent, and deeper than 16, is a conflict', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 100 });
  let late!: TaskContext;
  await runner
    .submit((ctx) => {
      late = ctx;
    })
    .wait();
  assert.throws(() => late.submit(() => 1), { name: 'ConflictError', code: 'conflict' });
  let depth = 0;
  let error: unknown;
  const deeper = (ctx: TaskContext): void => {
    depth += 1;
    try {
      ctx.submit(deeper);
    } catch (thrown) {
      error = thrown;
    }
  };
  runner.submit(deeper);
  await clock.settle();
  assert.equal(depth, 17);
  assert.deepEqual([(error as { code?: string }).code, runner.summary().total], ['conflict', 18]);
});

test('options of a child are checked as those of any task, and its key too', async () => {
  const { runner, clock } = virtual();
  const errors: string[] = [];
  runner.submit((ctx) => {
    for (const options of [{ key: '' }, { key: 5 }, { key: 'k', idempotencyKey: 'i' }, { prio: 1 }, 5, null]) {
      try {
        ctx.submit(() => 1, options as never);
        errors.push(`taken: ${JSON.stringify(options)}`);
      } catch (error) {
        errors.push((error as { code: string }).code);
      }
    }
  });
  await clock.settle();
  assert.deepEqual(errors, Array(6).fill('invalid_argument'));
  assert.equal(runner.summary().total, 1);
});

test('a child that interrupts or queues in its session passes its own ancestors', async () => {
  for (const onConflict of ['enqueue', 'interrupt', 'reject'] as const) {
    const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
    const parent = runner.submit((ctx) => ctx.submit(() => 'child', { sessionId: 's', onConflict }).wait(), {
      sessionId: 's',
    });
    await clock.settle();
    assert.equal(await parent.wait(), 'child', onConflict);
  }
});

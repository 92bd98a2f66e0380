import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskContext } from '#offstage/index.js';
import { collected, gate, never, record } from './helpers.ts';
import { virtual } from './virtual.ts';

test('what the context says of the task', async () => {
  const { runner } = virtual();
  let seen: Record<string, unknown> = {};
  const task = runner.submit(
    (ctx) => {
      const { taskId, name, sessionId, taskSessionId, attempt, input, config, signal } = ctx;
      seen = { taskId, name, sessionId, taskSessionId, attempt, input, config, aborted: signal.aborted };
      assert.equal(ctx.signal, signal, 'one signal');
      assert.equal(ctx.idempotencyKey('mail'), ctx.idempotencyKey('mail'));
      assert.notEqual(ctx.idempotencyKey('mail'), ctx.idempotencyKey('call'));
    },
    { name: 'mine', input: 0 },
  );
  await task.wait();
  assert.deepEqual(seen, {
    taskId: task.id,
    name: 'mine',
    sessionId: null,
    taskSessionId: task.taskSessionId,
    attempt: 1,
    input: 0,
    config: {},
    aborted: false,
  });
});

test('progress is clamped, kept with its message, and told', async () => {
  const { runner, clock } = virtual();
  const open = gate();
  let ctx!: TaskContext;
  const task = runner.submit((given) => {
    ctx = given;
    return open.promise;
  });
  await clock.settle();
  assert.equal((await task.snapshot()).progress, 0);
  for (const [fraction, message, kept] of [
    [0.25, 'a quarter', 0.25],
    [2, 'more than all', 1],
    [-3, undefined, 0],
    [Number.POSITIVE_INFINITY, undefined, 1],
  ] as const) {
    ctx.progress(fraction, message);
    const { progress, progressMessage } = await task.snapshot();
    assert.deepEqual([progress, progressMessage], [kept, message ?? null]);
  }
  for (const wrong of [Number.NaN, '1', undefined, null]) {
    assert.throws(() => ctx.progress(wrong as number), { name: 'InvalidArgumentError', message: /progress: got/ });
  }
  open.open();
  await task.wait();
  const events = (await collected(task.events())).filter(({ kind }) => kind === 'progress');
  assert.deepEqual(
    events.map(({ data }) => (data as { fraction: number }).fraction),
    [0.25, 1, 0, 1],
  );
});

test('log and output are events; what JSON cannot carry is refused and changes nothing', async () => {
  const { runner } = virtual();
  const task = runner.submit((ctx) => {
    ctx.log('a line');
    ctx.output({ a: [1, null] });
    ctx.output(null);
    assert.throws(() => ctx.output(1n), { code: 'unserializable' });
    assert.throws(() => ctx.output('x'.repeat(70_000)), { code: 'unserializable', message: /limit/ });
    ctx.log('x'.repeat(100_000));
    ctx.log(5 as never);
  });
  await task.wait();
  const events = await collected(task.events());
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['submitted', 'started', 'log', 'output', 'output', 'log', 'log', 'completed'],
  );
  assert.deepEqual(events[3]?.data, { chunk: { a: [1, null] } });
  assert.deepEqual(events[2]?.data, { line: 'a line' });
  assert.ok(String((events[5]?.data as { line?: string } | undefined)?.line).length <= 65_536, 'cut');
});

test('a context that was kept says nothing any more once its execution is over', async () => {
  for (const how of ['completed', 'failed', 'cancelled', 'timed out', 'backs off', 'dropped'] as const) {
    const { runner, clock } = virtual(how === 'dropped' ? { maxRetained: 0 } : {});
    const open = gate();
    let ctx!: TaskContext;
    const told: unknown[] = [];
    const task = runner.submit(
      (given) => {
        ctx = given;
        return open.promise;
      },
      {
        timeout: 10,
        retries: how === 'backs off' ? 3 : 0,
        onProgress: (fraction) => void told.push(fraction),
      },
    );
    await clock.settle();
    if (how === 'cancelled') await task.cancel();
    if (how === 'timed out') await clock.advance(10_000);
    if (how === 'failed' || how === 'backs off') open.fail(new Error('x'));
    if (how === 'completed' || how === 'dropped') open.open();
    await clock.settle();
    const before = await task.snapshot();
    ctx.progress(0.7, 'still here');
    ctx.log('still here');
    ctx.output('still here');
    assert.deepEqual(told, [], how);
    const over = { code: 'conflict', details: { task_id: task.taskId, key: 'k' } };
    const refused = ctx.signal.aborted ? (error: unknown) => error === ctx.signal.reason : over;
    await assert.rejects(ctx.requestInput({ key: 'k', message: 'm' }), refused, how);
    const details = { parent_id: task.taskId };
    assert.throws(() => ctx.submit(() => 1), { code: 'conflict', taskId: task.taskId, details }, how);

    const after = await task.snapshot();
    assert.deepEqual([after.progress, after.status], [before.progress, before.status], how);
    assert.equal(runner.summary().total, 1, how);
  }
});

test('the context of a dropped task does not speak for the task that has its place now', async () => {
  const { runner, clock } = virtual({ maxRetained: 0, maxConcurrentTasks: 1 });
  let old!: TaskContext;
  await runner
    .submit((ctx) => {
      old = ctx;
    })
    .wait();
  const task = runner.submit(never);
  await clock.settle();
  const events = record(runner);
  old.progress(0.9);
  old.log('x');
  assert.equal((await task.snapshot()).progress, 0);
  await assert.rejects(old.requestInput({ key: 'k', message: 'm' }));
  assert.throws(() => old.submit(() => 1), { code: 'conflict' });
  assert.equal(await task.status(), 'running');
  assert.deepEqual(events, []);
});

test('the signal tells why: a TaskCancelledError with the reason, or a TimeoutError', async () => {
  const { runner, clock } = virtual();
  const reasons: Error[] = [];
  const listen = (ctx: TaskContext): Promise<never> => {
    ctx.signal.addEventListener('abort', () => reasons.push(ctx.signal.reason));
    return never();
  };
  const cancelled = runner.submit(listen);
  runner.submit(listen, { timeout: 2 });
  await clock.settle();
  await cancelled.cancel('no longer needed');
  await clock.advance(2_000);
  assert.deepEqual(
    reasons.map(({ name }) => name),
    ['TaskCancelledError', 'TimeoutError'],
  );
  assert.match(reasons[0]?.message ?? '', /no longer needed/);
  assert.match(reasons[1]?.message ?? '', /timed out after 2s/);
});

test('a signal that is first asked for after the abort is aborted', async () => {
  const { runner, clock } = virtual();
  const open = gate();
  let aborted: boolean | undefined;
  const task = runner.submit(async (ctx) => {
    await open.promise;
    aborted = ctx.signal.aborted;
  });
  await clock.settle();
  await task.cancel();
  open.open();
  await clock.settle();
  assert.equal(aborted, true);
});

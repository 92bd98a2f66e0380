import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, gate, kindsOf, Meter, never, outcome, record, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

test('a task of 10 s with a timeout of 0.1 s fails at 0.1 s, and its error names the timeout', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(untilAborted, { timeout: 0.1 });
  await clock.advance(99);
  assert.equal(await task.status(), 'running');
  await clock.advance(1);
  await assert.rejects(task.wait(), { name: 'TaskFailedError', code: 'timeout', message: /timed out after 0\.1\s?s/ });
});

test('a timeout counts run time only, not the time in the queue', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const open = gate();
  runner.submit(() => open.promise, { timeout: 0 });
  const task = runner.submit(untilAborted, { timeout: 1 });
  await clock.advance(60_000);
  assert.equal(await task.status(), 'pending');
  open.open();
  await clock.settle();
  await clock.advance(999);
  assert.equal(await task.status(), 'running');
  await clock.advance(1);
  assert.equal(await task.status(), 'failed');
});

test('cancelled or timed out, a function that never settles frees its slot after killGrace and is counted', async () => {
  for (const how of ['cancel', 'timeout', 'signal', 'cancelAll'] as const) {
    const { runner, clock } = virtual({ maxConcurrentTasks: 2, killGrace: 5 });
    const events = record(runner);
    const controller = new AbortController();
    const stuck = [0, 1].map(() =>
      runner.submit(never, {
        timeout: how === 'timeout' ? 3 : 0,
        ...(how === 'signal' ? { signal: controller.signal } : {}),
      }),
    );
    const meter = new Meter();
    const open = gate();
    const rest = Array.from({ length: 5 }, () => runner.submit(() => meter.during(() => open.promise), { timeout: 0 }));
    await clock.settle();
    if (how === 'cancel') for (const task of stuck) await task.cancel();
    if (how === 'timeout') await clock.advance(3_000);
    if (how === 'signal') controller.abort();
    if (how === 'cancelAll') for (const task of stuck) await runner.cancel(task.id);
    for (const task of stuck) assert.equal(await task.status(), how === 'timeout' ? 'failed' : 'cancelled');
    await clock.advance(4_999);
    assert.equal(meter.peak, 0, 'stopping work keeps its slot');
    assert.equal(runner.summary().abandoned, 0);
    await clock.advance(1);
    assert.equal(runner.summary().abandoned, 2);
    assert.equal(meter.now, 2, 'the runner goes on at full concurrency');
    open.open();
    await Promise.all(rest.map((task) => task.wait()));
    assert.equal(meter.peak, 2);
    for (const task of stuck) {
      assert.deepEqual(kindsOf(events, task), [
        'submitted',
        'started',
        how === 'timeout' ? 'failed' : 'cancelled',
        'abandoned',
      ]);
    }
  }
});

test('what settles late changes nothing and is a late_result; one that settles in the grace has stopped', async () => {
  for (const late of [false, true]) {
    for (const end of ['value', 'error', 'abort'] as const) {
      const { runner, clock } = virtual({ maxConcurrentTasks: 1, killGrace: 5 });
      const events = record(runner);
      const open = gate<string>();
      let reason: unknown;
      const task = runner.submit((ctx) => {
        ctx.signal.addEventListener('abort', () => (reason = ctx.signal.reason));
        return open.promise;
      });
      await clock.settle();
      const waiting = outcome(task.wait());
      await task.cancel('enough');
      if (late) await clock.advance(5_000);
      const before = await task.snapshot();
      if (end === 'value') open.open('late');
      else open.fail(end === 'error' ? new Error('late') : reason);
      await clock.settle();
      const after = await task.snapshot();
      assert.deepEqual(
        [after.status, after.error, after.result, after.completedAt],
        [before.status, before.error, before.result, before.completedAt],
      );
      assert.equal((await waiting).code, 'cancelled');
      assert.equal((await outcome(task.wait())).code, 'cancelled');
      const kinds = kindsOf(events, task).slice(2);
      const tail = end === 'abort' ? [] : ['late_result'];
      if (late) assert.deepEqual(kinds, ['cancelled', 'abandoned', ...tail]);
      else assert.deepEqual([...kinds].sort(), ['cancelled', ...tail, 'stopped'].sort());
      assert.equal(runner.summary().abandoned, late ? 1 : 0);
      assert.equal(await runner.submit(() => 'next').wait(), 'next');
    }
  }
});

test('a function that swallows the abort cannot turn a cancelled task', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(async (ctx) => {
    await untilAborted(ctx).catch(() => {});
    return 'done all the same';
  });
  await clock.settle();
  await task.cancel();
  await clock.settle();
  assert.equal(await task.status(), 'cancelled');
  await assert.rejects(task.wait(), { code: 'cancelled' });
  assert.equal(runner.summary().completed, 0);
});

test('the next attempt starts when the one before has stopped or was given up, never beside it', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 3, killGrace: 5 });
  const open = gate();
  const starts: number[] = [];
  const task = runner.submit(
    ({ attempt }) => {
      starts.push(attempt);
      return attempt === 1 ? open.promise : attempt === 2 ? never() : 'third';
    },
    { timeout: 1, retries: 2, backoff: { initial: 0, jitter: 0 } },
  );
  await clock.advance(4_000);
  assert.deepEqual(starts, [1], 'stopping');
  open.open();
  await clock.settle();
  assert.deepEqual(starts, [1, 2], 'stopped');
  await clock.advance(5_999);
  assert.deepEqual(starts, [1, 2]);
  await clock.advance(1);
  assert.deepEqual(starts, [1, 2, 3], 'given up');
  assert.equal(await task.wait(), 'third');
});

for (const full of [false, true]) {
  test(`a handle held over 600 later completions answers, of a ${full ? 'full' : 'plain'} record`, async () => {
    const { runner, clock } = virtual();
    const options = full ? { retries: 1, sessionId: 's', metadata: { a: 1 }, backoff: { initial: 0 } } : {};
    const cause = new Error('bad');
    const done = runner.submit(() => 'result', options);
    const failed = runner.submit(() => Promise.reject(cause), options);
    const queued = runner.submit(() => 1, { ...options, delay: 1_000 });
    const cancelled = runner.submit(untilAborted, options);
    await clock.advance(10);
    await queued.cancel();
    await cancelled.cancel('why');
    const before = await Promise.all([done, failed, queued, cancelled].map((task) => task.snapshot()));
    for (let count = 0; count < 600; count++) runner.submit(() => count);
    await clock.settle();
    assert.equal(runner.tasks.length, 500);
    for (const [at, task] of [done, failed, queued, cancelled].entries()) {
      assert.equal(runner.get(task.id), undefined, 'dropped');
      assert.equal(await task.status(), before[at]?.status);
      assert.equal(await task.cancel(), false);
      assert.equal(await task.cancel('again', { stopped: true }), false);
      const after = await task.snapshot();
      for (const key of [
        'taskId',
        'status',
        'result',
        'error',
        'sessionId',
        'metadata',
        'attempt',
        'createdAt',
        'name',
        'priority',
        'timeoutSec',
      ] as const) {
        assert.deepEqual(after[key], before[at]?.[key], key);
      }
      assert.deepEqual(after.completedAt, before[at]?.completedAt);
      assert.throws(() => task.events(), { code: 'task_not_found' });
      await assert.rejects(task.respond('k', { action: 'accept' }), { code: 'task_not_found' });
    }
    assert.equal(await done.wait(), 'result');
    assert.equal(await done.wait(0), 'result');
    assert.equal((await outcome(failed.wait())).cause, cause);
    assert.equal((await outcome(queued.wait())).code, 'cancelled');
    assert.match((await outcome(cancelled.wait(1))).message ?? '', /why/);
    assert.equal(runner.clearCompleted(), 500);
    assert.equal(await done.wait(), 'result');
  });
}

test('a waiter registered before, during and after the end gets the same answer', async () => {
  const { runner, clock } = virtual();
  const cause = { odd: true };
  for (const settle of ['value', 'error', 'cancel'] as const) {
    const open = gate<number>();
    const answers: Promise<unknown>[] = [];
    const task = runner.submit(() => open.promise, { onComplete: () => void answers.push(outcome(task.wait())) });
    answers.push(outcome(task.wait()), outcome(task.wait(99)), outcome(runner.waitForTask(task.id)));
    await clock.settle();
    if (settle === 'value') open.open(7);
    else if (settle === 'error') open.fail(cause);
    else await task.cancel();
    answers.push(outcome(task.wait()), outcome(task.wait(0.5)));
    await clock.settle();
    answers.push(outcome(task.wait()), outcome(task.wait(0)), outcome(task.wait({ timeout: '1s' })));
    const all = await Promise.all(answers);
    assert.equal(all.length, 9);
    for (const one of all) assert.deepEqual(one, all[0]);
    assert.equal(
      (all[0] as { code?: unknown }).code,
      { value: undefined, error: 'failed', cancel: 'cancelled' }[settle],
    );
    open.open(0);
  }
});

test('events of a task cancelled while it backs off end with cancelled', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(() => Promise.reject(new Error('x')), { retries: 3, backoff: { initial: 60 } });
  await clock.settle();
  assert.equal(await task.status(), 'pending');
  assert.equal(await task.cancel(), true);
  assert.deepEqual(
    (await collected(task.events({ follow: true }))).map(({ kind }) => kind),
    ['submitted', 'started', 'retry_scheduled', 'cancelled'],
  );
});

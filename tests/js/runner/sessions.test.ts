import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OnConflict } from '#offstage/index.js';
import { gate, never, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

const inSession = (onConflict?: OnConflict) => ({
  sessionId: 's',
  ...(onConflict === undefined ? {} : { onConflict }),
});

test('parallel, the default: tasks of one session run beside each other', async () => {
  const { runner, clock } = virtual();
  for (const onConflict of [undefined, 'parallel'] as const) runner.submit(never, inSession(onConflict));
  await clock.settle();
  assert.equal(runner.runningTasks.length, 2);
});

test('reject: the newcomer is refused while a task of the session lives or stops', async () => {
  const { runner, clock } = virtual();
  const open = gate();
  const first = runner.submit(() => open.promise, inSession('reject'));
  await clock.settle();
  const refused = { name: 'ConflictError', code: 'conflict', message: /'s'/ };
  assert.throws(() => runner.submit(() => 1, inSession('reject')), refused);
  assert.equal(await runner.submit(() => 2, { sessionId: 'other', onConflict: 'reject' }).wait(), 2);
  await first.cancel();
  assert.throws(() => runner.submit(() => 1, inSession('reject')), refused, 'it has not stopped');
  open.open();
  await clock.settle();
  assert.equal(await runner.submit(() => 3, inSession('reject')).wait(), 3);
  assert.equal(runner.summary().total, 3);
});

test('enqueue: in the order of creation, whatever the priority; backing off and asking keep the place', async () => {
  const { runner, clock } = virtual();
  const order: string[] = [];
  const first = runner.submit(
    async (ctx) => {
      order.push(`first ${ctx.attempt}`);
      if (ctx.attempt === 1) throw new Error('again');
      await ctx.requestInput({ key: 'k', message: 'm' });
    },
    { ...inSession('enqueue'), retries: 1, backoff: { initial: 10, jitter: 0 } },
  );
  runner.submit(() => void order.push('second'), { ...inSession('enqueue'), priority: 'critical' });
  runner.submit(() => void order.push('other'), { sessionId: 'o', onConflict: 'enqueue' });
  await clock.advance(9_000);
  assert.deepEqual(order, ['first 1', 'other']);
  await clock.advance(1_000);
  assert.deepEqual(order, ['first 1', 'other', 'first 2']);
  await clock.advance(100_000);
  assert.equal(order.length, 3);
  await first.respond('k', { action: 'accept' });
  await clock.settle();
  assert.deepEqual(order, ['first 1', 'other', 'first 2', 'second']);
});

test('enqueue waits until a cancelled task has really stopped', async () => {
  const { runner, clock } = virtual();
  const stuck = runner.submit(never, inSession());
  const next = runner.submit(() => 'next', inSession('enqueue'));
  await clock.settle();
  await stuck.cancel();
  await clock.advance(4_999);
  assert.equal(await next.status(), 'pending');
  await clock.advance(1);
  assert.equal(await next.status(), 'completed');
});

test('interrupt: the live ones are cancelled with the submit, and the newcomer starts when they have stopped', async () => {
  const { runner, clock } = virtual();
  const open = gate();
  const running = runner.submit(() => open.promise, inSession());
  const queued = runner.submit(() => 1, { ...inSession(), delay: 60 });
  const asking = runner.submit((ctx) => ctx.requestInput({ key: 'k', message: 'm' }), inSession());
  const elsewhere = runner.submit(untilAborted, { sessionId: 'other' });
  await clock.settle();
  const newcomer = runner.submit(() => 'new', inSession('interrupt'));
  for (const task of [running, queued, asking]) {
    assert.equal(await task.status(), 'cancelled');
    await assert.rejects(task.wait(), { code: 'cancelled' });
  }
  await clock.settle();
  assert.equal(await newcomer.status(), 'pending');
  open.open();
  assert.equal(await newcomer.wait(), 'new');
  assert.equal(await elsewhere.status(), 'running');
});

test('an interrupt that is refused cancels nothing', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1, maxQueued: 0 });
  const running = runner.submit(untilAborted, inSession());
  await clock.settle();
  assert.throws(() => runner.submit(() => 1, inSession('interrupt')), { code: 'queue_full' });
  runner.concurrency = 2;
  assert.throws(() => runner.submit(() => 1, { ...inSession('interrupt'), retries: -1 }), { code: 'invalid_argument' });
  assert.equal(await running.status(), 'running');
});

test('interrupt with nothing retained, again and again, leaves one task', async () => {
  const { runner, clock } = virtual({ maxRetained: 0 });
  const tasks = Array.from({ length: 50 }, (_, at) => runner.submit(() => at, inSession('interrupt')));
  await clock.settle();
  const seen = await Promise.all(tasks.map((task) => task.status()));
  assert.deepEqual(seen, [...Array(49).fill('cancelled'), 'completed']);
  assert.equal(await tasks.at(-1)?.wait(), 49);
});

test('an idempotency key returns the task that is there, while it lives and once it has completed', async () => {
  const { runner, clock } = virtual();
  let runs = 0;
  let told = 0;
  const options = {
    idempotencyKey: 'k',
    input: { a: 1 },
    onComplete: () => {
      told += 1;
    },
  };
  const first = runner.submit(() => (runs += 1), options);
  const second = runner.submit(() => (runs += 1), { ...options, signal: AbortSignal.abort() });
  await clock.settle();
  const third = runner.submit(() => (runs += 1), options);
  assert.deepEqual(
    [first, second, third].map(({ deduplicated }) => deduplicated),
    [false, true, true],
  );
  assert.deepEqual([second.id, third.id], [first.id, first.id]);
  assert.deepEqual(await Promise.all([first.wait(), second.wait(), third.wait()]), [1, 1, 1]);
  assert.deepEqual([runs, told, runner.summary().total], [1, 1, 1]);
  assert.equal(runner.submit(() => 1).deduplicated, false);
});

test('another input, config or args under the same key is a conflict', async () => {
  const { runner } = virtual();
  const first = runner.submit(() => 1, { idempotencyKey: 'k', input: { a: 1 } });
  for (const other of [{ input: { a: 2 } }, { input: { a: 1 }, config: { b: 1 } }, {}]) {
    assert.throws(() => runner.submit(() => 2, { idempotencyKey: 'k', ...other }), {
      code: 'conflict',
      message: /'k'/,
    });
  }
  assert.throws(() => runner.submit(() => 2, { idempotencyKey: 'k', input: 1n }), { code: 'unserializable' });
  assert.equal(await first.wait(), 1);
  assert.equal(runner.summary().total, 1);
});

test('failed, cancelled and cleared tasks free their key; one that backs off keeps it', async () => {
  const { runner, clock } = virtual();
  const options = { idempotencyKey: 'k' };
  const failing = runner.submit(() => Promise.reject(new Error('x')), {
    ...options,
    retries: 1,
    backoff: { initial: 5, jitter: 0 },
  });
  await clock.settle();
  assert.equal(runner.submit(() => 1, options).id, failing.id);
  await clock.advance(5_000);
  assert.equal(await failing.status(), 'failed');
  const second = runner.submit(untilAborted, options);
  assert.deepEqual([second.id === failing.id, second.deduplicated], [false, false]);
  await second.cancel();
  const third = runner.submit(() => 3, options);
  assert.equal(third.deduplicated, false);
  assert.equal(await third.wait(), 3);
  assert.equal(runner.submit(() => 4, options).id, third.id);
  runner.clearCompleted();
  assert.equal(await runner.submit(() => 4, options).wait(), 4);
});

test('a full queue does not refuse what is there already', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1, maxQueued: 0 });
  const open = gate();
  const first = runner.submit(() => open.promise, { idempotencyKey: 'k' });
  await clock.settle();
  assert.equal(runner.submit(() => open.promise, { idempotencyKey: 'k' }).id, first.id);
  const stopping = runner.stop();
  open.open();
  await stopping;
});

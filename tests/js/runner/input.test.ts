import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InputAnswer, TaskContext } from '#offstage/index.js';
import { collected, gate, outcome, untilAborted, watched } from './helpers.ts';
import { virtual } from './virtual.ts';

const ask = (ctx: TaskContext): Promise<InputAnswer> => ctx.requestInput({ key: 'ok', message: 'Go on?' });

test('accept and decline resolve with the answer; the slot is free meanwhile and the timeout stands still', async () => {
  for (const answer of [
    { action: 'accept', content: { name: 'x' } },
    { action: 'accept', content: 0 },
    { action: 'accept' },
    { action: 'decline' },
  ] as const) {
    const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
    const plain = runner.submit(ask, { timeout: 10 });
    await clock.advance(5_000);
    assert.equal(await plain.status(), 'input_required');
    assert.equal(await runner.submit(() => 'between').wait(), 'between');
    const { inputRequests, taskStatus } = await plain.snapshot();
    assert.equal(inputRequests.ok?.message, 'Go on?');
    assert.deepEqual([taskStatus.blocked, taskStatus.nextAction], [true, 'respond']);
    await clock.advance(1_000_000);
    await plain.respond('ok', answer);
    await clock.settle();
    assert.deepEqual(await plain.wait(), { content: undefined, ...answer });
  }
});

test('an answered task goes on before others of its priority, in the same attempt, with what is left of its time', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const order: string[] = [];
  const asking = runner.submit(
    async (ctx) => {
      await ask(ctx);
      order.push(`asked ${ctx.attempt}`);
      await untilAborted(ctx);
    },
    { timeout: 10 },
  );
  await clock.advance(4_000);
  const open = gate();
  runner.submit(() => open.promise);
  runner.submit(() => void order.push('queued'));
  await clock.settle();
  await asking.respond('ok', { action: 'accept' });
  assert.equal(await asking.status(), 'pending');
  open.open();
  await clock.settle();
  assert.deepEqual(order, ['asked 1']);
  await clock.advance(9_999);
  assert.equal(await asking.status(), 'running', 'asking took none of its time');
  await clock.advance(1);
  await assert.rejects(asking.wait(), { code: 'timeout' });
  assert.deepEqual(order, ['asked 1', 'queued']);
});

test('an answer cancel cancels the task', async () => {
  const { runner, clock } = virtual();
  let thrown: unknown;
  const task = runner.submit(async (ctx) => {
    thrown = (await outcome(ask(ctx))).code;
  });
  await clock.settle();
  await task.respond('ok', { action: 'cancel' });
  await clock.settle();
  assert.equal(await task.status(), 'cancelled');
  assert.equal(thrown, 'cancelled');
});

test('a request that expires fails the task with input_expired; it is not retried', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit((ctx) => ctx.requestInput({ key: 'k', message: 'm', expires: '1m' }), { retries: 3 });
  await clock.advance(59_999);
  assert.equal(await task.status(), 'input_required');
  await clock.advance(1);
  await assert.rejects(task.wait(), { code: 'input_expired' });
  await assert.rejects(task.respond('k', { action: 'accept' }), { code: 'conflict' });
  const endless = runner.submit((ctx) =>
    ctx.requestInput({ key: 'k', message: 'm', expires: Number.POSITIVE_INFINITY }),
  );
  await clock.advance(1_000_000_000);
  assert.equal(await endless.status(), 'input_required');
});

test('content that does not fit the schema is refused and changes nothing', async () => {
  const { runner, clock } = virtual();
  const schema = { type: 'object', properties: { age: { type: 'integer', minimum: 1 } }, required: ['age'] };
  const task = runner.submit((ctx) => ctx.requestInput({ key: 'k', message: 'm', schema }));
  await clock.settle();
  const before = await task.snapshot();
  assert.deepEqual(before.inputRequests.k?.schema, schema);
  for (const content of [undefined, null, 5, {}, { age: 0 }, { age: '5' }]) {
    await assert.rejects(task.respond('k', { action: 'accept', content }), {
      name: 'InvalidArgumentError',
      message: /content: does not have the form/,
    });
  }
  assert.deepEqual(await task.snapshot(), before);
  await task.respond('k', { action: 'accept', content: { age: 7 } });
  assert.deepEqual(await task.wait(), { action: 'accept', content: { age: 7 } });
  const declined = runner.submit((ctx) => ctx.requestInput({ key: 'k', message: 'm', schema }));
  await clock.settle();
  await declined.respond('k', { action: 'decline' });
  assert.equal((await declined.wait()).action, 'decline');
});

test('a schema that cannot be used lets nothing through, and is told', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit((ctx) => ctx.requestInput({ key: 'k', message: 'm', schema: { $ref: '#/$defs/none' } }));
  await clock.settle();
  await assert.rejects(task.respond('k', { action: 'accept', content: 1 }), {
    code: 'invalid_argument',
    message: /schema/,
  });
  await task.respond('k', { action: 'decline' });
  assert.equal((await task.wait()).action, 'decline');
});

test('several requests: it goes on when the last one is answered; a second answer is a conflict', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit((ctx) =>
    Promise.all(['a', 'b', 'c'].map((key) => ctx.requestInput({ key, message: key }))),
  );
  const done = watched(task.wait());
  await clock.settle();
  assert.deepEqual(Object.keys((await task.snapshot()).inputRequests), ['a', 'b', 'c']);
  for (const key of ['b', 'a']) {
    await task.respond(key, { action: 'accept', content: key });
    await assert.rejects(task.respond(key, { action: 'decline' }), { name: 'ConflictError', code: 'conflict' });
    await clock.settle();
    assert.equal(done.now, undefined);
    assert.equal(await task.status(), 'input_required');
  }
  await task.respond('c', { action: 'decline' });
  await clock.settle();
  assert.deepEqual(
    (await task.wait()).map(({ action, content }) => [action, content]),
    [
      ['accept', 'a'],
      ['accept', 'b'],
      ['decline', undefined],
    ],
  );
  await assert.rejects(task.respond('a', { action: 'accept' }), { code: 'conflict' });
});

test('a key that was asked before is the same request, also in a further attempt, and keeps its answer', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(
    async (ctx) => {
      const both = await Promise.all([ask(ctx), ask(ctx)]);
      assert.deepEqual(both[0], both[1]);
      if (ctx.attempt === 1) throw new Error('again');
      return both[0].content;
    },
    { retries: 1, backoff: { initial: 1, jitter: 0 } },
  );
  await clock.settle();
  await task.respond('ok', { action: 'accept', content: 'first answer' });
  await clock.advance(1_000);
  assert.equal(await task.wait(), 'first answer');
  const kinds = (await collected(task.events())).map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === 'input_requested').length, 1);
});

test('what was open when an attempt ended is asked again by the next, with its own schema', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(
    async (ctx) => {
      const schema = { const: ctx.attempt };
      const answer = ctx.requestInput({ key: 'k', message: `attempt ${ctx.attempt}`, schema });
      if (ctx.attempt === 1) throw new Error('again');
      return (await answer).content;
    },
    { retries: 1, backoff: { initial: 1, jitter: 0 } },
  );
  await clock.settle();
  await assert.rejects(task.respond('k', { action: 'accept', content: 1 }), { code: 'conflict' });
  await clock.advance(1_000);
  assert.equal((await task.snapshot()).inputRequests.k?.message, 'attempt 2');
  await assert.rejects(task.respond('k', { action: 'accept', content: 1 }), { code: 'invalid_argument' });
  await task.respond('k', { action: 'accept', content: 2 });
  assert.equal(await task.wait(), 2);
});

test('a task that is cancelled while it asks: the request rejects with the reason', async () => {
  const { runner, clock } = virtual();
  let got: unknown;
  const task = runner.submit(async (ctx) => {
    got = await ask(ctx).catch((error) => error);
    return 'late';
  });
  await clock.settle();
  await task.cancel('not needed');
  await clock.settle();
  assert.equal((got as Error).name, 'TaskCancelledError');
  assert.equal(await task.status(), 'cancelled');
});

test('a task may end by itself while it asks', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit((ctx) => {
    void ask(ctx).catch(() => {});
    return 'did not wait';
  });
  await clock.settle();
  assert.equal(await task.wait(), 'did not wait');
  await assert.rejects(task.respond('ok', { action: 'accept' }), { code: 'conflict' });
});

test('questions and answers are checked', async () => {
  const { runner, clock } = virtual();
  const errors: unknown[] = [];
  const task = runner.submit(async (ctx) => {
    for (const question of [
      undefined,
      null,
      {},
      { key: '', message: 'm' },
      { key: 5, message: 'm' },
      { key: 'k' },
      { key: 'k', message: 5 },
      { key: 'k', message: 'm', expires: -1 },
      { key: 'k', message: 'm', expires: 'soon' },
      { key: 'k', message: 'm', expire: 1 },
    ]) {
      errors.push((await outcome(ctx.requestInput(question as never))).code);
    }
    errors.push((await outcome(ctx.requestInput({ key: 'k', message: 'm', schema: 1n }))).code);
    return ask(ctx);
  });
  await clock.settle();
  assert.deepEqual(errors, [...Array(10).fill('invalid_argument'), 'unserializable']);
  for (const [key, answer] of [
    ['ok', undefined],
    ['ok', {}],
    ['ok', { action: 'yes' }],
    ['', { action: 'accept' }],
    [5, { action: 'accept' }],
  ] as const) {
    await assert.rejects(task.respond(key as string, answer as never), { code: 'invalid_argument' });
  }
  await assert.rejects(task.respond('ok', { action: 'accept', content: 1n }), { code: 'unserializable' });
  await assert.rejects(task.respond('other', { action: 'accept' }), { code: 'conflict' });
  assert.equal(await task.status(), 'input_required');
});

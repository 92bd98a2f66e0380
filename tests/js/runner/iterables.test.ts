import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, gate, never, outcome } from './helpers.ts';
import { virtual } from './virtual.ts';

test('items are output events; the result is what was returned, else the items', async () => {
  const { runner } = virtual();
  const list = runner.submit(async function* () {
    yield 'a';
    yield { b: 1 };
  });
  assert.deepEqual(await list.wait(), ['a', { b: 1 }]);
  const outputs = (await collected(list.events())).filter(({ kind }) => kind === 'output');
  assert.deepEqual(
    outputs.map(({ data }) => (data as { chunk: unknown }).chunk),
    ['a', { b: 1 }],
  );
  const returned = runner.submit(async function* () {
    yield 1;
    return 'end';
  });
  assert.equal(await returned.wait(), 'end');
  const falsy = runner.submit(async function* () {
    yield 1;
    return 0;
  });
  assert.equal(await falsy.wait(), 0);
  const none = runner.submit(async function* () {});
  assert.deepEqual(await none.wait(), []);
});

test('an iterator without return, and one that answers without promises', async () => {
  const { runner } = virtual();
  let left = 3;
  const plain = {
    [Symbol.asyncIterator]: () => ({
      next: () => ({ done: left === 0, value: left-- }) as unknown as Promise<IteratorResult<number>>,
    }),
  };
  assert.equal(await runner.submit(() => plain).wait(), 0, 'what it returned');
});

test('a throw in the middle fails the task and keeps what was told', async () => {
  const { runner } = virtual();
  const cause = new Error('dry', { cause: new RangeError('empty') });
  const task = runner.submit(async function* () {
    yield 1;
    throw cause;
  });
  const { code, cause: got } = await outcome(task.wait());
  assert.equal(code, 'failed');
  assert.equal(got, cause);
  const { details } = (await task.snapshot()).error as { details: { cause: { name: string; message: string } } };
  assert.deepEqual([details.cause.name, details.cause.message], ['RangeError', 'empty']);
  assert.deepEqual(
    (await collected(task.events())).map(({ kind }) => kind),
    ['submitted', 'started', 'output', 'failed'],
  );
});

test('an item that JSON cannot carry fails the task and lets go of the iterator', async () => {
  const { runner, clock } = virtual();
  let cleaned = false;
  const task = runner.submit(async function* () {
    try {
      yield 1n;
    } finally {
      cleaned = true;
    }
  });
  await clock.settle();
  assert.equal(await task.status(), 'failed');
  await assert.rejects(task.wait(), /output cannot be written as JSON/);
  assert.equal(cleaned, true);
});

test('an abort between items stops the asking, runs what is in finally, and is the end of the work', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const open = gate();
  const said: string[] = [];
  const task = runner.submit(async function* () {
    try {
      yield 1;
      await open.promise;
      yield 2;
      said.push('went on');
    } finally {
      said.push('cleaned');
    }
  });
  await clock.settle();
  assert.equal(await task.cancel(), true);
  const next = runner.submit(() => 'next');
  await clock.settle();
  assert.deepEqual(said, []);
  assert.equal(await next.status(), 'pending', 'the generator still waits: its slot is taken');
  open.open();
  await clock.settle();
  assert.deepEqual(said, ['cleaned']);
  assert.equal(await next.wait(), 'next');
  const kinds = (await collected(task.events())).map(({ kind }) => kind);
  assert.deepEqual(kinds, ['submitted', 'started', 'output', 'cancelled', 'stopped']);
});

test('an abort lets go of an iterator that would never answer', async () => {
  for (const how of ['cancel', 'timeout'] as const) {
    const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
    let returned = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: never,
        return: async () => {
          returned += 1;
          return { done: true as const, value: undefined };
        },
      }),
    };
    const task = runner.submit(() => source, { timeout: 1 });
    await clock.settle();
    if (how === 'cancel') await task.cancel();
    else await clock.advance(1_000);
    await clock.settle();
    assert.equal(returned, 1, how);
    assert.equal(runner.summary().abandoned, 0);
    assert.equal(await runner.submit(() => 'next').wait(), 'next', 'its slot is free at once');
  }
});

test('an iterator whose return fails has ended all the same', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const source = {
    [Symbol.asyncIterator]: () => ({ next: never, return: () => Promise.reject(new Error('cannot')) }),
  };
  const task = runner.submit(() => source);
  await clock.settle();
  await task.cancel();
  await clock.settle();
  await assert.rejects(task.wait(), { code: 'cancelled' });
  assert.equal(await runner.submit(() => 'next').wait(), 'next');
});

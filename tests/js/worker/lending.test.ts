import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lending } from '#offstage/worker/lending.js';
import { deferred } from './deferred.js';

/** A lending whose store does what it is told at once, and writes it down. */
function make() {
  const told: string[] = [];
  const lending = new Lending({
    lend: async () => void told.push('lend'),
    reclaim: async () => void told.push('reclaim'),
  });
  return { told, lending };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Whether a promise has settled by now. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  await settle();
  return Promise.race([promise.then(() => true), settle().then(() => false)]);
}

test('the slot is lent while a child is awaited; the wait is over when the slot is back', async () => {
  const { told, lending } = make();
  const child = deferred<number>();
  const wait = lending.during('c', () => child.promise);
  await settle();
  assert.deepEqual([told, lending.awaited], [['lend'], ['c']]);
  child.resolve(7);
  assert.equal(await isOver(wait), false, 'it has no slot');
  assert.deepEqual([told, lending.awaited], [['lend', 'reclaim'], []]);
  lending.given();
  assert.equal(await wait, 7);
});

test('a wait that fails gives back as well', async () => {
  const { told, lending } = make();
  const wait = lending.during('c', async () => {
    throw new Error('no such child');
  });
  wait.catch(() => {});
  await settle();
  assert.deepEqual(told, ['lend', 'reclaim']);
  lending.given();
  await assert.rejects(wait, /no such child/);
});

test('of several waits only the first lends and only the last asks back', async () => {
  const { told, lending } = make();
  const [a, b] = [deferred(), deferred()];
  const first = lending.during('a', () => a.promise);
  const second = lending.during('b', () => b.promise);
  await settle();
  a.resolve();
  assert.equal(await isOver(first), true, 'another is awaited: it goes on without a slot');
  assert.deepEqual(told, ['lend']);
  b.resolve();
  assert.equal(await isOver(second), false);
  assert.deepEqual(told, ['lend', 'reclaim']);
  lending.given();
  await second;
});

test('the end of a child asks for the slot before its wait is over, once', async () => {
  const { told, lending } = make();
  const child = deferred();
  const wait = lending.during('c', () => child.promise);
  await settle();
  await lending.ended('other');
  assert.deepEqual(told, ['lend']);
  await lending.ended('c');
  assert.deepEqual(told, ['lend', 'reclaim']);
  lending.given();
  assert.equal(await isOver(wait), false);
  child.resolve();
  await wait;
  assert.deepEqual(told, ['lend', 'reclaim']);
});

test('who awaits another child while the slot is on its way back lends it anew', async () => {
  const { told, lending } = make();
  const [a, b] = [deferred(), deferred()];
  const first = lending.during('a', () => a.promise);
  await settle();
  a.resolve();
  assert.equal(await isOver(first), false);
  const second = lending.during('b', () => b.promise);
  assert.equal(await isOver(first), true);
  lending.given(); // from before it was lent anew
  b.resolve();
  assert.equal(await isOver(second), false);
  assert.deepEqual(told, ['lend', 'reclaim', 'lend', 'reclaim']);
  lending.given();
  await second;
});

test('told to end, or asking, it goes on without a slot; after an answer it lends again', async () => {
  const { told, lending } = make();
  const [a, b] = [deferred(), deferred()];
  const first = lending.during('a', () => a.promise);
  const second = lending.during('b', () => b.promise);
  await settle();
  lending.letGo();
  a.resolve();
  assert.equal(await isOver(first), true);
  assert.deepEqual(told, ['lend'], 'nothing is wanted back');
  await lending.again();
  assert.deepEqual(told, ['lend', 'lend'], 'b is still awaited, and may need the slot');
  b.resolve();
  assert.equal(await isOver(second), false);
  lending.letGo();
  assert.equal(await isOver(second), true, 'it does not wait for a slot');
  assert.deepEqual(told, ['lend', 'lend', 'reclaim']);
  await lending.during('c', async () => {});
  assert.deepEqual(told, ['lend', 'lend', 'reclaim'], 'it has no use for one');
});

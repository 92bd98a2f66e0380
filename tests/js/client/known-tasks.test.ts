/** How tasks of here stand, as the commits of here tell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownTasks } from '#offstage/client/known-tasks.js';
import type { Commit } from '#offstage/ports/backend.js';
import type { Store } from '#offstage/store/index.js';

function scene() {
  const listeners = new Set<(commit?: Commit) => void>();
  const store = {
    watch(listener: (commit?: Commit) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Store;
  const known = new KnownTasks();
  const commit = (ended?: string[]): void => {
    const told: Commit | undefined = ended && { topics: ['outcome', 'told'], ended };
    for (const listener of listeners) listener(told);
  };
  return { known, listeners, store, commit };
}

const outcome = (id: string, result = '1') =>
  ({ id, status: 'completed', record: '{}', payloads: { result } }) as const;

test('a task is known to live until a commit ends it, and how it has ended is given out once', () => {
  const { known, store, commit } = scene();
  known.follow(store);
  known.add(['a', 'b'], known.era);
  commit([]);
  assert.deepEqual([known.isLive('a'), known.isLive('c'), known.take('a')], [true, false, undefined]);
  commit(['a']);
  assert.deepEqual([known.isLive('a'), known.take('a')], [false, undefined], 'how it has ended follows');
  known.end(outcome('a'));
  known.end(outcome('c'));
  assert.deepEqual([known.take('a'), known.take('a'), known.take('c')], [outcome('a'), undefined, undefined]);
  assert.equal(known.isLive('b'), true);
});

test('a commit that does not say what it has ended, or is of others, makes everything unknown', () => {
  const { known, store, commit } = scene();
  known.follow(store);
  const before = known.era;
  known.add(['a', 'b'], before);
  commit(['b']);
  known.end(outcome('b'));
  commit(undefined);
  assert.deepEqual([known.isLive('a'), known.take('b')], [false, undefined]);
  known.add(['c'], before);
  assert.equal(known.isLive('c'), false, 'it was asked for before that commit');
});

test('a store is listened to while a worker of it is at work; then nothing is known', () => {
  const { known, listeners, store } = scene();
  const [one, two] = [known.follow(store), known.follow(store)];
  assert.equal(listeners.size, 1);
  known.add(['a'], known.era);
  one();
  assert.deepEqual([listeners.size, known.isLive('a')], [1, false]);
  two();
  assert.equal(listeners.size, 0);
});

test('what nobody takes is kept within bounds', () => {
  const { known, store } = scene();
  known.follow(store);
  const ids = Array.from({ length: 10_001 }, (_, n) => `t${n}`);
  known.add(ids, known.era);
  assert.deepEqual([known.isLive('t0'), known.isLive('t1'), known.isLive('t10000')], [false, true, true]);
  const large = 'x'.repeat(3 * 1024 * 1024);
  for (const id of ['t1', 't2']) known.end(outcome(id, large));
  assert.deepEqual([known.take('t1'), known.take('t2')?.payloads.result?.length], [undefined, large.length]);
  known.end(outcome('t3', large));
  assert.notEqual(known.take('t3'), undefined, 'what was taken does not count');
});

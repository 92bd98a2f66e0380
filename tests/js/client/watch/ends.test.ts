/** Many waits of one process, and what they cost the store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ends, mayEnd } from '#offstage/client/watch/ends.js';
import type { Commit } from '#offstage/ports/backend.js';
import type { Store } from '#offstage/store/index.js';

/** A store that says which tasks live, and is told when to tell of a commit. */
function scene() {
  const live = new Set<string>();
  const looks: string[][] = [];
  const listeners = new Set<(commit?: Commit) => void>();
  const state = { isBroken: false };
  const run = async (_op: string, { ids }: { ids: string[] }): Promise<string[]> => {
    looks.push(ids);
    if (state.isBroken) throw new Error('it is gone');
    return ids.filter((id) => live.has(id));
  };
  const watch: Store['watch'] = (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const store = { run, watch } as unknown as Store;
  const ends = new Ends();
  const rung: string[] = [];
  const wait = (id: string) => {
    live.add(id);
    return ends.watch(store, id, () => rung.push(id));
  };
  const commit = (one?: Commit) => {
    for (const listener of listeners) listener(one);
  };
  return { live, looks, listeners, state, ends, store, rung, wait, commit };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const MANY = Array.from({ length: 100 }, (_, n) => `task_${n}`);

test('a commit of here rings those whose tasks have ended by it, and asks nothing', async () => {
  const { wait, commit, rung, looks } = scene();
  for (const id of MANY) wait(id);
  commit({ topics: ['work', 'told'] });
  commit({ topics: ['outcome'], ended: ['task_7', 'another', 'task_9'] });
  await settle();
  assert.deepEqual([rung, looks], [['task_7', 'task_9'], []]);
});

test('after a commit of others it is asked once who of many has ended', async () => {
  const { wait, commit, rung, looks, live } = scene();
  for (const id of MANY) wait(id);
  live.delete('task_3');
  commit();
  commit({ topics: ['outcome'] }); // one of here that does not know
  live.delete('task_5');
  await settle();
  assert.deepEqual([...new Set(rung)], ['task_3', 'task_5']);
  assert.equal(looks.length, 2, 'one at a time, and one more for what was heard meanwhile');
});

test('few look each for himself; all do when it cannot be asked', async () => {
  const few = scene();
  few.wait('task_1');
  few.wait('task_2');
  few.commit();
  assert.deepEqual([few.rung, few.looks], [['task_1', 'task_2'], []]);
  const broken = scene();
  for (const id of MANY) broken.wait(id);
  broken.state.isBroken = true;
  broken.commit();
  await settle();
  assert.deepEqual(broken.rung, MANY);
});

test('it watches while somebody waits, and the store that is there', () => {
  const { ends, wait, listeners, rung } = scene();
  const leave = [wait('task_1'), wait('task_1')];
  assert.deepEqual([listeners.size, ends.isWatching], [1, true]);
  leave[0]?.();
  assert.equal(ends.isWatching, true);
  const next = scene();
  const end = ends.watch(next.store, 'task_2', () => rung.push('next'));
  assert.deepEqual([listeners.size, next.listeners.size], [0, 1], 'the file was replaced: that one is watched now');
  next.commit({ topics: ['outcome'], ended: ['task_2'] });
  assert.deepEqual(rung, ['next']);
  end();
  leave[1]?.();
  assert.deepEqual([next.listeners.size, ends.isWatching], [0, false]);
});

test('a commit concerns a wait for several when one of them may have ended', () => {
  const tasks = new Set(['a', 'b']);
  assert.equal(mayEnd(undefined, tasks), true);
  assert.equal(mayEnd({ topics: ['outcome'] }, tasks), true);
  assert.equal(mayEnd({ topics: ['outcome'], ended: ['b'] }, tasks), true);
  assert.equal(mayEnd({ topics: ['outcome'], ended: ['c'] }, tasks), false);
  assert.equal(mayEnd({ topics: ['work', 'told'], ended: [] }, tasks), false);
});

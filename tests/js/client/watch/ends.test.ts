/** Many waits of one process, and what they cost the store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ends } from '#offstage/client/watch/ends.js';
import type { Commit } from '#offstage/ports/backend.js';
import type { Store } from '#offstage/store/index.js';

/** A store that says which tasks live, and is told when to tell of a commit. */
function scene() {
  const live = new Set<string>();
  const looks: string[][] = [];
  const reads: (number | null)[] = [];
  const told: string[] = [];
  const listeners = new Set<(commit?: Commit) => void>();
  const state = { isBroken: false };
  const run = async (op: string, args: { ids: string[]; after: { n: number } | null }): Promise<unknown> => {
    if (state.isBroken) throw new Error('it is gone');
    if (op === 'endedSince') {
      reads.push(args.after?.n ?? null);
      return { at: { store: 's', n: told.length }, ids: args.after === null ? null : told.slice(args.after.n) };
    }
    looks.push(args.ids);
    return args.ids.filter((id) => live.has(id));
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
  return { live, looks, reads, told, listeners, state, ends, store, rung, wait, commit };
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

test('after a commit of others the feed is read once for many, from where it was read last', async () => {
  const { wait, commit, rung, looks, reads, told, live } = scene();
  for (const id of MANY) wait(id);
  live.delete('task_3');
  commit();
  commit({ topics: ['outcome'] }); // one of here that does not know
  await settle();
  assert.deepEqual([...new Set(rung)], ['task_3']);
  live.delete('task_5');
  assert.deepEqual([looks.length, reads], [1, [null, 0]], 'one at a time, and one more for what was heard meanwhile');
  told.push('task_5', 'another', 'task_8');
  commit();
  await settle();
  told.push('task_9');
  commit();
  await settle();
  assert.deepEqual(rung.slice(-3), ['task_5', 'task_8', 'task_9']);
  assert.deepEqual([looks.length, reads.slice(2)], [1, [0, 3]], 'it costs what has changed');
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

test('the more they are the more rarely each looks by himself', () => {
  const { ends, wait } = scene();
  const leave = MANY.map(wait);
  assert.equal(ends.patience, 1000);
  for (let n = 100; n < 5000; n++) leave.push(wait(`task_${n}`));
  assert.equal(ends.patience, 10_000);
  for (const one of leave) one();
  assert.equal(ends.isWatching, false);
});

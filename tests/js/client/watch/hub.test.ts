/** All who wait in one process, and what they cost the store. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Hub } from '#offstage/client/watch/hub.js';
import type { Commit } from '#offstage/ports/backend.js';
import type { DueOptions } from '#offstage/reap/index.js';
import type { ChangedTask, Store } from '#offstage/store/index.js';

/** A store that says which tasks live, and is told when to tell of a commit. */
function scene(every = Number.POSITIVE_INFINITY) {
  const live = new Set<string>();
  const looks: string[][] = [];
  const reads: { after: number | null; endsOnly: boolean }[] = [];
  const told: ChangedTask[] = [];
  const decided: DueOptions[] = [];
  const listeners = new Set<(commit?: Commit) => void>();
  const state = { isBroken: false, read: Promise.resolve() };
  const run = async (op: string, args: { ids: string[]; after: { n: number } | null; endsOnly: boolean }) => {
    if (state.isBroken) throw new Error('it is gone');
    if (op === 'changedSince') {
      reads.push({ after: args.after?.n ?? null, endsOnly: args.endsOnly });
      await state.read;
      return { at: { store: 's', n: told.length }, changed: args.after === null ? null : told.slice(args.after.n) };
    }
    looks.push(args.ids);
    return args.ids.filter((id) => live.has(id));
  };
  const watch: Store['watch'] = (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const store = { run, watch } as unknown as Store;
  const hub = new Hub(async (how) => void decided.push(how), every);
  const rung: string[] = [];
  const wait = (id: string) => {
    live.add(id);
    return hub.ended(store, id, () => rung.push(id));
  };
  const follow = (id: string) => hub.told(store, id, () => rung.push(`${id} told`));
  const commit = (one?: Commit) => {
    for (const listener of listeners) listener(one);
  };
  return { live, looks, reads, told, decided, listeners, state, hub, store, rung, wait, follow, commit };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const MANY = Array.from({ length: 100 }, (_, n) => `task_${n}`);
const ended = (id: string): ChangedTask => ({ id, ended: true });

test('a commit of here rings those whose tasks have ended by it, and asks nothing', async () => {
  const { wait, commit, rung, looks, reads } = scene();
  for (const id of MANY) wait(id);
  commit({ topics: ['work', 'told'] });
  commit({ topics: ['outcome', 'told'], ended: ['task_7', 'another', 'task_9'] });
  await settle();
  assert.deepEqual([rung, looks, reads], [['task_7', 'task_9'], [], []]);
});

test('after a commit of others the feed is read once for many, from where it was read last', async () => {
  const { wait, commit, rung, looks, reads, told, live } = scene();
  for (const id of MANY) wait(id);
  live.delete('task_3');
  commit();
  commit({ topics: ['outcome'] }); // one of here that does not know
  await settle();
  assert.deepEqual([...new Set(rung)], ['task_3']);
  const places = () => reads.map(({ after }) => after);
  assert.deepEqual(
    [looks.length, places()],
    [1, [null, 0]],
    'one at a time, and one more for what was heard meanwhile',
  );
  told.push(ended('task_5'), ended('another'), ended('task_8'));
  commit();
  await settle();
  told.push(ended('task_9'));
  commit();
  await settle();
  assert.deepEqual(rung.slice(-3), ['task_5', 'task_8', 'task_9']);
  assert.deepEqual([looks.length, places().slice(2)], [1, [0, 3]], 'it costs what has changed');
  assert.ok(reads.every(({ endsOnly }) => endsOnly));
});

test('who follows is rung by whatever happens to his task, who waits by its end alone, by one read for both', async () => {
  const { wait, follow, commit, rung, reads, told, hub, store } = scene();
  for (const id of MANY) wait(id);
  for (const id of MANY.slice(0, 50)) follow(id);
  hub.committed(store, () => rung.push('any'));
  commit();
  await settle();
  assert.deepEqual([reads.length, rung.length], [1, 51], 'where it begins nothing is known of those that are followed');
  rung.length = 0;
  told.push({ id: 'task_1', ended: false }, { id: 'task_99', ended: false }, ended('task_2'));
  commit();
  await settle();
  assert.deepEqual(rung, ['any', 'task_2', 'task_1 told', 'task_2 told']);
  assert.deepEqual(reads.slice(1), [{ after: 0, endsOnly: false }]);
  commit({ topics: ['told'] }); // of here
  await settle();
  assert.deepEqual([reads.length, rung.slice(4)], [3, ['any']]);
  commit({ topics: ['work'] });
  await settle();
  assert.deepEqual([reads.length, rung.slice(5)], [3, ['any']], 'nothing is told of that');
});

test('few look each for himself; all do when it cannot be asked', async () => {
  const few = scene();
  few.wait('task_1');
  few.follow('task_2');
  few.commit();
  assert.deepEqual([few.rung, few.looks, few.reads], [['task_1', 'task_2 told'], [], []]);
  const broken = scene();
  for (const id of MANY) broken.wait(id);
  broken.state.isBroken = true;
  broken.commit();
  await settle();
  assert.deepEqual(broken.rung, MANY);
});

test('who comes while it is read where the feed begins is looked at with the others: what it begins behind is told to nobody', async () => {
  const { wait, commit, rung, state, looks, live } = scene();
  let answer = (): void => {};
  state.read = new Promise((resolve) => {
    answer = resolve;
  });
  for (const id of MANY) wait(id);
  commit();
  wait('task_late'); // he looks, and then the task ends, and then the feed is read
  live.delete('task_late');
  answer();
  await settle();
  assert.deepEqual([rung, looks.length, looks[0]?.includes('task_late')], [['task_late'], 1, true]);
});

test('a task that was submitted while the feed is read is known to live until its end is heard of, or may have been missed', async () => {
  const { hub, wait, commit, told, state } = scene();
  assert.equal(hub.submits(), undefined, 'nobody waits');
  const leave = MANY.map(wait);
  assert.equal(hub.submits(), undefined, 'it was not read yet');
  commit();
  await settle();
  const submit = async (...ids: string[]): Promise<void> => hub.submits()?.(ids);
  await submit('task_a', 'task_b', 'task_c');
  const live = (): string[] => ['a', 'b', 'c', 'd'].filter((id) => hub.livesElsewhere(`task_${id}`));
  assert.deepEqual(live(), ['a', 'b', 'c']);
  told.push(ended('task_a'));
  commit();
  commit({ topics: ['outcome'], ended: ['task_b'] });
  await settle();
  assert.deepEqual(live(), ['c']);
  const submitted = hub.submits();
  told.push(ended('task_d'));
  commit();
  await settle();
  submitted?.(['task_d']);
  assert.deepEqual(live(), ['c'], 'it has ended before its submit was answered');
  for (const end of leave.slice(5)) end();
  told.push(ended('task_c'));
  commit();
  await settle();
  assert.deepEqual(live(), [], 'few wait, but it is read for what is known');
  await submit('task_c');
  state.isBroken = true;
  commit();
  await settle();
  assert.deepEqual(live(), [], 'it could not be read');
});

test('it watches while somebody waits, and the store that is there', async () => {
  const { hub, wait, listeners, rung } = scene();
  const leave = [wait('task_1'), wait('task_1')];
  assert.deepEqual([listeners.size, hub.isWatching, hub.size], [1, true, 2]);
  leave[0]?.();
  leave[0]?.();
  assert.deepEqual([hub.isWatching, hub.size], [true, 1]);
  const next = scene();
  const end = hub.ended(next.store, 'task_2', () => rung.push('next'));
  assert.deepEqual([listeners.size, next.listeners.size], [0, 1], 'the file was replaced: that one is watched now');
  next.commit({ topics: ['outcome'], ended: ['task_2'] });
  assert.deepEqual(rung, [], 'who made it is answered first');
  await settle();
  assert.deepEqual(rung, ['next']);
  end();
  leave[1]?.();
  assert.deepEqual([next.listeners.size, hub.isWatching, hub.size], [0, false, 0]);
});

test('once a second what is due is decided once, and looked at, though nothing was heard', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setInterval'] });
  const { hub, store, wait, decided, rung } = scene(1000);
  hub.committed(store, () => rung.push('any'), { dropNothing: true });
  mock.timers.tick(999);
  assert.deepEqual([decided, rung], [[], []]);
  mock.timers.tick(1);
  assert.deepEqual([decided, rung], [[{ dropNothing: true }], ['any']], 'who looks only has no record dropped');
  const leave = wait('task_1');
  mock.timers.tick(1000);
  assert.deepEqual([decided.slice(1), rung.slice(1)], [[{ dropNothing: false }], ['any', 'task_1']]);
  leave();
});

test('of many the feed is read once a second, and those whose turn it is look each for himself', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setInterval'] });
  const { wait, decided, rung, reads } = scene(1000);
  const ids = Array.from({ length: 450 }, (_, n) => `task_${n}`);
  for (const id of ids) wait(id);
  const turns = [ids.slice(0, 200), ids.slice(200, 400), ids.slice(400), ids.slice(0, 200)];
  for (const [n, turn] of turns.entries()) {
    rung.length = 0;
    mock.timers.tick(1000);
    await settle();
    assert.deepEqual([rung, reads.length, decided.length], [turn, n + 1, n + 1]);
  }
});

test('when all is closed everybody is rung, and nothing is watched any more', () => {
  const { hub, wait, follow, rung, listeners } = scene();
  for (const id of MANY) wait(id);
  follow('task_1');
  hub.close();
  assert.deepEqual([rung.length, listeners.size], [101, 0]);
});

/** A worker fits a folder's recipe by the place of its path, or by its name in folders of its own; SQL and reader agree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thisPlace } from '#offstage/platform/place.js';
import { claim, enter, tempStore, workerRow } from './helpers.js';

const source = (place?: string) => ({
  recipe: 'job',
  source: { root: '/r/job', needs: [], ...(place === undefined ? {} : { place }) },
});

for (const [what, task, worker, fits] of [
  ['the same place', 'here', { place: 'here' }, true],
  ['another place', 'there', { place: 'here' }, false],
  ['another place, and a recipe of that name of its own', 'there', { place: 'here', found: ['x', 'job'] }, true],
  ['another place, and other recipes of its own', 'there', { place: 'here', found: ['x'] }, false],
  ['a task of a version that did not say', undefined, { place: 'here' }, true],
  ['a worker of a version that did not say', 'there', {}, true],
] as const) {
  test(`${what}: ${fits ? 'it claims' : 'it does not claim, and no_worker is said'}`, async (t) => {
    const store = await tempStore(t);
    await store.run('register', { row: workerRow('w', process.pid, worker) });
    const start = workerRow('next', process.pid, { state: 'starting', place: task ?? 'here' });
    const { id, runnable } = await enter(store, source(task) as never);
    assert.equal(runnable, fits);
    const poll = await store.run('poll', { worker: 'w', running: [] });
    assert.deepEqual([poll.claimable, poll.pending], [fits, fits]);
    const query = { status: [], sessionId: null, recipe: null, limit: 9, offset: 0, before: null };
    assert.equal((await store.run('list', { ...query, attention: true })).tasks.length, fits ? 0 : 1);
    assert.equal((await claim(store, 'w')).length, fits ? 1 : 0);
    if (!fits) assert.equal((await store.run('needWorker', { id, start })).spawn, true, 'one of that place is started');
  });
}

test('a retry keeps the place, unless the folder was looked for anew', async (t) => {
  const store = await tempStore(t);
  const { id } = await enter(store, source('there') as never);
  await store.run('change', { changes: [{ id, command: { command: 'cancel', reason: 'x', by: 'caller' } }] });
  await store.run('register', { row: workerRow('w', process.pid, { place: 'here' }) });
  await store.run('retry', { id, start: null });
  assert.deepEqual(await claim(store, 'w'), []);
  const { task } = await store.run('retry', { id, start: null, source: source('here').source });
  assert.deepEqual(
    (await claim(store, 'w')).map((one) => one.id),
    [task.id],
  );
});

test('what a worker leaves alone is neither claimed nor counted as claimable', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const [first, second] = [await enter(store), await enter(store)];
  const without = [first.id, second.id, 'task_of_nobody'];
  assert.equal((await store.run('poll', { worker: 'w', running: [], without })).claimable, false);
  assert.deepEqual((await store.run('claim', { worker: 'w', without })).started, []);
  const { started } = await store.run('claim', { worker: 'w', without: [first.id] });
  assert.deepEqual(
    started.map(({ id }) => id),
    [second.id],
  );
});

test('a place is told by machine and mount namespace, and is the same each time', () => {
  assert.match(thisPlace(), /^.+\/mnt:/);
  assert.equal(thisPlace(), thisPlace());
});

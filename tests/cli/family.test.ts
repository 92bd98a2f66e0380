/** Parents and children over several workers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { isLive, membersOf, Scene, TRACE, until } from './scene.js';

const PARENT = `${TRACE}
  export default async ({ folder }, ctx) => {
    line(folder + '/parent', process.pid);
    const kids = ['counted', 'counted', 'deaf'];
    const handles = await Promise.all(kids.map((recipe) => ctx.submit(recipe, { input: { folder } })));
    return Promise.all(handles.map((handle) => handle.wait()));
  };`;

/** Awaits a child that awaits a child, and so on. */
const NESTED = `export default async ({ depth }, ctx) => {
    if (depth === 0) return ['leaf'];
    const child = await ctx.submit('nested', { input: { depth: depth - 1 } });
    return [depth, ...(await child.wait())];
  };`;

test('cancelling a parent stops its children in three workers: all processes end, all are cancelled and stopped', async (t) => {
  const scene = new Scene(t);
  scene.project.addRecipe('parent', PARENT);
  const workers = await Promise.all([1, 2, 3].map(() => scene.worker('--concurrency', '1')));
  const id = await scene.submit('parent', '--no-worker');
  const pids = (await scene.written('runs', 3)).map((text) => Number(text.split(' ')[1]));
  pids.push(Number(scene.lines('parent')[0]));
  const children = scene.sql<{ id: string }>('SELECT id FROM tasks WHERE parent_id = ? ORDER BY seq', id);
  assert.equal(children.length, 3);
  const docs = await Promise.all(children.map((child) => scene.status(child.id)));
  assert.deepEqual(docs.map(({ worker }) => worker?.id).sort(), workers.map((worker) => worker.id).sort());
  for (const child of docs) {
    assert.deepEqual([child.status, child.owner_session_id, child.parent_id], ['running', `bg:${id}`, id]);
  }
  const cancelled = await scene.cli('cancel', id, '--wait', '--reason', 'no more');
  assert.deepEqual([cancelled.status, cancelled.exit], ['cancelled', 0]);
  // The children were cancelled in the same commit; each stops in its own time.
  for (const child of children) assert.equal(JSON.parse(scene.stored(child.id).record).status, 'cancelled');
  const stopped = await until(async () => {
    const found = await Promise.all([id, ...children.map((child) => child.id)].map((one) => scene.status(one)));
    return found.every(({ stopped_at }) => stopped_at !== null) ? found : undefined;
  });
  assert.deepEqual(
    stopped.map(({ status }) => status),
    ['cancelled', 'cancelled', 'cancelled', 'cancelled'],
  );
  for (const pid of pids) assert.deepEqual([isLive(pid), membersOf(pid)], [false, []]);
  for (const worker of workers) assert.ok(isLive(worker.pid), 'workers go on');
  assert.equal((await scene.cli('submit', '--recipe', 'echo', '--no-worker', '--wait')).status, 'completed');
});

test('a parent whose worker is killed takes its children in other workers along', async (t) => {
  const scene = new Scene(t);
  scene.project.addRecipe('parent', PARENT);
  const workers = await Promise.all([1, 2, 3].map(() => scene.worker('--concurrency', '1')));
  const id = await scene.submit('parent', '--no-worker');
  const pids = (await scene.written('runs', 3)).map((text) => Number(text.split(' ')[1]));
  const owner = (await scene.status(id)).worker?.id;
  process.kill(workers.find((worker) => worker.id === owner)?.pid as number, 'SIGKILL');
  const lost = await scene.cli('wait', id);
  assert.deepEqual([lost.status, lost.error?.code], ['failed', 'lost']);
  const children = scene.sql<{ id: string }>('SELECT id FROM tasks WHERE parent_id = ? ORDER BY seq', id);
  const ended = await until(async () => {
    const found = await Promise.all(children.map((child) => scene.status(child.id)));
    return found.every(({ stopped_at }) => stopped_at !== null) ? found : undefined;
  });
  assert.equal(ended.length, 3);
  for (const child of ended) {
    const lostToo = child.error?.code === 'lost'; // the one beside its parent died with the same worker
    assert.ok(child.status === 'cancelled' || lostToo, JSON.stringify([child.status, child.error]));
  }
  assert.ok(ended.filter(({ status }) => status === 'cancelled').length >= 2);
  for (const pid of pids) assert.deepEqual([isLive(pid), membersOf(pid)], [false, []]);
});

test('a parent in the only slot that awaits its child, which awaits its own, does not stand in its way', async (t) => {
  const scene = new Scene(t);
  scene.project.addRecipe('nested', NESTED);
  const worker = await scene.worker('--concurrency', '1');
  const nested = JSON.stringify({ depth: 4 });
  const done = await scene.cli('submit', '--recipe', 'nested', '--input', nested, '--no-worker', '--wait');
  assert.deepEqual([done.exit, done.result], [0, [4, 3, 2, 1, 'leaf']]);
  const rows = scene.sql<{ status: string }>('SELECT status FROM tasks');
  assert.deepEqual(
    rows.map(({ status }) => status),
    Array(5).fill('completed'),
  );
  assert.ok(isLive(worker.pid));
});

test('while a parent awaits its child in the only slot, the slot is used once: another task waits its turn', async (t) => {
  const scene = new Scene(t);
  scene.project.addRecipe(
    'one-child',
    `${TRACE} export default async ({ folder }, ctx) => {
      const child = await ctx.submit('counted', { input: { folder } });
      await child.wait();
      line(folder + '/order', 'parent');
    };`,
  );
  scene.project.addRecipe('writes', `${TRACE} export default ({ folder }) => line(folder + '/order', 'other');`);
  await scene.worker('--concurrency', '1');
  const parent = await scene.submit('one-child', '--no-worker');
  await scene.written('runs');
  const other = await scene.submit('writes', '--no-worker');
  const waited = await scene.cli('wait', other, '--timeout', '1.2');
  assert.equal(waited.status, 'pending', 'the slot is in use');
  writeFileSync(scene.file('go'), '');
  for (const id of [parent, other]) assert.equal((await scene.cli('wait', id)).status, 'completed');
  assert.deepEqual(
    scene.lines('order'),
    ['parent', 'other'],
    'a slot that was lent is given back before anything starts',
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListQuery } from '#offstage/store/index.js';
import { claim, listQuery as query, submitOne, tempStore, workerRow } from './helpers.js';

test('pages by number and by cursor give the same tasks, newest first, none twice', async (t) => {
  const store = await tempStore(t);
  const ids: string[] = [];
  for (let n = 0; n < 7; n++) ids.unshift(await submitOne(store));
  const byNumber: string[] = [];
  for (const offset of [0, 3, 6]) {
    const page = await store.run('list', query({ limit: 3, offset }));
    byNumber.push(...page.tasks.map(({ id }) => id));
    assert.deepEqual([page.total, page.totalExact], [7, true]);
  }
  const byCursor: string[] = [];
  for (let before: number | null = null; ; ) {
    const page: Awaited<ReturnType<typeof store.run<'list'>>> = await store.run('list', query({ limit: 3, before }));
    byCursor.push(...page.tasks.map(({ id }) => id));
    before = page.next;
    if (before === null) break;
    await submitOne(store); // a newcomer does not shift what is behind the cursor
  }
  assert.deepEqual(byNumber, ids);
  assert.deepEqual(byCursor, ids);
});

test('filters and counts agree', async (t) => {
  const store = await tempStore(t);
  await submitOne(store, { session_id: 's1' });
  const other = await submitOne(store, { recipe: 'other', name: 'other' });
  await store.run('change', { changes: [{ id: other, command: { command: 'cancel', by: 'caller' } }] });
  const of = async (more: Partial<ListQuery>) => {
    const { tasks, total } = await store.run('list', query(more));
    assert.equal(tasks.length, total);
    return total;
  };
  assert.equal(await of({ sessionId: 's1' }), 1);
  assert.equal(await of({ recipe: 'other' }), 1);
  assert.equal(await of({ status: ['cancelled'] }), 1);
  assert.equal(await of({ status: ['pending', 'cancelled'] }), 2);
  assert.equal(await of({ status: ['failed'] }), 0);
  const counts = await store.run('counts', {});
  assert.deepEqual([counts.pending, counts.cancelled, counts.failed], [1, 1, 0]);
  assert.equal((await store.run('clear', { ids: null, status: [], olderThan: null, dryRun: false })).ids.length, 1);
  assert.equal((await store.run('counts', {})).cancelled, 0);
});

test('attention: due with no worker, failed; not a task that a worker can run', async (t) => {
  const store = await tempStore(t);
  const attention = async () => (await store.run('list', query({ attention: true }))).tasks.map(({ id }) => id);
  const id = await submitOne(store);
  const later = await submitOne(store, { run_at: Date.now() + 3_600_000 } as never);
  assert.deepEqual(await attention(), [id]);
  await store.run('register', { row: workerRow('w') });
  assert.deepEqual(await attention(), []);
  const [claimed] = await claim(store, 'w');
  assert.ok(claimed);
  const error = { code: 'failed', name: 'Error', message: 'no', retryable: true };
  const { attempt, epoch } = claimed;
  const command = { command: 'fail', attempt, epoch, error, settled: true } as const;
  await store.run('change', { changes: [{ id, command }] });
  assert.deepEqual(await attention(), [id]);
  assert.ok(later);
});

test('a prefix finds ids, three at most; an unknown one none', async (t) => {
  const store = await tempStore(t);
  const id = await submitOne(store);
  for (let n = 0; n < 5; n++) await submitOne(store);
  assert.deepEqual(await store.run('find', { prefix: id.slice(0, 14) }), [id]);
  assert.equal((await store.run('find', { prefix: 'task_' })).length, 3);
  assert.deepEqual(await store.run('find', { prefix: 'task_zz' }), []);
});

test('clear keeps a task whose work has not stopped', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const id = await submitOne(store);
  const [claimed] = await claim(store, 'w');
  await store.run('change', { changes: [{ id, command: { command: 'cancel', by: 'caller' } }] });
  const all = { ids: null, status: [], olderThan: null };
  assert.deepEqual(await store.run('clear', { ...all, dryRun: false }), { ids: [], keys: 0 });
  const { attempt, epoch } = claimed as { attempt: number; epoch: number };
  await store.run('change', { changes: [{ id, command: { command: 'stopped', attempt, epoch } }] });
  assert.deepEqual(await store.run('clear', { ...all, dryRun: true }), { ids: [id], keys: 0 });
  assert.deepEqual(await store.run('clear', { ...all, dryRun: false }), { ids: [id], keys: 0 });
  assert.equal(await store.run('get', { id, payloads: [] }), null);
});

test('a late result is kept beside the outcome, never in its place', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const id = await submitOne(store);
  const [claimed] = await claim(store, 'w');
  const { attempt, epoch } = claimed as { attempt: number; epoch: number };
  await store.run('change', { changes: [{ id, command: { command: 'cancel', by: 'caller' } }] });
  const late = { id, command: { command: 'succeed', attempt, epoch } as const, payloads: { result: '42' } };
  const [changed] = await store.run('change', { changes: [late] });
  assert.equal(changed?.status, 'cancelled');
  assert.ok(changed?.events.some(({ kind }) => kind === 'late_result'));
  const stored = await store.run('get', { id, payloads: ['result', 'late_result'] });
  assert.deepEqual(stored?.payloads, { late_result: '42' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claimed, Store } from '#offstage/store/types.js';
import { claim, enter, tempStore, workerRow } from './helpers.js';

const refsOf = (...places: unknown[][]): string => JSON.stringify({ values: { KEY: 'ab12' }, places });
const INPUT = { payloads: { input: '{"k":"***"}', config: '{}' } };
const REFS = { input: refsOf([6, 3, 'KEY', 'plain']) };

async function started(store: Store): Promise<Claimed> {
  await store.run('register', { row: workerRow('w') });
  return (await claim(store, 'w'))[0] as Claimed;
}

test('what is beside an input comes with the claim, and goes along to a retried task', async (t) => {
  const store = await tempStore(t);
  const { id } = await enter(store, {}, { ...INPUT, refs: REFS });
  assert.deepEqual((await started(store)).refs, REFS);
  assert.deepEqual(await store.run('handed', { id, kinds: ['input'] }), {
    payloads: { input: INPUT.payloads.input },
    refs: REFS,
  });
  await store.run('change', { changes: [{ id, command: { command: 'cancel' } }] });
  const { task } = await store.run('retry', { id, start: null });
  assert.deepEqual((await store.run('handed', { id: task.id, kinds: ['input', 'config'] }))?.refs, REFS);
  assert.equal(await store.run('handed', { id: 'task_none', kinds: ['input'] }), null);
});

test('what is beside a result or a step is stored with it; of a late result with that', async (t) => {
  const store = await tempStore(t);
  const { id } = await enter(store);
  const { attempt, epoch } = await started(store);
  const refs = refsOf([1, 3, 'KEY', 'plain']);
  const step = { key: 'a', data: '"***"', refs };
  await store.run('change', { changes: [{ id, command: { command: 'step', attempt, epoch, key: 'a' }, step }] });
  assert.deepEqual(await store.run('step', { id, key: 'a' }), { data: '"***"', refs });
  await store.run('change', { changes: [{ id, command: { command: 'cancel' } }] });
  const command = { command: 'succeed', attempt, epoch } as const;
  await store.run('change', { changes: [{ id, command, payloads: { result: '"***"' }, refs: { result: refs } }] });
  assert.deepEqual(await store.run('handed', { id, kinds: ['result', 'late_result'] }), {
    payloads: { late_result: '"***"' },
    refs: { late_result: refs },
  });
});

test('under one key a marker is not the same as a text that looks like one; another value is', async (t) => {
  const store = await tempStore(t);
  const key = { idempotency_key: 'k' };
  const { id } = await enter(store, key, { ...INPUT, refs: REFS });
  const rotated = { input: REFS.input.replace('ab12', 'cd34') };
  const same = await enter(store, key, { ...INPUT, refs: rotated });
  assert.deepEqual([same.id, same.deduplicated], [id, true]);
  await assert.rejects(enter(store, key, INPUT), { code: 'conflict', taskId: id });
  const other = { input: refsOf([6, 3, 'OTHER', 'plain']) };
  await assert.rejects(enter(store, key, { ...INPUT, refs: other }), { code: 'conflict' });
});

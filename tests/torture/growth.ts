/** How a store grows when many tasks pass through it. */

import { statSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { claim, newTask, tempFolder, workerRow } from '../js/store/helpers.js';
import { until } from '../waiting.js';

const BATCH = 500;
const HOUR = 3_600_000;

export interface Growth {
  /** Bytes of the file after each tenth of the tasks. */
  file: number[];
  /** The largest write-ahead log that was seen, in bytes. */
  log: number;
  /** Tasks that are left at the end. */
  left: number;
}

/**
 * Lets so many tasks pass: submitted, run, their outcome read, and dropped an hour later, which comes after each batch. Up to
 * three batches are there at a time.
 */
export async function grown(t: TestContext, tasks: number): Promise<Growth> {
  let now = Date.UTC(2026, 0, 1);
  const path = `${tempFolder(t)}/.offstage/tasks.db`;
  const store = await openStore(path, { mount: 'direct', now: () => now });
  t.after(() => store.close());
  await store.run('register', { row: workerRow('w', process.pid, { concurrency: BATCH }) });
  const growth: Growth = { file: [], log: 0, left: 0 };
  for (let passed = 0; passed < tasks; passed += BATCH) {
    await pass(store);
    now += HOUR / 2;
    await until(async () => (await due(store)) === 0);
    growth.log = Math.max(growth.log, statSync(`${path}-wal`).size);
    if ((passed / BATCH + 1) % (tasks / BATCH / 10) === 0) growth.file.push(statSync(path).size);
  }
  const counts = await store.run('counts', {});
  growth.left = counts.completed + counts.pending + counts.running;
  return growth;
}

async function pass(store: Store): Promise<void> {
  const payloads = { input: JSON.stringify({ text: 'x'.repeat(1000) }), config: '{}' };
  const source = { root: '/recipes/job', entry: '/recipes/job/recipe.mjs', digest: 'd'.repeat(64) };
  await store.run('submit', {
    tasks: Array.from({ length: BATCH }, () => newTask({ session_id: 'session_12345678', source }, { payloads })),
    start: null,
  });
  const started = await claim(store, 'w');
  const runs = started.map(({ id, attempt, epoch }) => ({ id, run: { attempt, epoch } }));
  await store.run('change', {
    changes: runs.map(({ id, run }) => ({ id, command: { command: 'progress', fraction: 0.5, ...run } })),
  });
  await store.run('change', {
    changes: runs.map(({ id, run }) => ({ id, command: { command: 'succeed', ...run }, payloads: { result: '1' } })),
  });
  await Promise.all(started.map(({ id }) => store.run('see', { id })));
}

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import type { Attempt } from '#offstage/store/index.js';
import { grown } from '../../torture/growth.js';
import { claim, enter, tempStore, workerRow } from './helpers.js';

test('with retention a store does not grow with the tasks that pass through it, and its log neither', async (t) => {
  const { file, log, left } = await grown(t, 20_000);
  t.diagnostic(`file after each tenth: ${file.join(', ')} bytes; log at most ${log} bytes; ${left} tasks left`);
  assert.equal(file.length, 10);
  assert.ok(left <= 1500, `${left} tasks left`);
  // After 14,000 it tells of as many that have gone as it keeps, 10,000.
  assert.ok((file[9] as number) <= 1.1 * (file[6] as number), 'the file is as large as it was after two thirds');
  assert.ok(log <= 12 * 1024 * 1024, 'the log is cut back');
});

test('an input of 1 MiB is written once: a commit of progress adds less than 64 KiB to the log', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const input = JSON.stringify('x'.repeat(1024 * 1024));
  const { id } = await enter(store, { session_id: 's'.repeat(200) }, { payloads: { input, config: '{}' } });
  const { attempt, epoch } = (await claim(store, 'w'))[0] as Attempt;
  const logSize = () => statSync(`${store.path}-wal`).size;
  const grew: number[] = [];
  for (let n = 0; n < 20; n++) {
    const before = logSize();
    const command = { command: 'progress', attempt, epoch, fraction: n / 20, message: 'm'.repeat(1024) } as const;
    await store.run('change', { changes: [{ id, command }] });
    grew.push(logSize() - before);
  }
  t.diagnostic(`bytes of the log a commit of progress: ${Math.min(...grew)} to ${Math.max(...grew)}`);
  assert.ok(Math.max(...grew) < 64 * 1024, String(grew));
  assert.ok(Math.min(...grew) > 0, 'every commit is in the log');
});

/** Closing a store whose files were removed, or are others now. */

import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { connect } from '#offstage/store/sqlite/driver.js';
import { within } from '../../waiting.js';
import { openAgain, submitOne, tempStore } from './helpers.js';

test('to close a store that was removed waits for nobody who has it open as well', async (t) => {
  const store = await tempStore(t);
  const peer = await openAgain(store);
  for (const one of [store, peer]) await submitOne(one);
  rmSync(store.folder, { recursive: true });
  t.mock.timers.enable({ apis: ['setTimeout'] }); // no time passes: a look that is to come later never comes
  await within(store.close(), { what: 'the first to close' });
  await within(peer.close(), { what: 'the second to close' });
});

test('who closes a store that was replaced leaves the log of the new one alone', async (t) => {
  const store = await tempStore(t);
  const peer = await openAgain(store);
  for (const one of [store, peer]) await submitOne(one);
  renameSync(store.folder, `${store.folder}.old`);
  const fresh = await openAgain(store);
  const id = await submitOne(fresh);
  const log = statSync(`${store.path}-wal`);
  assert.ok(log.size > 0);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const one of [store, peer]) await within(one.close(), { what: 'the old one to close' });
  assert.equal(statSync(`${store.path}-wal`).ino, log.ino);
  assert.equal(readFileSync(`${store.path}-wal`).length, log.size);
  const other = await openAgain(fresh);
  assert.equal((await other.run('get', { id, payloads: [] }))?.status, 'pending');
  await other.close();
  await fresh.close();
  const db = connect(store.path);
  assert.equal(db.prepare('SELECT count(*) AS n FROM tasks').get()?.n, 1);
  db.close();
});

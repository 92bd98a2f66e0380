import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Database } from '#offstage/store/database.js';
import { facts, LEASE } from '#offstage/store/facts.js';
import { tempFolder } from './helpers.js';

test('after a step of the wall clock nobody is judged by lease for the length of one', (t) => {
  const db = new Database(join(tempFolder(t), '.offstage', 'tasks.db'));
  t.after(() => db.close());
  const now = Date.now();
  db.run(
    `INSERT INTO workers (id, boot, pid_ns, pid, start_time, host, state, concurrency, env, lease_until, started_at)
     VALUES ('far', 'another boot', 'pid:[1]', 1, '1', 'far', 'live', 1, '[]', ?, ?)`,
    now + LEASE,
    now,
  );
  const alive = (at: number) => facts(db, at).workers[0]?.alive;
  assert.equal(alive(now), true);
  assert.equal(alive(now + 3_600_000), true, 'an hour forward at once is no proof of death');
  assert.equal(alive(now), true, 'and back');
});

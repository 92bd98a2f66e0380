/** Of which commits others are told. */
import assert from 'node:assert/strict';
import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Program } from '#offstage/ports/backend.js';
import { SqliteBackend } from '#offstage/store/sqlite/backend.js';
import { Database } from '#offstage/store/sqlite/database.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { wakeFile } from '#offstage/store/sqlite/folder.js';
import { systemClock } from '#offstage/store/sqlite/system-clock.js';
import { tempFolder } from './helpers.js';

function* ask(sql: string): Program<unknown> {
  return yield { name: sql, sql, isComposed: false, answers: 'changes', values: [] };
}

const write = () => ask(`UPDATE counts SET n = n + 1 WHERE status = 'pending'`);
const nothing = () => ask(`UPDATE counts SET n = 0 WHERE status = 'no such'`);

test('others are told of what was left undone under a held lock, when it is done along with something else', async (t) => {
  const db = new Database(join(tempFolder(t), '.offstage', 'tasks.db'));
  const backend = new SqliteBackend(db, systemClock, async () => () => {});
  const file = wakeFile(db.folder);
  const wasTouched = (): boolean => {
    const { mtimeMs } = statSync(file);
    utimesSync(file, 1, 1);
    return mtimeMs > 1_000;
  };
  await backend.write(['store'], write, { wakes: ['outcome'] });
  assert.equal(wasTouched(), true, 'before its answer');
  await backend.write(['store'], write, { wakes: [] });
  assert.equal(wasTouched(), false, 'nobody waits for it');
  const lock = connect(db.path);
  t.after(() => lock.close());
  lock.exec('BEGIN IMMEDIATE');
  const leaveUndone = { answer: 0, upgrades: false, isOwed: true };
  assert.equal(await backend.write(['store'], write, { wakes: ['outcome'], leaveUndone }), 0);
  lock.exec('ROLLBACK');
  assert.equal(wasTouched(), false);
  await backend.write(['store'], nothing, { wakes: [] });
  assert.equal(wasTouched(), true, 'what was owed has written');
  await backend.close();
});

import assert from 'node:assert/strict';
import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Program } from '#offstage/ports/backend.js';
import { SqliteBackend } from '#offstage/store/sqlite/backend.js';
import { Database } from '#offstage/store/sqlite/database.js';
import { wakeFile } from '#offstage/store/sqlite/folder.js';
import { systemClock } from '#offstage/store/sqlite/system-clock.js';
import { Ring } from '#offstage/store/sqlite/watch.js';
import { tempFolder } from './helpers.js';

/** A store's folder, and whether its file was touched since it was asked last. */
function folderOf(t: TestContext): { db: Database; folder: string; wasTouched: () => boolean } {
  const db = new Database(join(tempFolder(t), '.offstage', 'tasks.db'));
  const { folder } = db;
  const wasTouched = (): boolean => {
    const file = wakeFile(folder);
    const { mtimeMs } = statSync(file);
    utimesSync(file, 1, 1);
    return mtimeMs > 1_000;
  };
  wasTouched();
  return { db, folder, wasTouched };
}

const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('others are told at once, or at the end of the turn: once, and by a close at the latest', async (t) => {
  const { db, folder, wasTouched } = folderOf(t);
  t.after(() => db.close());
  new Ring(folder).ring();
  assert.equal(wasTouched(), true);
  const ring = new Ring(folder, { answersFirst: true });
  ring.ring();
  ring.ring();
  assert.equal(wasTouched(), false);
  await turnOfLoop();
  assert.equal(wasTouched(), true);
  await turnOfLoop();
  assert.equal(wasTouched(), false, 'once');
  ring.close();
  assert.equal(wasTouched(), false, 'there was nothing to tell');
  ring.ring();
  ring.close();
  assert.equal(wasTouched(), true);
  await turnOfLoop();
  assert.equal(wasTouched(), false, 'the close has told it');
});

function* write(): Program<number> {
  const sql = 'UPDATE counts SET n = n + 1 WHERE status = ?';
  yield { name: 'test.count', sql, isComposed: false, answers: 'changes', values: ['pending'] };
  return 1;
}

for (const answersFirst of [false, true]) {
  const first = answersFirst ? 'its own answer' : 'the others';
  test(`of a commit ${first} come${answersFirst ? 's' : ''} first, and all are told before the store is closed`, async (t) => {
    const { db, wasTouched } = folderOf(t);
    const backend = new SqliteBackend(db, systemClock, async () => () => {}, { answersFirst });
    const stored = () => backend.write(['store'], write, { wakes: ['work'] });
    assert.equal(await stored(), 1);
    assert.equal(wasTouched(), !answersFirst);
    await turnOfLoop();
    assert.equal(wasTouched(), answersFirst);
    await stored();
    await backend.close();
    assert.equal(wasTouched(), true);
  });
}

import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { Host } from '#offstage/store/host.js';
import { SqliteBackend } from '#offstage/store/sqlite/backend.js';
import { Database } from '#offstage/store/sqlite/database.js';
import { answersTo, Reads } from '#offstage/store/sqlite/reads.js';
import { systemClock } from '#offstage/store/sqlite/system-clock.js';
import { Watch } from '#offstage/store/sqlite/watch.js';
import { until } from '../../waiting.js';
import { tempFolder } from './helpers.js';

const context = {} as Parameters<typeof answersTo>[1];

const hostOf = (db: Database): Host => new Host(new SqliteBackend(db, systemClock, async () => () => {}));

/** A database that counts its transactions. */
class Counted extends Database {
  reads = 0;
  override transaction<T>(write: boolean, body: () => T): T {
    if (!write) this.reads += 1;
    return super.transaction(write, body);
  }
}

test('reads of one turn are one transaction, and what comes after is another', async (t) => {
  const db = new Counted(join(tempFolder(t), '.offstage', 'tasks.db'));
  const host = hostOf(db);
  await Promise.all([host.run('counts', {}), due(host), host.run('find', { prefix: 'task_' })]); // loads them
  db.reads = 0;
  await Promise.all(Array.from({ length: 64 }, () => [host.run('counts', {}), due(host)]).flat());
  assert.equal(db.reads, 1);
  await host.run('counts', {});
  assert.equal(db.reads, 2);
  await host.close();
});

test('what is asked before a close is answered', async (t) => {
  const db = new Database(join(tempFolder(t), '.offstage', 'tasks.db'));
  const host = hostOf(db);
  const asked = [host.run('counts', {}), due(host), host.run('change', { changes: [] })];
  const closed = host.close();
  const answers = await Promise.allSettled(asked);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled'],
    JSON.stringify(answers),
  );
  await closed;
});

test('one read that throws refuses itself only', async () => {
  const reads = new Reads(async (asked) => answersTo(asked, context));
  const answers = await Promise.allSettled([
    reads.ask(() => 1),
    reads.ask(() => {
      throw new Error('not this one');
    }),
    reads.ask(() => 3),
  ]);
  assert.deepEqual(
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.message)),
    [1, 'not this one', 3],
  );
});

test('a fault of SQLite refuses all of a turn', async () => {
  const full = Object.assign(new Error('disk full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });
  const reads = new Reads(async (asked) => answersTo(asked, context));
  const answers = await Promise.allSettled([
    reads.ask(() => 1),
    reads.ask(() => {
      throw full;
    }),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});

test('a file that was touched rings only when another connection has committed', async (t) => {
  const file = join(tempFolder(t), 'wake');
  writeFileSync(file, '');
  let version = 1;
  let rung = 0;
  const touch = () => utimesSync(file, new Date(), new Date());
  const watch = new Watch(file, () => version);
  t.after(() => watch.close());
  watch.add(['work'], () => rung++);
  touch(); // a commit of its own
  touch();
  version = 2;
  touch();
  await until(() => rung > 0, { what: 'the watcher to ring' });
  assert.equal(rung, 1);
});

test('a commit whose process was killed before it could ring is found within 250 ms, and not at all without that net', (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setInterval'] });
  const file = join(tempFolder(t), 'wake');
  writeFileSync(file, '');
  let version = 1;
  const rung = { net: 0, none: 0 };
  const watches = [new Watch(file, () => version), new Watch(file, () => version, Number.POSITIVE_INFINITY)] as const;
  for (const watch of watches) t.after(() => watch.close());
  watches[0].add(['work'], () => rung.net++);
  watches[1].add(['work'], () => rung.none++);
  version = 2;
  mock.timers.tick(249);
  assert.equal(rung.net, 0);
  mock.timers.tick(1);
  assert.deepEqual(rung, { net: 1, none: 0 });
  mock.timers.tick(1000);
  assert.deepEqual(rung, { net: 1, none: 0 }, 'once');
});

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoreError } from '#offstage/errors/index.js';
import { openStore } from '#offstage/store/index.js';
import { Database } from '#offstage/store/sqlite/database.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { migrate, SCHEMA, STEPS, schemaOf } from '#offstage/store/sqlite/schema.js';
import { claim, submitOne, tempFolder, tempStore } from './helpers.js';

const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreError, String(error));
  assert.equal(error.code, 'store');
  assert.match(error.message, message);
  return true;
};

test('a new store is private to its user and ignored by git', async (t) => {
  const store = await tempStore(t);
  await submitOne(store);
  assert.equal(statSync(store.folder).mode & 0o777, 0o700);
  for (const name of ['tasks.db', 'tasks.db-wal', 'tasks.db-shm', 'wake']) {
    assert.equal(statSync(join(store.folder, name)).mode & 0o777, 0o600, name);
  }
  assert.equal(readFileSync(join(store.folder, '.gitignore'), 'utf8'), '*\n');
});

test('a commit is synced to the disk before it is answered: FULL, in a log that is written ahead', async (t) => {
  const store = await tempStore(t);
  await submitOne(store);
  const database = new Database(join(store.folder, 'tasks.db'));
  t.after(() => database.close());
  const set = { ...database.get('PRAGMA synchronous'), ...database.get('PRAGMA journal_mode') };
  assert.deepEqual(set, { synchronous: 2, journal_mode: 'wal' }); // 2 is FULL
});

for (const mount of ['direct', 'thread'] as const) {
  test(`a file that is not SQLite is refused and left as it is (${mount})`, async (t) => {
    const path = join(tempFolder(t), 'tasks.db');
    const text = 'these are my notes, not a database\n'.repeat(200);
    writeFileSync(path, text);
    await assert.rejects(openStore(path, { mount }), refused(/is not an SQLite database/));
    assert.equal(readFileSync(path, 'utf8'), text);
  });

  test(`a newer schema is refused with the reason (${mount})`, async (t) => {
    const path = join(tempFolder(t), 'tasks.db');
    await (await openStore(path, { mount: 'direct' })).close();
    const connection = connect(path);
    connection.exec('PRAGMA user_version = 99');
    connection.close();
    await assert.rejects(
      openStore(path, { mount }),
      refused(new RegExp(`has schema 99, this version of offstage knows ${SCHEMA}`)),
    );
  });
}

test('an SQLite file of another program is refused', async (t) => {
  const path = join(tempFolder(t), 'other.db');
  const connection = connect(path);
  connection.exec('CREATE TABLE notes (x); PRAGMA user_version = 99');
  connection.close();
  await assert.rejects(openStore(path, { mount: 'direct' }), refused(/of another program/));
});

test('a process that is running when the schema becomes newer is told so at its next operation', async (t) => {
  const store = await tempStore(t);
  await submitOne(store);
  const connection = connect(store.path);
  connection.exec('PRAGMA user_version = 99');
  connection.close();
  await assert.rejects(claim(store, 'w'), refused(/has schema 99/));
  await assert.rejects(store.run('counts', {}), refused(/has schema 99/));
});

test('a symlinked folder, a symlinked file and a folder that others can write are refused', async (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'real'), { mode: 0o700 });
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  await assert.rejects(openStore(join(folder, 'link', 'tasks.db'), { mount: 'direct' }), refused(/is a symbolic link/));
  writeFileSync(join(folder, 'elsewhere'), '');
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'real', 'tasks.db'));
  await assert.rejects(openStore(join(folder, 'real', 'tasks.db'), { mount: 'direct' }), refused(/is a symbolic link/));
  mkdirSync(join(folder, 'open'));
  chmodSync(join(folder, 'open'), 0o777);
  await assert.rejects(openStore(join(folder, 'open', 'tasks.db'), { mount: 'direct' }), refused(/writable by others/));
});

test('a folder that cannot be made is refused and names the folder', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), '');
  await assert.rejects(
    openStore(join(folder, 'file', 'tasks.db'), { mount: 'direct' }),
    refused(/file is not a folder/),
  );
  const below = join(folder, 'file', 'below', 'tasks.db');
  await assert.rejects(openStore(below, { mount: 'direct' }), refused(/file\/below cannot be written: ENOTDIR/));
});

test('a migration copies the file first, runs what is missing, once, and undoes a step that fails', (t) => {
  const path = join(tempFolder(t), 'tasks.db');
  const connection = connect(path);
  const backups: number[] = [];
  const backup = (version: number): void => void backups.push(version);
  migrate(connection, backup);
  assert.deepEqual([schemaOf(connection).version, backups], [SCHEMA, []]);
  const next = [...STEPS, 'CREATE TABLE extra (x)'];
  assert.throws(() => migrate(connection, backup, [...next, 'CREATE TABLE extra (x)']), /already exists/);
  assert.equal(schemaOf(connection).version, SCHEMA);
  migrate(connection, backup, next);
  migrate(connection, backup, next);
  assert.deepEqual([schemaOf(connection).version, backups], [SCHEMA + 1, [SCHEMA, SCHEMA]]);
  connection.close();
});

test('a migration that has to wait for others makes one copy', async (t) => {
  const folder = join(tempFolder(t), '.offstage');
  mkdirSync(folder, { mode: 0o700 });
  const path = join(folder, 'tasks.db');
  writeFileSync(path, '', { mode: 0o600 });
  const old = connect(path);
  old.exec('PRAGMA journal_mode = WAL');
  migrate(old, () => {}, STEPS.slice(0, 1));
  old.exec('BEGIN IMMEDIATE');
  const store = await openStore(path, { mount: 'direct' });
  const writing = submitOne(store);
  for (let turn = 0; turn < 5; turn++) await store.run('counts', {}); // it tries meanwhile
  old.exec('COMMIT');
  await writing;
  await store.close();
  old.close();
  const copies = readdirSync(folder).filter((name) => name.endsWith('.bak'));
  assert.equal(copies.length, 1, copies.join());
  const copy = connect(join(folder, copies[0] as string));
  assert.deepEqual([schemaOf(copy).version, statSync(join(folder, copies[0] as string)).mode & 0o777], [1, 0o600]);
  copy.close();
});

/** What a store does, on a backend that is no file: the tests that need none run once more. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Store, storeOver } from '#offstage/store/index.js';
import { statements } from '#offstage/store/sql/statement.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { migrate } from '#offstage/store/sqlite/schema.js';
import { ROOT } from '../root.ts';
import { enter, keepBy } from './helpers.js';
import { JournalBackend } from './journal.js';

/** The files whose tests ask a store and look at nothing else. */
const CONFORMING = [
  'claim',
  'due',
  'environment',
  'families',
  'people',
  'place',
  'read',
  'refs',
  'release',
  'sessions',
];

/** The store itself: two of it are two of its users. */
const opened: Store[] = [];
keepBy({
  open: async () => {
    const store = storeOver(new JournalBackend());
    opened.push(store);
    return store;
  },
  again: async (store) => ({ ...store, close: async () => {} }),
});

for (const file of CONFORMING) await import(`./${file}.test.js`);

test('they ran on the toy', () => assert.ok(opened.length >= 50, `${opened.length} stores`));

test('a backend needs little: the toy has under 300 lines', () => {
  const lines = readFileSync(join(ROOT, 'tests/js/store/journal.ts'), 'utf8').split('\n').length;
  assert.ok(lines < 300, `${lines} lines`);
});

test('what an operation refuses leaves no entry in the journal, and what writes nothing wakes nobody', async () => {
  const backend = new JournalBackend();
  const store = storeOver(backend);
  let woken = 0;
  const end = store.watch(() => woken++);
  const { id } = await enter(store);
  assert.deepEqual([backend.journal.length, woken], [1, 1]);
  await assert.rejects(store.run('retry', { id, start: null }), { code: 'conflict' });
  await store.run('claim', { worker: 'nobody' });
  assert.deepEqual([backend.journal.length, woken], [1, 1]);
  end();
  await store.close();
});

test('what a commit did beside its queries is found out', async () => {
  const backend = new JournalBackend();
  const sql = "INSERT INTO environments (id, data) VALUES (hex(randomblob(8)), '')";
  await backend.write(
    ['store'],
    function* () {
      yield { name: 'planted', sql, isComposed: false, answers: 'changes', values: [] };
    },
    { wakes: [] },
  );
  await assert.rejects(backend.close(), /the journal tells all that was written/);
});

test('every statement has a name, and can be prepared', async () => {
  const { loadOperations } = await import('#offstage/store/ops/index.js');
  await loadOperations();
  const connection = connect(':memory:');
  migrate(connection, () => {});
  for (const [name, sql] of statements()) {
    assert.match(name, /^[a-z]+\.[a-z_]+(_\d+)?$/);
    assert.doesNotThrow(() => connection.prepare(sql), name);
  }
  assert.ok(statements().size > 100, `${statements().size}`);
  connection.close();
});

/** Records that are held while another process moves the file to another schema: nothing is decided by what they say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claimed } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { SCHEMA } from '#offstage/store/sqlite/schema.js';
import { begun, code, log, reads, shown, succeed, turn, world } from './live-world.js';

test('a newer schema that comes between two turns refuses the second one, and what is held is not trusted when it has gone', async (t) => {
  const { store, hand } = await world(t);
  const [a, b] = (await begun(store, code(), code())) as [Claimed, Claimed];
  await turn(store, [[log(a, 'one')], [log(b, 'one')]]);
  const newer = connect(store.path);
  newer.exec(`PRAGMA user_version = ${SCHEMA + 1}`);
  await assert.rejects(turn(store, [[succeed(a)], [succeed(b)]]), {
    code: 'store',
    details: { reason: 'newer_schema', schema: SCHEMA + 1, known: SCHEMA },
  });
  newer.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${SCHEMA}; COMMIT`);
  newer.close();
  hand.asked.length = 0;
  const { changed } = await turn(store, [[succeed(a)], [log(b, 'two')]]);
  assert.deepEqual(
    changed.map((one) => 'answer' in one),
    [true, true],
  );
  assert.equal(reads(hand), 2, 'both are read anew');
  assert.deepEqual(await shown(store, a.id), ['completed', 'submitted', 'started', 'log', 'completed']);
  assert.deepEqual(await shown(store, b.id), ['running', 'submitted', 'started', 'log', 'log']);
});

/** What waiting costs the store: as much for each of many as for each of few, whoever ends them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Backend, Moment, Program } from '#offstage/ports/backend.js';
import { type Store, storeOver } from '#offstage/store/index.js';
import { openSqlite } from '#offstage/store/sqlite/open.js';
import { waitRound } from '../../../torture/waits.js';
import { backendWith } from '../../store/through.js';

const SEED = Number(process.env.SEED ?? 14);

/** What was asked of a store of here, by name. */
interface Counts {
  operations: Map<string, number>;
  statements: number;
}

function* counted<T>(program: Program<T>, counts: Counts): Program<T> {
  let step = program.next();
  while (!step.done) {
    counts.statements += 'sql' in step.value ? 1 : step.value.length;
    step = program.next(yield step.value);
  }
  return step.value;
}

/** Never looks by itself, and counts. */
async function counting(path: string, counts: Counts): Promise<Store> {
  const backend = await openSqlite(path, { lookEvery: Number.POSITIVE_INFINITY });
  const own: Pick<Backend, 'read' | 'write'> = {
    read: (program) => backend.read((moment: Moment) => counted(program(moment), counts)),
    write: (locks, program, options) =>
      backend.write(locks, (moment: Moment) => counted(program(moment), counts), options),
  };
  const store = storeOver(backendWith(backend, own));
  return {
    ...store,
    run: (op, args) => {
      counts.operations.set(op, (counts.operations.get(op) ?? 0) + 1);
      return store.run(op, args);
    },
  };
}

/** A wait's share of what was asked, from its submit on. */
async function shares(t: TestContext, tasks: number): Promise<{ operations: number; statements: number }> {
  const counts: Counts = { operations: new Map(), statements: 0 };
  await waitRound(t, { seed: SEED, tasks, kills: 0, patience: 60_000, open: (path) => counting(path, counts) });
  const asked = [...counts.operations].map(([op, n]) => `${op} ${n}`).join(', ');
  const all = [...counts.operations.values()].reduce((sum, n) => sum + n, 0);
  const share = { operations: all / tasks, statements: counts.statements / tasks };
  t.diagnostic(
    `${tasks}: ${asked}; ${share.operations.toFixed(2)} operations, ${share.statements.toFixed(2)} statements each`,
  );
  return share;
}

for (const tasks of [1_000, 2_000]) {
  test(`each of ${tasks} waits for what another process ends asks a bounded part`, async (t) => {
    const { operations, statements } = await shares(t, tasks);
    assert.ok(operations <= 1.5, `${operations} operations a wait`);
    assert.ok(statements <= 10, `${statements} statements a wait`);
  });
}

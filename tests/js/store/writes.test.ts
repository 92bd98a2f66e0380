/** How a change of a task is written: what it changes, once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '#offstage/core/index.js';
import type { Program } from '#offstage/ports/backend.js';
import type { Claimed, Store } from '#offstage/store/index.js';
import { storeOver } from '#offstage/store/index.js';
import type { Context } from '#offstage/store/operation-context.js';
import { writeDecided } from '#offstage/store/rows/decided.js';
import { statements } from '#offstage/store/sql/statement.js';
import { taskById } from '#offstage/store/sql/tasks.js';
import { checkFile } from '#offstage/store/sqlite/check.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { migrate } from '#offstage/store/sqlite/schema.js';
import { Tally } from '#offstage/store/tally.js';
import { claim, enter, newTask, submitOne, tempStore, workerRow } from './helpers.js';
import { JournalBackend } from './journal.js';

/** A store whose worker `w` runs the recipe in code `c`, and what each of its commits wrote. */
async function journalled(): Promise<{ backend: JournalBackend; store: Store; last: () => string[] }> {
  const backend = new JournalBackend();
  const store = storeOver(backend);
  await store.run('register', { row: workerRow('w', process.pid, { recipes: ['c'] }) });
  return { backend, store, last: () => (backend.journal.at(-1) ?? []).map(({ name }) => name) };
}

test('a new task is one INSERT, a start and an end are one UPDATE; what is counted is one more for each commit, what has ended another', async () => {
  const { store, last } = await journalled();
  const tasks = [newTask({}, { code: 'c' }), newTask({}, { code: 'c' })];
  await store.run('submit', { tasks, start: null });
  const one = ['task.insert', 'event.add', 'payload.add', 'payload.add'];
  assert.deepEqual(last(), [...one, ...one, 'count.add']);
  const [first, second] = (await claim(store, 'w')) as [Claimed, Claimed];
  assert.deepEqual(last(), ['task.write_start', 'event.add', 'task.write_start', 'event.add', 'count.add']);
  const end = ({ id, attempt, epoch }: Claimed) => ({ id, command: { command: 'succeed', attempt, epoch } as const });
  const changes = [first, second].map((run) => ({ ...end(run), payloads: { result: '1' } }));
  await store.run('change', { changes });
  const ended = ['task.write_end', 'event.add', 'payload.add'];
  assert.deepEqual(last(), [...ended, ...ended, 'count.add', 'total.add']);
  await store.close();
});

/** RETURNING keeps what it answers in a table of its own, and so does a list behind IN in the condition of an index. */
const WRITES = ['task.insert', 'task.write_start', 'task.write_end', 'event.add', 'payload.add'];
for (const name of [...WRITES, 'task.insert_16', 'event.add_16', 'payload.add_16']) {
  test(`${name} makes no table of its own each time that it runs`, (t) => {
    const db = connect(':memory:');
    t.after(() => db.close());
    migrate(db, () => {});
    const steps = db.prepare(`EXPLAIN ${statements().get(name)}`).all();
    const opcodes = steps.map(({ opcode }) => String(opcode));
    assert.ok(opcodes.includes('IdxInsert') || opcodes.includes('Insert'), opcodes.join(' '));
    assert.deepEqual(
      opcodes.filter((opcode) => /Ephemeral|Autoindex|Sorter/.test(opcode)),
      [],
    );
  });
}

test('a task has one end: another one is refused by the file itself', (t) => {
  const db = connect(':memory:');
  t.after(() => db.close());
  migrate(db, () => {});
  const add = (seq: number, kind: string) => db.prepare(statements().get('event.add') ?? '').run(1, seq, 0, kind, '{}');
  add(1, 'submitted');
  add(2, 'failed');
  add(3, 'late_result');
  for (const kind of ['completed', 'failed', 'cancelled']) assert.throws(() => add(4, kind), /UNIQUE/);
});

test('a note names no column that is indexed, and counts nothing', async () => {
  const { store, last } = await journalled();
  await enter(store, {}, { code: 'c' });
  const [{ id, attempt, epoch }] = (await claim(store, 'w')) as [Claimed];
  const command = { command: 'progress', attempt, epoch, fraction: 0.5 } as const;
  await store.run('change', { changes: [{ id, command }] });
  assert.deepEqual(last(), ['task.write_facts', 'event.add']);
  await store.close();
});

test('what was decided of a task as it is not any more is not written', async () => {
  const { backend, store } = await journalled();
  const { id } = await enter(store, {}, { code: 'c' });
  const twice = (later: 'cancel' | 'start') =>
    backend.write(
      ['store'],
      function* (moment): Program<void> {
        const context = { ...moment, tally: new Tally() } as unknown as Context;
        const row = (yield* taskById(id)) ?? assert.fail('it is there');
        const first = decide(row.record, { command: 'start', worker: 'w' }, moment.now);
        yield* writeDecided(context, row, first);
        const command =
          later === 'start' ? ({ command: 'start', worker: 'v' } as const) : ({ command: 'cancel' } as const);
        yield* writeDecided(context, row, decide(row.record, command, moment.now));
      },
      { wakes: [] },
    );
  for (const later of ['cancel', 'start'] as const) {
    await assert.rejects(twice(later), {
      code: 'store',
      message: /was changed since it was read, so nothing was written/,
    });
  }
  assert.equal((await store.run('counts', {})).pending, 1);
  await store.close();
});

test('of a turn what was refused leaves no entry, and what it counted counts for nothing', async () => {
  const { store, last } = await journalled();
  const code = { code: 'c' };
  const refused = [newTask({ session_id: 's' }, code), newTask({ session_id: 's' }, { ...code, onConflict: 'reject' })];
  const submits = [refused, [newTask({}, code)]].map((tasks) => ({ tasks, start: null }));
  const { submitted } = await store.run('turn', { worker: 'w', changes: [], submits, running: [], room: 0 });
  assert.deepEqual(
    submitted.map((one) => 'error' in one),
    [true, false],
  );
  assert.deepEqual(last(), ['task.insert', 'event.add', 'payload.add', 'payload.add', 'count.add']);
  assert.equal((await store.run('counts', {})).pending, 1);
  await store.close();
});

test('the first event tells what was asked for, and repeats nothing else of the record', async (t) => {
  const store = await tempStore(t);
  const id = await submitOne(store, { session_id: 's', priority: 3, ttl_ms: 9_000, source: { root: '/somewhere' } });
  const page = await store.run('events', { id, after: 0, limit: 1 });
  assert.deepEqual(JSON.parse(page?.events[0]?.data ?? ''), {
    name: 'job',
    recipe: 'job',
    session_id: 's',
    priority: 3,
    max_attempts: 1,
    ttl_ms: 9_000,
  });
});

test('what is counted is what is there, whatever happens to tasks', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const ids: string[] = [];
  for (let n = 0; n < 12; n++)
    ids.push(await submitOne(store, { retries: 1, ...(n % 3 === 0 ? { session_id: 's' } : {}) }));
  const started = await claim(store, 'w');
  const error = { code: 'failed', name: 'Error', message: 'no', retryable: true } as const;
  const commands = ['succeed', 'fail', 'lose', 'abandon', 'ask'] as const;
  for (const [n, { id, attempt, epoch }] of started.entries()) {
    const run = { attempt, epoch };
    const command = {
      succeed: { command: 'succeed', ...run },
      fail: { command: 'fail', error, ...run },
      lose: { command: 'lose', reason: 'worker_gone', stopped: true, ...run },
      abandon: { command: 'cancel' },
      ask: { command: 'ask', key: 'k', message: 'm', ...run },
    } as const;
    const what = commands[n % commands.length] as (typeof commands)[number];
    await store.run('change', { changes: [{ id, command: command[what], payloads: { result: '"r"' } }] });
    if (what === 'abandon') await store.run('change', { changes: [{ id, command: { command: 'abandon', ...run } }] });
  }
  await enter(store, { session_id: 's' }, { onConflict: 'interrupt' });
  await assert.rejects(enter(store, { session_id: 's' }, { onConflict: 'reject' }));
  await store.run('clear', { ids: null, status: ['completed'], olderThan: null, dryRun: false });
  const counts = await store.run('counts', {});
  assert.deepEqual((await checkFile(store.path)).problems, []);
  assert.ok(
    counts.abandoned === 1 && counts.cancelled > 0 && counts.failed > 0 && counts.input_required === 1,
    JSON.stringify(counts),
  );
});

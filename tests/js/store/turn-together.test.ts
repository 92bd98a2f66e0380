/** What a turn writes together: the ends and newcomers at its head that ask for nothing but their own rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Changed, Claimed, Judged } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { begun, code, of, reads, shown, succeed, turn, world } from './live-world.js';

const statusOf = (judged: Judged<(Changed | null)[]>): string | undefined =>
  'answer' in judged ? judged.answer[0]?.status : judged.error.code;

test('ends and newcomers at the head of a turn are written by lists of statements, in order', async (t) => {
  const { store, hand } = await world(t);
  const runs = await begun(store, code(), code(), code());
  hand.asked.length = 0;
  const { changed, started } = await turn(
    store,
    runs.map((run) => [{ ...succeed(run), payloads: { result: '1' } }]),
    [code(), code()],
  );
  const writes = hand.asked.filter((name) => /^(task\.(insert|write)|event\.add|payload\.add)/.test(name));
  assert.deepEqual(writes, [
    ...['task.write_end', 'task.write_end', 'task.write_end'],
    ...['event.add', 'event.add', 'event.add', 'payload.add', 'payload.add', 'payload.add'],
    ...['task.insert', 'task.insert', 'event.add_4', 'payload.add', 'payload.add'],
  ]);
  assert.deepEqual(changed.map(statusOf), ['completed', 'completed', 'completed']);
  for (const { id } of runs)
    assert.deepEqual(await shown(store, id), ['completed', 'submitted', 'started', 'completed']);
  for (const { id } of started) assert.deepEqual(await shown(store, id), ['running', 'submitted', 'started']);
});

test('each of many newcomers gets what was given with it', async (t) => {
  const { store } = await world(t);
  const inputs = Array.from({ length: 23 }, (_, n) => `"${n}"`);
  const runs = await begun(store, ...inputs.map((input) => ({ ...code({ name: input }), payloads: { input } })));
  for (const [n, { id }] of runs.entries()) {
    const task = await store.run('get', { id, payloads: ['input'] });
    assert.deepEqual([task?.payloads, JSON.parse(task?.record ?? '{}').name], [{ input: inputs[n] }, inputs[n]]);
    assert.deepEqual(await shown(store, id), ['running', 'submitted', 'started']);
  }
  const ended = await turn(
    store,
    runs.map((run, n) => [{ ...succeed(run), payloads: { result: `${n}` } }]),
  );
  assert.ok(ended.changed.every((one) => statusOf(one) === 'completed'));
  for (const [n, { id }] of runs.entries()) {
    assert.deepEqual((await store.run('get', { id, payloads: ['result'] }))?.payloads, { result: `${n}` });
  }
});

test('an end that is not like that keeps those behind it in order: what was cancelled before it ended is cancelled', async (t) => {
  const { store } = await world(t);
  const [first, second, third] = (await begun(store, code(), code(), code())) as [Claimed, Claimed, Claimed];
  const cancel = of(second, { command: 'cancel', by: 'caller' });
  const { changed } = await turn(store, [[succeed(first)], [cancel], [succeed(second)], [succeed(third)]]);
  assert.deepEqual(changed.map(statusOf), ['completed', 'cancelled', 'cancelled', 'completed']);
  const [status, ...kinds] = await shown(store, second.id);
  assert.deepEqual([status, kinds.includes('late_result')], ['cancelled', true]);
});

test('one whose row is not as it was held to be is read, and the others are written', async (t) => {
  const { store, hand } = await world(t);
  const runs = await begun(store, code(), code(), code());
  const moved = {
    ...{ name: 'test.move', sql: 'UPDATE tasks SET epoch = epoch + 1 WHERE id = ?', isComposed: false },
    ...{ answers: 'changes' as const, values: [(runs[1] as Claimed).id] },
  };
  hand.before = (function* () {
    yield moved;
  })();
  reads(hand);
  const { changed } = await turn(
    store,
    runs.map((run) => [succeed(run)]),
  );
  assert.deepEqual(changed.map(statusOf), ['completed', 'completed', 'completed']);
  assert.equal(reads(hand), 1, 'the row that was not as it was held to be, and no other one');
  for (const { id } of runs)
    assert.deepEqual(await shown(store, id), ['completed', 'submitted', 'started', 'completed']);
});

test('of a submit with one that is refused nothing enters, whatever came with it', async (t) => {
  const { store } = await world(t);
  const bad = code({ timeout_ms: -1 });
  const { submitted, started } = await store.run('turn', {
    ...{ worker: 'w', changes: [], running: [], room: 50 },
    submits: [[code()], [code(), bad], [code(), code()]].map((tasks) => ({ tasks, start: null, brief: true })),
  });
  const answers = submitted.map((one) => ('answer' in one ? one.answer.tasks.length : one.error.code));
  assert.deepEqual([answers, started.length], [[1, 'invalid_argument', 2], 3]);
  const { completed: _, ...counts } = await store.run('counts', {});
  assert.equal(
    Object.values(counts).reduce((sum, n) => sum + n, 0),
    counts.running,
  );
  assert.equal(counts.running, 3);
});

test('a submit that is to be answered again keeps the records of its tasks, also where the first answer had none', async (t) => {
  const { store } = await world(t);
  const request = { key: 'once', digest: 'd' };
  const ask = () =>
    store.run('turn', {
      ...{ worker: 'w', changes: [], running: [], room: 50 },
      submits: [{ tasks: [code()], start: null, brief: true, request }],
    });
  const [first] = (await ask()).submitted;
  const again = await store.run('answered', request);
  assert.ok(first !== undefined && 'answer' in first);
  assert.deepEqual(
    [first.answer.tasks[0]?.record, again?.tasks[0]?.id, (again?.tasks[0]?.record ?? '').length > 2],
    ['', first.answer.tasks[0]?.id, true],
  );
});

test('rows that are refused by the file leave nothing of those that came before them in one statement', async (t) => {
  const { store } = await world(t);
  const other = connect(store.path);
  t.after(() => other.close());
  other.exec('CREATE UNIQUE INDEX of_another_program ON tasks (name)');
  const tasks = ['x', 'y', 'x', 'z'].map((name) => code({ name, recipe: 'job' }));
  await assert.rejects(turn(store, [], tasks), /UNIQUE/);
  const left = other.prepare('SELECT (SELECT count(*) FROM tasks) + (SELECT count(*) FROM events) AS n').get();
  assert.equal(left?.n, 0);
});

/** One transaction of a worker's process: what it asks at one moment, in the order that DESIGN gives it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Change, Claimed, NewTask, Store, Turn, Turned } from '#offstage/store/index.js';
import { checkFile } from '#offstage/store/sqlite/check.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { heard } from '../../waiting.js';
import { claim, enter, newTask, type spec, submitOne, tempStore, workerRow } from './helpers.js';

/** A store that the worker `w` works for, with so many slots. */
async function served(t: TestContext, concurrency = 5): Promise<Store> {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w', process.pid, { concurrency }) });
  return store;
}

const turn = (store: Store, more: Partial<Turn>): Promise<Turned> =>
  store.run('turn', { worker: 'w', changes: [], submits: [], running: [], room: 99, ...more });

/** A task that the worker runs now. */
async function running(store: Store, more: Parameters<typeof spec>[0] = {}): Promise<Claimed> {
  const id = await submitOne(store, more);
  return (await claim(store, 'w')).find((one) => one.id === id) ?? assert.fail('it starts');
}

const succeed = ({ id, attempt, epoch }: Claimed): Change => ({ id, command: { command: 'succeed', attempt, epoch } });
const log = ({ id, attempt, epoch }: Claimed, line: string): Change => ({
  id,
  command: { command: 'log', attempt, epoch, line },
});
const submitting = (...tasks: NewTask[]) => ({ tasks, start: null });
const child = ({ id, attempt, epoch }: Claimed): NewTask => newTask({ parent_id: id }, { parent: { attempt, epoch } });

const kindsOf = async (store: Store, id: string): Promise<string[]> =>
  ((await store.run('events', { id, after: 0, limit: 100 }))?.events ?? []).map(({ kind }) => kind);

/** The answers; what was refused is its code. */
const answers = (all: Turned['changed'] | Turned['submitted']): unknown[] =>
  all.map((one) => ('error' in one ? one.error.code : 'ok'));

test('what an attempt tells and submits before it ends comes before its end, in whichever order it is asked', async (t) => {
  const store = await served(t, 1);
  const parent = await running(store);
  const done = await turn(store, {
    changes: [[succeed(parent)], [log(parent, 'last words')]],
    submits: [submitting(child(parent))],
  });
  assert.deepEqual([answers(done.changed), answers(done.submitted)], [['ok', 'ok'], ['ok']]);
  assert.deepEqual(await kindsOf(store, parent.id), ['submitted', 'started', 'log', 'completed']);
  assert.deepEqual([done.started.length, done.started[0]?.goesOn], [1, false], 'the child has the slot that was freed');
});

test('other newcomers come after the ends: under a parent that ended they are refused, its session and key they get', async (t) => {
  const store = await served(t);
  const parent = await running(store, { session_id: 's', idempotency_key: 'k' });
  const error = { code: 'failed', name: 'Error', message: 'no', retryable: false } as const;
  const { id, attempt, epoch } = parent;
  const done = await turn(store, {
    changes: [[{ id, command: { command: 'fail', error, attempt, epoch } }]],
    submits: [
      submitting(newTask({ parent_id: id })),
      submitting(newTask({ session_id: 's' }, { onConflict: 'reject' })),
      submitting(newTask({ idempotency_key: 'k' }, { payloads: { input: '"other"', config: '{}' } })),
    ],
  });
  assert.deepEqual(answers(done.submitted), ['conflict', 'ok', 'ok']);
  assert.equal(done.started.length, 2);
});

test('lent slots are given back before anything is started', async (t) => {
  const store = await served(t, 1);
  const parent = await running(store);
  await store.run('lend', { attempt: parent });
  await store.run('submit', submitting(child(parent)));
  const [kid] = (await claim(store, 'w')) as [Claimed];
  await store.run('reclaim', { attempt: parent });
  const done = await turn(store, { changes: [[succeed(kid)]], submits: [submitting(newTask({ priority: 100 }))] });
  assert.deepEqual([done.returned.map(({ id }) => id), done.started], [[parent.id], []]);
  const next = await turn(store, { changes: [[succeed(parent)]] });
  assert.equal(next.started.length, 1);
});

test('a slot that an end has freed goes to the best of all that wait, a newcomer of the turn or not', async (t) => {
  const store = await served(t, 1);
  const first = await running(store);
  const waiting = await submitOne(store, { priority: 5 });
  const done = await turn(store, {
    changes: [[succeed(first)]],
    submits: [submitting(newTask()), submitting(newTask({ priority: 5 }))],
  });
  assert.deepEqual(
    done.started.map(({ id }) => id),
    [waiting],
  );
  const [, second] = done.submitted.flatMap((one) => ('answer' in one ? one.answer.tasks : []));
  const next = await turn(store, { changes: [[succeed(done.started[0] as Claimed)]] });
  assert.equal(next.started[0]?.id, second?.id);
});

test('each is judged by itself: what is refused leaves nothing, neither of its set nor in the counts', async (t) => {
  const store = await served(t);
  const one = await running(store, { session_id: 's' });
  const two = await running(store);
  const stale = { ...two, epoch: 99 };
  const open = { session_id: 't', onConflict: 'reject' } as const;
  const done = await turn(store, {
    changes: [
      [log(one, 'lost'), { id: one.id, command: { command: 'answer', key: 'no', action: 'decline' } }],
      [succeed(two)],
    ],
    submits: [
      submitting(newTask({ session_id: open.session_id }), newTask({ session_id: 's' }, { onConflict: 'reject' })),
      submitting(newTask({ session_id: 't' }, { onConflict: 'reject' })),
      submitting(newTask({ priority: 0.5 })),
    ],
    running: [stale],
  });
  assert.deepEqual(answers(done.changed), ['conflict', 'ok']);
  assert.deepEqual(answers(done.submitted), ['conflict', 'ok', 'invalid_argument']);
  assert.deepEqual(await kindsOf(store, one.id), ['submitted', 'started']);
  assert.deepEqual(
    done.ended.map(({ id, epoch }) => [id, epoch]),
    [[two.id, 99]],
  );
  const counts = await store.run('counts', {});
  assert.deepEqual([counts.pending, counts.running, counts.completed], [0, 2, 1]);
  assert.deepEqual((await checkFile(store.path)).problems, []);
});

test('it starts as many as there is room, tells what others have ended, and when the next one is due', async (t) => {
  const store = await served(t);
  const mine = await running(store);
  await store.run('cancel', { ids: [mine.id], by: 'caller', reason: 'enough' });
  const at = Date.now() + 3_600_000;
  const submits = [submitting(newTask(), newTask(), newTask({ run_at: at }))];
  const none = await turn(store, { submits, running: [mine], room: 0 });
  assert.deepEqual([none.started, none.nextAt], [[], at]);
  assert.deepEqual(
    none.ended.map(({ id, status, reason }) => [id, status, reason]),
    [[mine.id, 'cancelled', 'enough']],
  );
  assert.equal((await turn(store, { room: 1 })).started.length, 1);
  assert.equal((await turn(store, {})).started.length, 1);
});

/** What the turn of the tests below has to do: an end, a newcomer, and two starts. */
async function busy(store: Store): Promise<{ first: Claimed; asked: Partial<Turn> }> {
  const first = await running(store);
  await enter(store);
  const changes = [[{ ...succeed(first), payloads: { result: '"r"' } }]];
  return { first, asked: { changes, submits: [submitting(newTask({ session_id: 'new' }))] } };
}

const stateOf = async (store: Store): Promise<unknown> => [
  await store.run('counts', {}),
  await store.run('ids', { status: ['pending', 'running', 'completed'] }),
];

test('a fault of the store in its midst undoes all of it', async (t) => {
  const store = await served(t, 2);
  const { asked } = await busy(store);
  const before = await stateOf(store);
  const db = connect(store.path);
  t.after(() => db.close());
  const when = "WHEN new.status = 'running' BEGIN SELECT RAISE(ABORT, 'planted'); END";
  db.exec(`CREATE TRIGGER planted BEFORE UPDATE OF status ON tasks ${when}`);
  await assert.rejects(turn(store, asked), /planted/);
  assert.deepEqual(await stateOf(store), before);
  db.exec('DROP TRIGGER planted');
  const done = await turn(store, asked);
  assert.deepEqual([answers(done.changed), answers(done.submitted), done.started.length], [['ok'], ['ok'], 2]);
  assert.deepEqual((await checkFile(store.path)).problems, []);
});

test('killed at any of its statements it has done all or nothing', async (t) => {
  const seen = new Set<string>();
  for (let statement = 1; ; statement += 3) {
    const store = await served(t, 2);
    const { asked } = await busy(store);
    const before = await stateOf(store);
    const file = fileURLToPath(new URL('./turn-killed.js', import.meta.url));
    const about = JSON.stringify({ path: store.path, statement, asked });
    const killed = spawn(process.execPath, [file, about], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [code, signal] = (await heard(killed, 'exit')) as [number | null, string | null];
    const left = await stateOf(store);
    assert.deepEqual((await checkFile(store.path)).problems, []);
    if (signal === null) {
      assert.equal(code, 0);
      assert.notDeepEqual(left, before);
      break;
    }
    assert.deepEqual(left, before, `killed at statement ${statement}`);
    seen.add(signal);
  }
  assert.deepEqual([...seen], ['SIGKILL']);
});

test('a cancel that is asked behind an end finds the task ended, though its turn waits for another one', async (t) => {
  const store = await served(t);
  const [ended, other] = [await running(store), await running(store)];
  await Promise.all([
    turn(store, { changes: [[log(other, 'a line')]] }),
    turn(store, { changes: [[succeed(ended)]] }),
    store.run('cancel', { ids: [ended.id], by: 'caller' }),
  ]);
  assert.deepEqual(await kindsOf(store, ended.id), ['submitted', 'started', 'completed']);
});

/**
 * Two processes that want different things of one task at the same moment. Whoever commits first wins, the other one is
 * told so, and the task has one terminal event.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Changed, Claims, Recovered, Store } from '#offstage/store/index.js';
import { claim, enter, tempStore, workerRow } from '../js/store/helpers.js';
import { heard } from '../waiting.js';
import type { Leg, Result } from './racer.js';

const RACER = fileURLToPath(new URL('./racer.js', import.meta.url));
const NOW = Date.UTC(2026, 0, 1);

/** One kind of race: makes a task ready for it, says what both do, and names the winner from what came of it. */
export interface Race {
  name: string;
  sides: readonly [string, string];
  prepare(store: Store, round: number): Promise<{ id: string; legs: [Leg, Leg] }>;
  /** Throws unless exactly one won and the other was told; answers with the winner. */
  judge(results: [Result, Result], kinds: readonly string[]): 0 | 1;
}

/** Runs a race so many times; answers with how often each side won. */
export async function raced(t: TestContext, race: Race, rounds: number): Promise<[number, number]> {
  const store = await tempStore(t);
  const racers = await Promise.all([started(t, store.path), started(t, store.path)]);
  const wins: [number, number] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const { id, legs } = await race.prepare(store, round);
    // The side that is told first has a little ahead: each in turn.
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    const answers: Promise<Result>[] = [];
    for (const side of order) {
      answers[side] = run(racers[side] as ChildProcess, legs[side] as Leg);
      if (round < 2) await answers[side]; // once each way without a race: both can win
    }
    const results = (await Promise.all(answers)) as [Result, Result];
    const page = await store.run('events', { id, after: 0, limit: 100 });
    const kinds = page?.events.map(({ kind }) => kind) ?? [];
    try {
      const terminal = kinds.filter((kind) => ['completed', 'failed', 'cancelled'].includes(kind));
      assert.equal(terminal.length, 1, 'one terminal event');
      wins[race.judge(results, kinds)] += 1;
    } catch (error) {
      const seen = JSON.stringify({ round, results, kinds });
      throw new Error(`${race.name}: ${(error as Error).message}\n${seen}`, { cause: error });
    }
    await store.run('clear', { ids: [id], status: [], olderThan: null, dryRun: false });
  }
  t.diagnostic(`${race.name}, ${rounds} times: ${race.sides[0]} ${wins[0]}, ${race.sides[1]} ${wins[1]}`);
  return wins;
}

async function started(t: TestContext, path: string): Promise<ChildProcess> {
  const racer = fork(RACER, [path], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  t.after(async () => {
    const gone = heard(racer, 'exit');
    racer.disconnect();
    await gone;
  });
  await heard(racer, 'message');
  return racer;
}

async function run(racer: ChildProcess, leg: Leg): Promise<Result> {
  const answered = heard(racer, 'message');
  racer.send(leg);
  return (await answered)[0] as Result;
}

const answerOf = <T>(result: Result): T => {
  if ('refused' in result) throw new Error(`refused: ${result.refused}`);
  return result.answer as T;
};

const change = (id: string, command: object, now = NOW): Leg => ({
  op: 'change',
  args: { changes: [{ id, command }] },
  now,
});

const changed = (result: Result): Changed => (answerOf<Changed[]>(result)[0] ?? assert.fail('no task')) as Changed;

/** A running task of a worker that lives: this very process. */
async function running(store: Store): Promise<string> {
  await store.run('register', { row: workerRow('w') });
  const { id } = await enter(store);
  assert.equal((await claim(store, 'w'))[0]?.id, id);
  return id;
}

export const RACES: readonly Race[] = [
  {
    name: 'recover against sweep',
    sides: ['recover', 'sweep'],
    async prepare(store, round) {
      // Its pid is ours and its start time is not: a worker that is dead.
      const worker = `dead${round}`;
      await store.run('register', { row: workerRow(worker, process.pid) });
      const { id } = await enter(store);
      assert.equal((await claim(store, worker))[0]?.id, id);
      await store.run('register', { row: workerRow(worker, process.pid, { start_time: '1', concurrency: 0 }) });
      const recover = { ids: [id], force: false, retry: false, dryRun: false };
      return {
        id,
        legs: [
          { op: 'recover', args: recover, now: NOW },
          { op: 'due', args: {}, now: NOW },
        ],
      };
    },
    judge([recovered, swept], kinds) {
      const [{ result }] = answerOf<[Recovered]>(recovered);
      const decided = answerOf<number>(swept);
      if (result === 'applied') {
        assert.equal(kinds.filter((kind) => kind === 'recovered').length, 1);
        assert.ok(!kinds.includes('lease_lost'));
        return 0;
      }
      assert.match(result, /^skipped_/);
      assert.equal(decided, 1, 'the sweep decided it');
      assert.ok(!kinds.includes('recovered'));
      return 1;
    },
  },
  {
    name: 'cancel against completion',
    sides: ['cancel', 'completion'],
    async prepare(store) {
      const id = await running(store);
      return {
        id,
        legs: [change(id, { command: 'cancel' }), change(id, { command: 'succeed', attempt: 1, epoch: 1 })],
      };
    },
    judge([cancel, completion], kinds) {
      const [cancelled, completed] = [changed(cancel), changed(completion)];
      if (cancelled.changed) {
        assert.ok(kinds.includes('cancelled') && kinds.includes('late_result'));
        assert.equal(completed.status, 'cancelled', 'the work is told');
        return 0;
      }
      assert.ok(kinds.includes('completed') && !kinds.includes('late_result'));
      assert.deepEqual([cancelled.status, completed.changed], ['completed', true]);
      return 1;
    },
  },
  {
    name: 'answer against expiry',
    sides: ['answer', 'expiry'],
    async prepare(store) {
      const id = await running(store);
      const ask = { command: 'ask', attempt: 1, epoch: 1, key: 'k', message: '?', expires_at: NOW + 1000 };
      await store.run('change', { changes: [{ id, command: ask as never }] });
      // Each by its own clock in the right: the answer comes a millisecond before the end, the sweep just then.
      const answer = change(id, { command: 'answer', key: 'k', action: 'cancel' }, NOW + 999);
      return { id, legs: [answer, { op: 'due', args: {}, now: NOW + 1000 }] };
    },
    judge([answer, swept], kinds) {
      if ('refused' in answer) {
        assert.equal(answer.refused, 'conflict');
        assert.equal(answerOf<number>(swept), 1);
        assert.ok(kinds.includes('failed') && !kinds.includes('input_answered'));
        return 1;
      }
      assert.equal(answerOf<number>(swept), 0);
      assert.ok(kinds.includes('cancelled') && kinds.includes('input_answered'));
      return 0;
    },
  },
  {
    name: 'interrupt against start',
    sides: ['interrupt', 'start'],
    async prepare(store, round) {
      await store.run('register', { row: workerRow('w', process.pid, { concurrency: 1e6 }) });
      const session_id = `s${round}`;
      const { id } = await enter(store, { session_id });
      const newcomer = {
        spec: { name: 'new', recipe: 'job', session_id, delay_ms: 9e9 },
        payloads: {},
        needs: [],
        maxConcurrent: null,
        code: null,
        onConflict: 'interrupt',
        parent: null,
        childKey: null,
      };
      const submit: Leg = { op: 'submit', args: { tasks: [newcomer], start: null }, now: Date.now() };
      return { id, legs: [submit, { op: 'claim', args: { worker: 'w' }, now: Date.now() }] };
    },
    judge([submitted, claimed], kinds) {
      answerOf(submitted); // it comes in, whoever was first
      const started = answerOf<Claims>(claimed).started.length;
      assert.equal(started, kinds.filter((kind) => kind === 'started').length, 'what started was handed out');
      assert.ok(kinds.includes('cancelled'));
      if (started === 1) assert.ok(kinds.indexOf('started') < kinds.indexOf('cancelled'));
      return started === 1 ? 1 : 0;
    },
  },
];

/** New tasks that start with the turn that brings them: what comes of it is what a claim behind their submit makes of it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Change, Claimed, NewTask, Store, Turned } from '#offstage/store/index.js';
import { checkFile } from '#offstage/store/sqlite/check.js';
import { newTask, type spec, tempStore, workerRow } from './helpers.js';

type More = Parameters<typeof spec>[0];

const CODE = { code: 'job', payloads: { input: '1' } };
const code = (more: More = {}, rest: Partial<NewTask> = {}): NewTask => newTask(more, { ...CODE, ...rest });

/** A store that the worker `w` runs the recipe in code `job` for. */
async function served(t: TestContext, concurrency = 5, more: Parameters<typeof workerRow>[2] = {}): Promise<Store> {
  const store = await tempStore(t);
  const row = workerRow('w', process.pid, { concurrency, folders: false, recipes: ['job'], ...more });
  await store.run('register', { row });
  return store;
}

const turn = (store: Store, tasks: NewTask[], changes: Change[][] = [], room = 99): Promise<Turned> =>
  store.run('turn', {
    worker: 'w',
    changes,
    submits: tasks.map((task) => ({ tasks: [task], start: null })),
    running: [],
    room,
  });

const eventsOf = async (store: Store, id: string): Promise<string[]> =>
  ((await store.run('events', { id, after: 0, limit: 9 }))?.events ?? []).map(({ kind }) => kind);

const endOf = ({ id, attempt, epoch }: Claimed): Change => ({ id, command: { command: 'succeed', attempt, epoch } });

test('what may start at once is told as submitted, and is running, with all that a start tells', async (t) => {
  const store = await served(t);
  const { submitted, started } = await turn(store, [code({ name: 'a' }), code({ name: 'b', priority: 5 })]);
  const tasks = submitted.flatMap((one) => ('answer' in one ? one.answer.tasks : []));
  assert.deepEqual(
    tasks.map(({ status, runnable }) => [status, runnable]),
    [
      ['pending', true],
      ['pending', true],
    ],
  );
  assert.deepEqual(
    started.map(({ attempt, epoch, payloads, newcomer }) => [attempt, epoch, payloads, newcomer]),
    [
      [1, 1, {}, { submit: 0, task: 0 }],
      [1, 1, {}, { submit: 1, task: 0 }],
    ],
  );
  for (const { id, record } of started) {
    const stored = await store.run('get', { id, payloads: ['input'] });
    assert.deepEqual([stored?.status, stored?.record, stored?.payloads], ['running', record, { input: '1' }]);
    assert.deepEqual(await eventsOf(store, id), ['submitted', 'started']);
  }
  assert.equal((await store.run('counts', {})).running, 2);
  const ends = await turn(store, [], [started.map(endOf)]);
  assert.deepEqual([ends.changed.length, (await store.run('counts', {})).completed], [1, 2]);
  assert.deepEqual((await checkFile(store.path)).problems, []);
});

const LEFT: Record<
  string,
  { tasks: NewTask[]; concurrency?: number; room?: number; more?: object; started: string[] }
> = {
  'more than there are slots': {
    tasks: [code({ name: 'a' }), code({ name: 'b', priority: 5 })],
    concurrency: 1,
    started: ['b'],
  },
  'more than there is room': {
    tasks: [code({ name: 'a' }), code({ name: 'b', priority: 5 })],
    room: 1,
    started: ['b'],
  },
  'one that is to be later': { tasks: [code({ name: 'a', delay_ms: 60_000 }), code({ name: 'b' })], started: ['b'] },
  'other code': { tasks: [code({ name: 'a' }, { code: 'other' }), code({ name: 'b' })], started: ['b'] },
  'a folder': { tasks: [newTask({ name: 'a' }), code({ name: 'b' })], started: ['b'] },
  'one that waits for its session': {
    tasks: [code({ name: 'a', session_id: 's' }), code({ name: 'b', session_id: 's' }, { onConflict: 'enqueue' })],
    started: ['a'],
  },
  'one that interrupts': {
    tasks: [code({ name: 'a', session_id: 's' }), code({ name: 'b', session_id: 's' }, { onConflict: 'interrupt' })],
    started: ['b'],
  },
  'a limit of the recipe': {
    tasks: [code({ name: 'a' }, { maxConcurrent: 1 }), code({ name: 'b' }, { maxConcurrent: 1 })],
    started: ['a'],
  },
  'a limit of all workers': {
    tasks: [code({ name: 'a' }), code({ name: 'b' })],
    more: { max_concurrent: 1 },
    started: ['a'],
  },
  'a variable that the worker lacks': { tasks: [code({ name: 'a' }, { needs: ['NO'] })], started: [] },
};

for (const [what, { tasks, concurrency, room, more, started }] of Object.entries(LEFT)) {
  test(`left to the claim: ${what}`, async (t) => {
    const store = await served(t, concurrency, more);
    const done = await turn(store, tasks, [], room);
    assert.deepEqual(done.started.map(({ record }) => JSON.parse(record).name).sort(), started);
    assert.deepEqual((await checkFile(store.path)).problems, []);
  });
}

test('one that was refused has not started, though it came with one that could', async (t) => {
  const store = await served(t);
  const bad = code({ name: 'x'.repeat(300) });
  const both = { tasks: [code({ name: 'with it' }), bad], start: null };
  const alone = { tasks: [code({ name: 'alone' })], start: null };
  const done = await store.run('turn', { worker: 'w', changes: [], submits: [both, alone], running: [], room: 9 });
  assert.deepEqual(
    done.started.map(({ record }) => JSON.parse(record).name),
    ['alone'],
  );
  const counts = await store.run('counts', {});
  assert.deepEqual([counts.pending, counts.running], [0, 1]);
});

/** A stream of numbers from 0 up to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Some tasks of every kind, as that stream has it; `n` numbers them. */
function some(next: () => number, n: () => number): NewTask[] {
  const of = <T>(...all: T[]): T => all[Math.floor(next() * all.length)] as T;
  return Array.from({ length: Math.floor(next() * 4) }, () => {
    const more = { name: `t${n()}`, priority: of(0, 0, 0, 5), session_id: of('s', 't', null) };
    const kind = of('plain', 'plain', 'plain', 'later', 'waits', 'interrupts', 'other', 'limited');
    if (kind === 'later') return code({ ...more, delay_ms: 3_600_000 });
    if (kind === 'waits') return code(more, { onConflict: 'enqueue' });
    if (kind === 'interrupts') return code(more, { onConflict: 'interrupt' });
    if (kind === 'other') return code(more, { code: 'other' });
    return code(more, { maxConcurrent: kind === 'limited' ? 1 : null });
  });
}

test('random turns come to what the same changes, submits and a claim come to, one after the other', async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 100_000);
  t.diagnostic(`SEED=${seed}`);
  const next = numbers(seed);
  const [together, apart] = [await served(t, 4), await served(t, 4)];
  const names = new Map<string, string>();
  const named = ({ id, record }: Claimed): string => {
    const { name } = JSON.parse(record) as { name: string };
    names.set(id, name);
    return name;
  };
  const running: { together: Claimed; apart: Claimed }[] = [];
  let n = 0;
  for (let round = 0; round < 40; round++) {
    const tasks = some(next, () => ++n);
    const ending = running.splice(0, Math.floor(next() * (running.length + 1)));
    const done = await turn(together, tasks, [ending.map((one) => endOf(one.together))]);
    await apart.run('change', { changes: ending.map((one) => endOf(one.apart)) });
    for (const task of tasks) await apart.run('submit', { tasks: [task], start: null });
    const { started } = await apart.run('claim', { worker: 'w' });
    const byName = new Map(started.map((one) => [named(one), one]));
    assert.deepEqual(done.started.map(named).sort(), [...byName.keys()].sort(), `round ${round}`);
    for (const one of done.started) {
      running.push({ together: one, apart: byName.get(named(one)) ?? assert.fail('it has started') });
    }
    const states = async (store: Store): Promise<unknown> => {
      const { tasks: all } = await store.run('list', LIST);
      return all.map(({ record, status }) => [JSON.parse(record).name, status]).sort();
    };
    assert.deepEqual(await states(together), await states(apart), `round ${round}`);
  }
  for (const store of [together, apart]) assert.deepEqual((await checkFile(store.path)).problems, []);
});

const LIST = { status: [], sessionId: null, recipe: null, attention: false, limit: 500, offset: 0, before: null };

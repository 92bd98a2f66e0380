import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Findings, troublesOf } from '#offstage/client/troubles.js';

type Store = NonNullable<Findings['store']>;

const STORE: Store = {
  exists: true,
  schema: 9,
  known_schema: 9,
  read_only: false,
  free_bytes: 1e12,
  tasks: { pending: 0, running: 0, input_required: 0, completed: 3, failed: 0, cancelled: 0 },
  held: 0,
  stranded: [],
  worker_log: null,
};
const findings = (more: Partial<Findings> = {}, store: Partial<Store> = {}): Findings => ({
  store: { ...STORE, ...store },
  workers: [],
  refused: [],
  recipes: { names: ['r'], broken: [] },
  ...more,
});
/** Each as one line: `trouble > what helps > …`. */
const told = (more: Partial<Findings>, store: Partial<Store> = {}): string[] =>
  troublesOf(findings(more, store)).map(({ trouble, help }) =>
    [
      trouble,
      ...help.map((one) => ('type' in one ? one.type.join(' ') : 'say' in one ? one.say : `$ ${one.shell}`)),
    ].join(' > '),
  );
const STRANDED = { tasks: 2, task_id: 'task_1', app: null, env: [], bound: false };
const kind = (more: Partial<Store['stranded'][number]>, worker_log: string | null = null) =>
  told({}, { stranded: [{ ...STRANDED, ...more }], worker_log });

test('where nothing is wrong nothing is told', () => {
  assert.deepEqual(told({}), []);
  assert.deepEqual(told({ store: null, recipes: null }), []);
});

test('what waits for a worker: what it must have, and what to type', () => {
  const who = 'that no living worker can run, such as task_1';
  assert.deepEqual(kind({}), [`2 tasks ${who} > background worker`]);
  assert.deepEqual(kind({ tasks: 1 }, '/s/worker.log'), [
    `1 task ${who} > background worker > the last worker's log: /s/worker.log`,
  ]);
  assert.deepEqual(kind({ app: 'mine' }), [`2 tasks ${who} > start the app that serves 'mine'`]);
  assert.deepEqual(kind({ env: ['A'] }), [`2 tasks ${who}: none has A > where A is set: > background worker`]);
  assert.deepEqual(kind({ env: ['A', 'B'], bound: true }), [
    `2 tasks ${who}: none has A, B as submitted > where A, B are set: > background retry task_1`,
  ]);
});

test('what waits for a person', () => {
  assert.deepEqual(
    told({
      workers: [
        { pid: 1, alive: false },
        { pid: 2, alive: true },
      ],
    }),
    ['1 worker died; the next command decides what became of what it ran > background list --attention'],
  );
  const tasks = { ...STORE.tasks, input_required: 1, failed: 2 } as Store['tasks'];
  assert.deepEqual(told({}, { tasks, held: 1 }), [
    '1 task with an open question > background list --status input_required > background respond ID',
    '1 task not started, since the code has changed > background list --attention',
    '2 tasks failed > background list --status failed',
  ]);
});

test('the file: another version, damage, no right to write, no room', () => {
  assert.deepEqual(told({}, { schema: 7 }), ['the store has schema 7; the next write brings it to 9 > store migrate']);
  const refused = (what: string, reason?: string) => told({ refused: [{ what, code: 'x', details: { reason } }] });
  assert.deepEqual(refused('store', 'newer_schema'), [
    'the store was written by a newer offstage > $ npm install offstage@latest',
  ]);
  assert.deepEqual(refused('store', 'corrupt'), ['the store is damaged > store check > store restore FILE']);
  assert.deepEqual(refused('node'), ['this Node is too old > install Node 22 or later']);
  assert.match(refused('submit')[0] ?? '', /> set background\.enabled to true/);
  assert.deepEqual(refused('key'), [], 'what was refused says itself what to do');
  assert.match(told({}, { read_only: true })[0] ?? '', /^the store can be read only > give this user/);
  assert.match(told({}, { free_bytes: 5e6 })[0] ?? '', /^4 MiB are left .* > background clear --older-than 1d/);
});

test('recipes, and the first task', () => {
  const broken = { names: [], broken: [{ path: '/p/recipes/b', error: 'no' }] };
  assert.deepEqual(told({ recipes: broken }), [
    'the recipe in /p/recipes/b is broken: no > recipe validate /p/recipes/b',
  ]);
  const first = (names: string[]) => told({ recipes: { names, broken: [] } }, { exists: false, tasks: null });
  assert.deepEqual(first(['r', 's']), ['nothing was submitted yet > background submit --recipe r']);
  assert.deepEqual(first([]), [
    'nothing was submitted yet > recipe init my-recipe > background submit --recipe my-recipe',
  ]);
});

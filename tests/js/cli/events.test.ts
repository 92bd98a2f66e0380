import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localTime } from '#offstage/cli/human/time.js';
import type { Verbs } from '#offstage/client/index.js';
import type { EventsOfAll, EventsOfOne } from '#offstage/wire/answers.js';
import type { TaskEventJson } from '#offstage/wire/event.js';
import { cli, document, ID, OTHER, taskOf } from './fake.js';

const AT = '2026-01-31T10:00:00.000Z';
const event = (seq: number, kind: TaskEventJson['kind'], data: unknown): TaskEventJson =>
  ({ task_id: ID, seq, at: AT, kind, data }) as TaskEventJson;
const EVENTS = [
  event(1, 'submitted', { name: 'my-recipe', timeout_ms: 5 }),
  event(2, 'started', { worker: 'w', attempt: 1, digest: null }),
  event(3, 'progress', { fraction: 0.456, message: 'step 2' }),
  event(4, 'log', { line: 'a\u001b[31mb' }),
  event(5, 'output', { chunk: { a: [1] } }),
  event(6, 'completed', { attempt: 1 }),
];
const page = (more: Partial<EventsOfOne> = {}): EventsOfAll => ({
  events: EVENTS,
  tasks: [{ task_id: ID, next_after: 6, first_seq: 1, over: true, ...more }],
});
const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('events prints the document of the contract, or one event a line', async () => {
  const events: Verbs['events'] = async () => page();
  const ran = await cli(['background', 'events', ID, '--after', '2', '--limit', '7', '--json'], { verbs: { events } });
  assert.deepEqual(document(ran), { ok: true, task_id: ID, events: EVENTS, next_after: 6, first_seq: 1 });
  assert.deepEqual(ran.calls, [
    ['resolve', ID],
    ['events', [ID], { after: 2, limit: 7 }],
  ]);
  const human = await cli(['background', 'events', ID], { verbs: { events } });
  assert.deepEqual(human.calls.at(-1), ['events', [ID], {}]);
  assert.deepEqual(human.stdout.trimEnd().split('\n'), [
    `${localTime(AT)}    1 submitted my-recipe`,
    `${localTime(AT)}    2 started worker=w attempt=1`,
    `${localTime(AT)}    3 progress 45% step 2`,
    `${localTime(AT)}    4 log a\\x1b[31mb`,
    `${localTime(AT)}    5 output {"a":[1]}`,
    `${localTime(AT)}    6 completed attempt=1`,
  ]);
  assert.equal(human.stderr, '');
});

test('what was dropped is said', async () => {
  const events: Verbs['events'] = async () => page({ first_seq: 501 });
  const ran = await cli(['background', 'events', ID], { verbs: { events } });
  assert.match(ran.stderr, /from 501 on nothing is missing/);
});

const following: Verbs['follow'] = async function* () {
  yield* EVENTS;
};

test('--follow --json prints one event a line; --limit ends it', async () => {
  const ran = await cli(['background', 'events', ID, '--follow', '--json'], { verbs: { follow: following } });
  assert.deepEqual(lines(ran.stdout), EVENTS);
  assert.equal(ran.code, 0);
  const [name, tasks, options] = ran.calls.at(-1) as [string, unknown, { signal: AbortSignal }];
  assert.deepEqual(
    [name, tasks, Object.keys(options), options.signal.aborted],
    ['follow', [{ id: ID, after: 0 }], ['signal'], false],
  );
  const two = await cli(['background', 'events', ID, '--follow', '--limit', '2', '--after', '9'], {
    verbs: { follow: following },
  });
  assert.equal(two.stdout.split('\n').length - 1, 2);
  assert.deepEqual(two.calls.at(-1)?.[1], [{ id: ID, after: 9 }]);
});

test('following ends when nobody reads it any more', async () => {
  const verbs = { follow: following };
  const ran = await cli(['background', 'events', ID, '--follow', '--json'], { verbs, closedAfter: 3 });
  assert.deepEqual([lines(ran.stdout).length, ran.code, ran.closed], [3, 0, 1]);
});

test('--follow names the unknown task as any verb does', async () => {
  const ran = await cli(['background', 'events', ID, '--follow', '--json'], {
    verbs: {
      // biome-ignore lint/correctness/useYield: it fails before it could
      follow: async function* () {
        throw Object.assign(new Error('gone'), {});
      },
    },
  });
  assert.deepEqual([document<{ ok: boolean }>(ran).ok, ran.code], [false, 1]);
});

test('status --watch prints a line a change, and the whole task at the end', async () => {
  const tasks = [
    taskOf({ status: 'running', progress: 0.5, duration: 3 }),
    taskOf({ status: 'completed', progress: 1, result: 1 }),
  ];
  const watch: Verbs['watch'] = async function* () {
    for (const task of tasks) yield [task];
  };
  const ran = await cli(['background', 'status', ID, '--watch', '--json'], { verbs: { watch } });
  assert.deepEqual(
    lines(ran.stdout),
    tasks.map((task) => ({ ok: true, ...task })),
  );
  const human = await cli(['background', 'status', ID, '--watch'], { verbs: { watch } });
  const printed = human.stdout.split('\n');
  assert.deepEqual(printed.slice(0, 3), [
    '🔄 [9f1c20ab] my-recipe - running (3s) 50%',
    '✅ [9f1c20ab] my-recipe - completed',
    `Task: ${ID}`,
  ]);
});

for (const [argv, verb, error] of [
  [['events', ID, '--follow'], 'follow', `stopped following; task ${ID} goes on`],
  [['status', ID, '--watch'], 'watch', `stopped watching; task ${ID} goes on`],
] as const) {
  test(`Ctrl-C ends only the watching of ${argv[0]}: exit 130, and the task is left alone`, async () => {
    async function* untilAborted(_which: unknown, options?: { signal?: AbortSignal }): AsyncGenerator<never> {
      await new Promise<void>((resolve) => options?.signal?.addEventListener('abort', () => resolve()));
      yield* [];
    }
    const ran = await cli(['background', ...argv, '--json'], {
      verbs: { [verb]: untilAborted },
      onSignal: (listener) => setImmediate(() => listener('SIGINT')),
    });
    assert.deepEqual(document(ran), {
      ok: false,
      error,
      code: 'interrupted',
      details: { signal: 'SIGINT', task_id: ID },
    });
    assert.deepEqual([ran.code, ran.closed, ran.calls.map(([name]) => name)], [130, 1, ['resolve', verb]]);
  });
}

test('events of several are one list in order; a person sees whose each is', async () => {
  const two = { ...event(1, 'submitted', { name: 'b' }), task_id: OTHER };
  const events = [...EVENTS.slice(0, 1), two, ...EVENTS.slice(1)];
  const tasks = [
    { task_id: ID, next_after: 6, first_seq: 1, over: true },
    { task_id: OTHER, next_after: 1, first_seq: 501, over: false },
  ];
  const verbs: Partial<Verbs> = {
    glance: async () => [taskOf({ name: 'a' }), taskOf({ task_id: OTHER, name: 'b' })],
    events: async () => ({ events, tasks }),
    async *follow() {
      yield* events;
    },
  };
  const ran = await cli(['background', 'events', ID, OTHER, '--limit', '9', '--json'], { verbs });
  assert.deepEqual(document(ran), {
    ok: true,
    events,
    tasks: [
      { task_id: ID, next_after: 6, first_seq: 1, name: 'a' },
      { task_id: OTHER, next_after: 1, first_seq: 501, name: 'b' },
    ],
  });
  assert.deepEqual(ran.calls.at(-1), ['events', [ID, OTHER], { limit: 9 }]);
  for (const more of [[], ['--follow']]) {
    const human = await cli(['background', 'events', ID, OTHER, ...more], { verbs });
    assert.deepEqual(human.stdout.split('\n').slice(0, 3), [
      `${localTime(AT)} [9f1c20ab] a    1 submitted my-recipe`,
      `${localTime(AT)} [de64a7f0] b    1 submitted b`,
      `${localTime(AT)} [9f1c20ab] a    2 started worker=w attempt=1`,
    ]);
  }
  const follow = await cli(['background', 'events', ID, OTHER, '--follow', '--json', '--after', '3'], { verbs });
  assert.deepEqual(lines(follow.stdout), events);
  assert.deepEqual((follow.calls.at(-1) as unknown[])[1], [
    { id: ID, after: 3 },
    { id: OTHER, after: 3 },
  ]);
});

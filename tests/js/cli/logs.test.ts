/** `background logs`: what was logged and put out, as plain text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verbs } from '#offstage/client/index.js';
import type { EventsOfAll } from '#offstage/wire/answers.js';
import type { TaskEventJson } from '#offstage/wire/event.js';
import { cli, document, ID, OTHER, taskOf } from './fake.js';

type Told = [id: string, kind: TaskEventJson['kind'], data: unknown];

function eventsOf(told: readonly Told[]): TaskEventJson[] {
  const seqs = new Map<string, number>();
  return told.map(([task_id, kind, data]) => {
    const seq = (seqs.get(task_id) ?? 0) + 1;
    seqs.set(task_id, seq);
    return { task_id, seq, at: '2026-01-31T10:00:00.000Z', kind, data } as TaskEventJson;
  });
}

/** Verbs of two tasks, `a` and `b`; what is told later comes when they are followed. */
function verbsOf(told: readonly Told[], later: readonly Told[] = [], first_seq = 1): Partial<Verbs> {
  const events = eventsOf([...told, ...later]);
  const past = events.slice(0, told.length);
  const coming = async function* () {
    yield* events.slice(told.length);
  };
  return {
    glance: async (ids) => ids.map((task_id) => taskOf({ task_id, name: task_id === ID ? 'a' : 'b\x1b' })),
    events: async (ids): Promise<EventsOfAll> => ({
      events: past,
      tasks: ids.map((task_id) => ({ task_id, next_after: 7, first_seq, over: false })),
    }),
    follow: coming,
  };
}

const log = (line: string, id = ID): Told => [id, 'log', { line }];
const output = (chunk: unknown, id = ID): Told => [id, 'output', { chunk }];
const started: Told = [ID, 'started', { attempt: 1 }];

test('a logged line is a line, a text is as it was put out, anything else is JSON', async () => {
  const told = [started, log('first'), output('a b'), output('c\nd'), log('second'), output({ a: [1] }), output('e\n')];
  const ran = await cli(['background', 'logs', ID], { verbs: verbsOf(told) });
  assert.equal(ran.stdout, 'first\na bc\nd\nsecond\n{"a":[1]}\ne\n');
  assert.deepEqual([ran.stderr, ran.code], ['', 0]);
  const json = await cli(['background', 'logs', ID, '--json'], { verbs: verbsOf(told) });
  const lines = ['first', 'a bc', 'd', 'second', '{"a":[1]}', 'e'];
  assert.deepEqual(document(json), { ok: true, task_id: ID, name: 'a', lines, first_seq: 1 });
});

test('control characters are shown, not sent; line ends and tabs stay', async () => {
  const ran = await cli(['background', 'logs', ID], { verbs: verbsOf([output('\x1b[2Jx\ty\r\nz\r9'), log('\x07')]) });
  assert.equal(ran.stdout, '\\x1b[2Jx\ty\nz\\r9\n\\x07\n');
});

test('--tail keeps the last lines, of each task', async () => {
  const told = [log('1'), output('2\n3\n4'), log('5')];
  for (const [n, expected] of [
    ['0', ''],
    ['1', '5\n'],
    ['3', '3\n4\n5\n'],
    ['9', '1\n2\n3\n4\n5\n'],
  ] as const) {
    const ran = await cli(['background', 'logs', ID, '--tail', n], { verbs: verbsOf(told) });
    assert.equal(ran.stdout, expected, n);
  }
  const two = [log('1'), log('x', OTHER), log('2'), log('3'), log('y', OTHER)];
  const ran = await cli(['background', 'logs', ID, OTHER, '--tail', '1'], { verbs: verbsOf(two) });
  assert.equal(ran.stdout, '[9f1c20ab] a | 3\n[de64a7f0] b\\x1b | y\n');
  const json = await cli(['background', 'logs', ID, OTHER, '--tail', '1', '--json'], { verbs: verbsOf(two) });
  assert.deepEqual(
    document<{ tasks: { name: string; lines: string[] }[] }>(json).tasks.map(({ name, lines }) => [name, lines]),
    [
      ['a', ['3']],
      ['b\x1b', ['y']],
    ],
  );
  const bad = await cli(['background', 'logs', ID, '--tail', '-1'], { verbs: verbsOf(two) });
  assert.equal(bad.code, 2);
});

test('--follow goes on where the past ended, also within a line', async () => {
  const later = [output('lo\n'), started, log('end'), output('no end')];
  const ran = await cli(['background', 'logs', ID, '--follow', '--tail', '1'], {
    verbs: verbsOf([log('old'), output('hel')], later),
  });
  assert.equal(ran.stdout, 'hello\nend\nno end\n');
  assert.deepEqual(ran.calls.at(-1)?.[1], [{ id: ID, after: 7 }]);
});

test('lines of several are whole, whoever speaks in between', async () => {
  const later = [output('b1 ', OTHER), output('a1 '), output('b2\n', OTHER), output('a2')];
  const ran = await cli(['background', 'logs', ID, OTHER, '-f'], { verbs: verbsOf([], later) });
  assert.equal(ran.stdout, '[de64a7f0] b\\x1b | b1 b2\n[9f1c20ab] a | a1 a2\n');
});

test('--follow --json prints log and output events, one a line', async () => {
  const ran = await cli(['background', 'logs', ID, '--follow', '--tail', '1', '--json'], {
    verbs: verbsOf([log('1'), log('2')], [started, output('3')]),
  });
  const printed = ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TaskEventJson);
  assert.deepEqual(
    printed.map(({ seq, kind, data }) => [seq, kind, data]),
    [
      [2, 'log', { line: '2' }],
      [4, 'output', { chunk: '3' }],
    ],
  );
});

test('nothing, and what was dropped, are said', async () => {
  const none = await cli(['background', 'logs', ID], { verbs: verbsOf([started]) });
  assert.deepEqual([none.stdout, none.stderr], ['', 'Nothing was logged or put out.\n']);
  const cut = await cli(['background', 'logs', ID], { verbs: verbsOf([log('x')], [], 501) });
  assert.match(cut.stderr, /^\[9f1c20ab\] a: some of what is older than event 501 was dropped\.\n$/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { percent, shortDuration } from '#offstage/cli/human/duration.js';
import { escaped } from '#offstage/cli/human/escape.js';
import { fit } from '#offstage/cli/human/line.js';
import { pageBox, taskLine } from '#offstage/cli/human/list.js';
import type { Look } from '#offstage/cli/human/look.js';
import type { TaskJson } from '#offstage/wire/task.js';
import { failed, taskOf } from './fake.js';

const NOW = Date.parse('2026-01-31T12:00:00.000Z');
const look = (more: Partial<Look> = {}): Look => ({ columns: 80, color: false, fancy: true, utf8: true, ...more });
const boxOf = (tasks: TaskJson[], more: Partial<Look> = {}) => pageBox({ tasks }, look(more), NOW);

const EXAMPLE = [
  taskOf({ name: 'research_task', duration: 45.9, progress: 0.45 }),
  taskOf({
    name: 'analysis_task',
    status: 'completed',
    task_id: `task_de64a7f0${'1'.repeat(24)}`,
    completed_at: '2026-01-31T11:57:00.000Z',
  }),
  {
    ...failed(),
    name: 'failed_task',
    task_id: `task_aa01b2c3${'2'.repeat(24)}`,
    completed_at: '2026-01-29T11:57:00.000Z',
  },
];

test('the box is the one of the contract, with the age at the end of the line', () => {
  assert.equal(
    boxOf(EXAMPLE),
    [
      '╭─ Background Tasks ─────────────────────────────────────────────╮',
      '│  🔄 [9f1c20ab] research_task - running (45s) 45%               │',
      '│  ✅ [de64a7f0] analysis_task - completed                3m ago │',
      '│  ❌ [aa01b2c3] failed_task - failed: model unavailable  2d ago │',
      '╰────────────────────────────────────────────────────────────────╯',
    ].join('\n'),
  );
});

test('plain ASCII where there is no UTF-8: box, signs, tree, ends of what is cut, and the words of users', () => {
  const child = taskOf({ name: 'Größe', parent_id: EXAMPLE[0]?.task_id ?? '', task_id: `task_${'c'.repeat(32)}` });
  const text = boxOf([child, ...EXAMPLE], { fancy: false, utf8: false, columns: 63 });
  assert.equal(
    text,
    [
      '+- Background Tasks ------------------------------------------+',
      '|  > [9f1c20ab] research_task - running (45s) 45%             |',
      '|  `- > [cccccccc] Gr\\u{f6}\\u{df}e - running                  |',
      '|  + [de64a7f0] analysis_task - completed              3m ago |',
      '|  x [aa01b2c3] failed_task - failed: model unavai...  2d ago |',
      '+-------------------------------------------------------------+',
    ].join('\n'),
  );
  assert.ok(boxOf([child], { fancy: false }).includes('Größe'), 'a dumb terminal may have UTF-8');
});

test('children stand under their parent, oldest first; one whose parent is not there stands for itself', () => {
  const id = (char: string) => `task_${char.repeat(32)}`;
  const of = (char: string, parent: string | null) =>
    taskOf({ name: char, task_id: id(char), parent_id: parent === null ? null : id(parent), duration: 1 });
  const rows = boxOf([of('e', 'f'), of('d', 'a'), of('c', 'b'), of('b', 'a'), of('a', null)]).split('\n');
  assert.deepEqual(
    rows.slice(1, -1).map((row) => row.replace(/^│ {2}| *│$/g, '').replace(/\[.*\] /, '')),
    [
      '🔄 e - running (1s)',
      '🔄 a - running (1s)',
      '├─ 🔄 b - running (1s)',
      '│  └─ 🔄 c - running (1s)',
      '└─ 🔄 d - running (1s)',
    ],
  );
});

test('every row is as wide as the box, in every terminal', () => {
  const long = taskOf({ name: `数据-👩‍👩‍👧-${'x'.repeat(300)}`, status: 'completed' });
  for (const columns of [24, 25, 40, 63, 80, 200, undefined, 0]) {
    for (const fancy of [true, false]) {
      const rows = boxOf([...EXAMPLE, long], { columns, fancy }).split('\n');
      const widths = new Set(rows.map((row) => stringWidth(row)));
      assert.deepEqual([...widths], [columns || 80], String(columns));
    }
  }
  assert.equal(stringWidth(boxOf([], { columns: 10 }).split('\n')[0] ?? ''), 24, 'not narrower than it can be read');
});

test('the name gives way, then an error or a question; never the state, nor what counts', () => {
  const name = 'n'.repeat(200);
  const tasks = [
    taskOf({ name, duration: 45, progress: 0.45, task_status: { kind: 'overdue', needs_attention: true } }),
    taskOf({ name, status: 'input_required', input_requests: { a: asks('q'.repeat(200)) } }),
    { ...failed('failed', 'm'.repeat(200)), name },
    taskOf({ name, status: 'pending', run_at: '2026-01-31T12:05:00.000Z', task_status: { kind: 'scheduled' } }),
  ];
  const states = [
    / - running \(45s\) 45% ! overdue/,
    / - input_required/,
    / - failed/,
    / - pending \(starts in 5m, .*\)/,
  ];
  for (const columns of [70, 80, 120]) {
    const rows = boxOf(tasks, { columns }).split('\n').slice(1, -1);
    for (const [index, state] of states.entries()) assert.match(rows[index] ?? '', state, String(columns));
  }
  const [, asked, broken] = boxOf(tasks, { columns: 80 }).split('\n').slice(1);
  assert.match(
    asked ?? '',
    /nnnnnnnnnnn… - input_required: q{10,}… /,
    'a part of the name and of the question is left',
  );
  assert.match(broken ?? '', /nnnnnnnnnnn… - failed: m{10,}… /);
  for (const row of boxOf(tasks, { columns: 30 }).split('\n').slice(2, 4)) {
    assert.match(row, / \[9f1c\] .*(input_required|failed)/, 'also where there is hardly any room');
  }
  const child = taskOf({ name, task_id: `task_${'c'.repeat(32)}`, parent_id: tasks[3]?.task_id ?? '', duration: 45 });
  const narrow = boxOf([child, ...tasks.slice(3)], { columns: 42 });
  assert.match(narrow, /│ {2}⏳ \[9f1c\] n*… pending \(in 5m\) *│\n│ {2}└─ 🔄 \[cccc\] n*… running \(45s\) *│/);
});

const asks = (message: string) => ({ message, requested_at: '2026-01-31T11:59:00.000Z' });

test('a cut never falls into a character', () => {
  assert.equal(fit('abc', 3), 'abc');
  assert.equal(fit('abcd', 3), 'ab…');
  assert.equal(fit('数据库', 4), '数…');
  assert.equal(fit('👩‍👩‍👧👩‍👩‍👧', 3), '👩‍👩‍👧…');
  assert.equal(fit('abcdef', 5, '...'), 'ab...');
  assert.equal(fit('abc', 0), '');
});

test('colour marks the state, who should look, and what is beside; it leaves the text as it is', () => {
  const late = taskOf({ name: 'late', duration: 1, task_status: { kind: 'overdue', needs_attention: true } });
  const tasks = [...EXAMPLE, late, taskOf({ name: 'a - running', status: 'completed' })];
  const plain = boxOf(tasks);
  const color = boxOf(tasks, { color: true });
  for (const part of [
    ' - \x1b[36mrunning\x1b[39m (45s)',
    ' - \x1b[31mfailed\x1b[39m: model',
    '\x1b[33m ! overdue\x1b[39m',
    '\x1b[2m3m ago\x1b[22m',
    'a - running - \x1b[32mcompleted\x1b[39m',
  ]) {
    assert.ok(color.includes(part), `${JSON.stringify(part)} in ${JSON.stringify(color)}`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
  assert.equal(color.replace(/\x1b\[\d+m/g, ''), plain);
});

test('a line says what there is to know about a state', () => {
  const line = (task: TaskJson) => taskLine(task, undefined, NOW).replace(/^(\S+) \[9f1c20ab\] my-recipe - /, '$1 ');
  const pending = (kind: string, more: Partial<TaskJson> = {}, signals: string[] = []) =>
    line(taskOf({ status: 'pending', ...more, task_status: { kind, signals } }));
  assert.equal(pending('queued'), '⏳ pending');
  assert.equal(pending('code_changed'), '⏳ pending (code_changed)');
  const soon = '2026-01-31T12:00:12.000Z';
  assert.equal(
    pending('retrying', { run_at: soon, attempt: 1, max_attempts: 3 }),
    '⏳ pending (attempt 2 of 3 in 12s)',
  );
  assert.match(
    pending('scheduled', { run_at: soon }),
    /^⏳ pending \(starts in 12s, (2026-\d\d-\d\d )?\d\d:\d\d:12\)$/,
  );
  assert.match(
    pending('scheduled', { run_at: '2026-02-03T12:00:00.000Z' }),
    /\(starts in 3d, 2026-02-0\d \d\d:\d\d\)$/,
  );
  assert.equal(pending('queued', {}, ['no_worker']), '⏳ pending ! no worker');
  assert.equal(line(taskOf({ duration: 3_700 })), '🔄 running (1h 1m)');
  assert.equal(
    line(taskOf({ duration: 1, task_status: { kind: 'overdue', needs_attention: true } })),
    '🔄 running (1s) ! overdue',
  );
  assert.equal(line(taskOf({ status: 'input_required' })), '❓ input_required');
  assert.equal(
    line(taskOf({ status: 'input_required', input_requests: { a: asks('Deploy?'), b: asks('Sure?') } })),
    '❓ input_required: Deploy? (and 1 more)',
  );
  assert.equal(
    line(taskOf({ status: 'cancelled', task_status: { signals: ['stopping'] } })),
    '🚫 cancelled (stopping)',
  );
});

test('the age is that of the state: since its end, since it asked, else since its submit', () => {
  const age = (task: TaskJson) => /(\d+\w ago) +│$/m.exec(boxOf([task]))?.[1];
  assert.equal(age(taskOf({ status: 'pending' })), '2h ago');
  assert.equal(age(taskOf({ status: 'pending', task_status: { status: 'unknown' } })), undefined, 'nothing is known');
  assert.equal(age(taskOf({ status: 'input_required', input_requests: { a: asks('?') } })), '1m ago');
  assert.equal(age(taskOf({ status: 'cancelled', completed_at: '2026-01-31T11:59:50.000Z' })), '10s ago');
  assert.equal(
    age(taskOf({ status: 'cancelled', completed_at: '2026-01-31T12:00:10.000Z' })),
    '0s ago',
    'another clock',
  );
});

test('control characters of users are shown, never sent', () => {
  assert.equal(escaped('a\x1b[31mb\x00\x7f\x9b\r\n\tc'), 'a\\x1b[31mb\\x00\\x7f\\x9b\\r\\n\\tc');
  assert.equal(escaped('\u202eevil\u2066\u2028'), '\\u202eevil\\u2066\\u2028');
  assert.equal(escaped('Grüße, 世界 👩‍👧'), 'Grüße, 世界 👩‍👧');
  assert.ok(taskLine(taskOf({ name: '\x1b]0;owned\x07' })).includes('\\x1b]0;owned\\x07'));
  assert.ok(taskLine(failed('failed', 'first\nsecond')).endsWith('failed: first ...'));
});

test('durations and fractions for a person', () => {
  assert.deepEqual(
    [0, 45.9, 59.99, 60, 125, 3_600, 90_000].map((n) => shortDuration(n)),
    ['0s', '45s', '59s', '1m 0s', '2m 5s', '1h 0m', '1d 1h'],
  );
  assert.deepEqual(
    [12.5, 0, 59.99].map((n) => shortDuration(n, { fine: true })),
    ['12.5s', '0.0s', '59.9s'],
  );
  assert.deepEqual([0, 0.29, 0.45, 0.57, 0.999, 1].map(percent), ['0%', '29%', '45%', '57%', '99%', '100%']);
});

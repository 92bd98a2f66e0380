import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { box, fit } from '#offstage/cli/human/box.js';
import { percent, shortDuration } from '#offstage/cli/human/duration.js';
import { escaped } from '#offstage/cli/human/escape.js';
import { pageBox, taskLine } from '#offstage/cli/human/list.js';
import { statusText } from '#offstage/cli/human/status.js';
import type { TaskPage } from '#offstage/client/index.js';
import type { TaskJson } from '#offstage/wire/task.js';
import { failed, ID, taskOf } from './fake.js';

const pageOf = (...tasks: TaskJson[]): TaskPage => ({
  tasks,
  page: 1,
  page_size: 20,
  total: tasks.length,
  total_exact: true,
  counts: { pending: 0, running: 0, input_required: 0, completed: 0, failed: 0, cancelled: 0 },
  next: null,
});

const EXAMPLE = pageOf(
  taskOf({ name: 'research_task', duration: 45.9, progress: 0.45 }),
  taskOf({ name: 'analysis_task', status: 'completed', task_id: `task_de64a7f0${'1'.repeat(24)}` }),
  { ...failed(), name: 'failed_task', task_id: `task_aa01b2c3${'2'.repeat(24)}` },
);

test('the box is the one of the contract', () => {
  assert.equal(
    pageBox(EXAMPLE, { columns: 80, color: false }),
    [
      '╭─ Background Tasks ──────────────────────────────────────────╮',
      '│  🔄 [9f1c20ab] research_task - running (45s) 45%            │',
      '│  ✅ [de64a7f0] analysis_task - completed                    │',
      '│  ❌ [aa01b2c3] failed_task - failed: model unavailable      │',
      '╰─────────────────────────────────────────────────────────────╯',
    ].join('\n'),
  );
});

test('every row is as wide as the box, in every terminal', () => {
  const long = taskOf({ name: `数据-👩‍👩‍👧-${'x'.repeat(300)}`, status: 'completed' });
  for (const columns of [24, 25, 40, 63, 80, 200, undefined, 0]) {
    const rows = pageBox(pageOf(...EXAMPLE.tasks, long), { columns, color: false }).split('\n');
    const widths = new Set(rows.map((row) => stringWidth(row)));
    assert.deepEqual([...widths], [columns || 80], String(columns));
    assert.match(rows.at(-2) ?? '', /…\s*│$/);
  }
  assert.equal(stringWidth(box('T', ['x'], 10).split('\n')[0] ?? ''), 24, 'not narrower than it can be read');
});

test('a cut never falls into a character', () => {
  assert.equal(fit('abc', 3), 'abc');
  assert.equal(fit('abcd', 3), 'ab…');
  assert.equal(fit('数据库', 4), '数…');
  assert.equal(fit('👩‍👩‍👧👩‍👩‍👧', 3), '👩‍👩‍👧…');
});

test('colour marks the state only, and leaves the text as it is', () => {
  const plain = pageBox(EXAMPLE, { columns: 80, color: false });
  const color = pageBox(EXAMPLE, { columns: 80, color: true });
  assert.ok(color.includes('\x1b[36mrunning\x1b[39m'), color);
  assert.ok(color.includes(' - \x1b[31mfailed\x1b[39m: model'), color);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
  assert.equal(color.replace(/\x1b\[\d+m/g, ''), plain);
  const tricky = pageOf(taskOf({ name: 'a - running', status: 'completed' }));
  assert.ok(pageBox(tricky, { columns: 80, color: true }).includes('a - running - \x1b[32mcompleted\x1b[39m'));
});

test('a line says what there is to know about a state', () => {
  const line = (task: TaskJson) => taskLine(task).replace(/^(\S+) \[9f1c20ab\] my-recipe - /, '$1 ');
  assert.equal(line(taskOf({ status: 'pending', task_status: { kind: 'queued' } })), '⏳ pending');
  assert.equal(line(taskOf({ status: 'pending', task_status: { kind: 'retrying' } })), '⏳ pending (retrying)');
  assert.equal(
    line(taskOf({ status: 'pending', task_status: { kind: 'queued', signals: ['no_worker'] } })),
    '⏳ pending ! no worker',
  );
  assert.equal(line(taskOf({ duration: 3_700 })), '🔄 running (1h 1m)');
  assert.equal(
    line(taskOf({ duration: 1, task_status: { kind: 'overdue', needs_attention: true } })),
    '🔄 running (1s) ! overdue',
  );
  assert.equal(line(taskOf({ status: 'input_required' })), '❓ input_required');
  assert.equal(
    line(taskOf({ status: 'cancelled', task_status: { signals: ['stopping'] } })),
    '🚫 cancelled (stopping)',
  );
});

test('control characters of users are shown, never sent', () => {
  assert.equal(escaped('a\x1b[31mb\x00\x7f\x9b\r\n\tc'), 'a\\x1b[31mb\\x00\\x7f\\x9b\\r\\n\\tc');
  assert.equal(escaped('\u202eevil\u2066\u2028'), '\\u202eevil\\u2066\\u2028');
  assert.equal(escaped('Grüße, 世界 👩‍👧'), 'Grüße, 世界 👩‍👧');
  assert.ok(taskLine(taskOf({ name: '\x1b]0;owned\x07' })).includes('\\x1b]0;owned\\x07'));
  assert.ok(taskLine(failed('failed', 'first\nsecond')).endsWith('failed: first\\nsecond'));
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

const typed = (...words: string[]) => ['background', ...words].join(' ');

test('status prints the lines of the contract and the next command', () => {
  assert.equal(
    statusText(taskOf({ progress: 0.45, duration: 12.5, progress_message: 'step 2 of 4' }), typed),
    [
      `Task: ${ID}`,
      'Status: running',
      'Progress: 45%',
      'Duration: 12.5s',
      'Recipe: my-recipe',
      'Session: session_123',
      'Message: step 2 of 4',
      `Next: background wait ${ID}`,
    ].join('\n'),
  );
});

test('status shows attention, error and worker; a next action this version lacks is not printed', () => {
  const worker = { id: 'w1', pid: 42, host: 'h\x1b', lease_until: '' };
  const task = { ...failed('timeout', 'too\x07 slow'), worker, name: 'other', session_id: null };
  task.task_status = { ...task.task_status, needs_attention: true, display: 'timed_out', next_action: 'no-such-verb' };
  const lines = statusText(task, typed).split('\n');
  assert.deepEqual(lines.slice(5), [
    'Session: -',
    'Name: other',
    'Attention: timed_out',
    'Error: too\\x07 slow (timeout)',
    'Worker: w1, process 42 on h\\x1b',
  ]);
  const kept = statusText(taskOf({ status: 'completed', drop_at: '2026-01-31T12:05:00.000Z' }), typed);
  assert.match(kept, /^Kept until: 2026-(01-31|02-01) \d\d:\d5:00$/m);
  assert.ok(!lines.some((line) => line.startsWith('Kept until')));
  const lonely = taskOf({ status: 'pending', task_status: { next_action: 'worker' } });
  assert.ok(statusText(lonely, typed).endsWith('\nNext: background worker'));
});

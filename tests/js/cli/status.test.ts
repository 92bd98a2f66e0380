/** What `background status` says of a task to a person. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENTS } from '#offstage/cli/groups.js';
import { eventLine } from '#offstage/cli/human/event.js';
import { type Beside, statusText } from '#offstage/cli/human/status.js';
import { localTime } from '#offstage/cli/human/time.js';
import type { TaskJson } from '#offstage/wire/task.js';
import { cli, failed, getting, ID, LACKS_NOTHING, taskOf } from './fake.js';

const NOW = Date.parse('2026-01-31T12:00:00.000Z');
const CREATED = '2026-01-31T10:00:00.000Z';
const typed = (...words: string[]) => ['background', ...words].join(' ');
const linesOf = (task: TaskJson, beside: Partial<Beside> = {}) =>
  statusText(task, { typed, contents: CONTENTS, ...beside }, undefined, NOW).split('\n');

test('status prints the lines of the contract, in its order, and the next command', () => {
  const task = taskOf({
    progress: 0.45,
    duration: 12.5,
    progress_message: 'step 2 of 4',
    progress_data: { files: ['a\u001b'] },
    started_at: '2026-01-31T11:59:00.000Z',
    attempt: 2,
    max_attempts: 3,
  });
  assert.deepEqual(linesOf(task), [
    `Task: ${ID}`,
    'Status: running',
    'Progress: 45%',
    'Duration: 12.5s',
    'Recipe: my-recipe',
    'Session: session_123',
    'Message: step 2 of 4',
    'Data: {"files":["a\\u001b"]}',
    `Created: ${localTime(CREATED)} (2h ago)`,
    `Started: ${localTime('2026-01-31T11:59:00.000Z')} (1m ago)`,
    'Attempt: 2 of 3',
    `Next: background wait ${ID}`,
  ]);
});

test('a scheduled start, and an end', () => {
  const run_at = '2026-01-31T12:05:00.000Z';
  const scheduled = linesOf(taskOf({ status: 'pending', run_at, attempt: 0, task_status: { kind: 'scheduled' } }));
  assert.deepEqual(scheduled.slice(6, 8), [
    `Created: ${localTime(CREATED)} (2h ago)`,
    `Starts: ${localTime(run_at)} (in 5m)`,
  ]);
  assert.ok(!scheduled.some((line) => /^(Started|Ended|Attempt)/.test(line)));
  const completed_at = '2026-01-31T11:59:30.000Z';
  const ended = linesOf(taskOf({ status: 'completed', run_at, completed_at, attempt: 4, drop_at: run_at }));
  assert.ok(ended.includes(`Ended: ${localTime(completed_at)} (30s ago)`));
  assert.ok(ended.includes('Attempt: 4 of 4'), 'attempts that do not count make it more than it may have');
  assert.ok(ended.includes(`Kept until: ${localTime(run_at)}`));
  assert.ok(!ended.some((line) => line.startsWith('Starts')));
});

test('who cancelled it, and why', async () => {
  const task = taskOf({ status: 'cancelled' });
  const line = (by: NonNullable<Beside['cancellation']>['by'], reason: string | null = null) =>
    linesOf(task, { cancellation: { by, reason } }).find((one) => one.startsWith('Cancelled'));
  assert.equal(line('caller', 'seen\x1b enough'), 'Cancelled: by request: seen\\x1b enough');
  assert.equal(line('caller'), 'Cancelled: by request');
  assert.equal(line('parent'), 'Cancelled: with its parent');
  assert.equal(line('session'), 'Cancelled: by a newer task of its session');
  assert.equal(line('clear'), 'Cancelled: by clear --all');
  assert.equal(line('answer'), 'Cancelled: by the answer to its question');
  const cancellation = async () => ({ by: 'caller' as const, reason: 'no' });
  const shown = await cli(['background', 'status', ID], { verbs: { ...getting(task), cancellation } });
  assert.match(shown.stdout, /^Cancelled: by request: no$/m);
  const json = await cli(['background', 'status', ID, '--json'], { verbs: { ...getting(task), cancellation } });
  assert.ok(!json.calls.some(([verb]) => verb === 'cancellation'));
});

test('an error with its causes, those that it gathers, and lines of a message below each other', () => {
  const cause = {
    name: 'TypeError',
    message: 'fetch failed',
    cause: { name: 'AggregateError', message: '', code: 'E_X' },
  };
  const errors = [{ name: 'RangeError', message: 'one\ntwo' }, 'no error', { name: 7, message: 'x' }];
  const task = taskOf({
    status: 'failed',
    error: {
      code: 'failed',
      name: 'Error',
      message: 'no\x07 answer\nat all\n',
      retryable: true,
      details: { cause, errors },
    },
  });
  const lines = linesOf(task);
  assert.deepEqual(lines.slice(lines.findIndex((line) => line.startsWith('Error'))).slice(0, 7), [
    'Error: no\\x07 answer (failed)',
    '  at all',
    '  Cause: TypeError: fetch failed',
    '    Cause: AggregateError (E_X)',
    '  Cause: RangeError: one',
    '    two',
    '  Cause: Error: x',
  ]);
});

test('attention, questions, relatives and worker; a next action this version lacks is not printed', () => {
  const worker = { id: 'w1', pid: 42, host: 'h\x1b', lease_until: '' };
  const task = { ...failed('timeout', 'too\x07 slow'), worker, name: 'other', session_id: null };
  task.input_requests = { go: { message: 'Deploy?', requested_at: CREATED } };
  task.parent_id = 'task_parent';
  task.retried_from = 'task_before';
  task.task_status = { ...task.task_status, needs_attention: true, display: 'timed_out', next_action: 'no-such-verb' };
  assert.deepEqual(linesOf(task).slice(5), [
    'Session: -',
    'Name: other',
    `Created: ${localTime(CREATED)} (2h ago)`,
    'Attempt: 1 of 1',
    'Error: too\\x07 slow (timeout)',
    'Asks: go: Deploy?',
    'Retry of: task_before',
    'Parent: task_parent',
    'Worker: w1, process 42 on h\\x1b',
    'Attention: timed_out',
  ]);
  const lonely = taskOf({ status: 'pending', task_status: { next_action: 'worker' } });
  assert.equal(linesOf(lonely).at(-1), 'Next: background worker');
});

test('missing variables are told once', () => {
  const task = taskOf({
    status: 'pending',
    warnings: ['no living worker has KEY_A, KEY_B: start one where that is set'],
    task_status: { next_action: 'worker' },
  });
  const lines = (env: string[]) =>
    linesOf(task, { lacks: { ...LACKS_NOTHING, env } }).filter((line) => /^(Warning|Needs)/.test(line));
  const [warning] = task.warnings as [string];
  assert.deepEqual(lines(['KEY_A', 'KEY_B']), [`Warning: ${warning}; not set here: KEY_A, KEY_B`]);
  assert.deepEqual(lines(['KEY_B']), [`Warning: ${warning}; not set here: KEY_B`]);
  assert.deepEqual(lines([]), [`Warning: ${warning}`]);
  assert.deepEqual(lines(['OTHER']), [`Warning: ${warning}`, 'Needs: OTHER: not set here']);
});

for (const [env, plain] of [
  [{}, false],
  [{ LANG: 'en_US.UTF-8' }, false],
  [{ LANG: 'C' }, true],
  [{ LANG: 'C.UTF-8', LC_ALL: 'POSIX' }, true],
  [{ LANG: 'C', LC_CTYPE: 'C.utf8' }, false],
  [{ LANG: 'de_DE', LC_ALL: '' }, true],
  [{ LANG: 'C.UTF-8', TERM: 'dumb' }, true],
] as const) {
  test(`list and status with ${JSON.stringify(env)} are ${plain ? 'plain ASCII' : 'as usual'}`, async () => {
    const task = { ...failed(), completed_at: CREATED };
    const list = async () => ({
      tasks: [task],
      page: 1,
      page_size: 20,
      total: 1,
      total_exact: true,
      counts: {} as never,
      next: null,
    });
    const verbs = { ...getting(task), list };
    const listed = (await cli(['background', 'list'], { verbs, env, tty: true, columns: 60 })).stdout;
    const shown = (await cli(['background', 'status', ID], { verbs, env, tty: true, columns: 60 })).stdout;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what is no ASCII is looked for
    assert.equal(/^[\x00-\x7f]*$/.test(listed), plain, listed);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what is no ASCII is looked for
    assert.match(shown, /^[\x00-\x7f]*$/);
    assert.equal(listed.includes('\x1b['), !('TERM' in env), 'a dumb terminal has no colours');
  });
}

test('an error, too, is what the locale can show', async () => {
  const name = `${'ü'.repeat(100)}`;
  const stderr = async (env: NodeJS.ProcessEnv) => (await cli(['background', 'list', '--since', name], { env })).stderr;
  assert.match(await stderr({}), /ü/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is no ASCII is looked for
  assert.match(await stderr({ LANG: 'C' }), /^error: --since: got "\\u\{fc\}[\x00-\x7f]*$/);
});

test('an event stands at its time on this wall, with the name of its task where there are several', () => {
  const event = { task_id: ID, seq: 7, at: CREATED, kind: 'log' as const, data: { line: 'a\x1bb' } };
  assert.equal(eventLine(event), `${localTime(CREATED)}    7 log a\\x1bb`);
  assert.equal(eventLine(event, undefined, 'my task'), `${localTime(CREATED)} [9f1c20ab] my task    7 log a\\x1bb`);
});

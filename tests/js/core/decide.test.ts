import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Command,
  type Decided,
  decide,
  dropAt,
  newTaskId,
  type Spec,
  submit,
  submitStarted,
  view,
} from '#offstage/core/index.js';
import { isTaskError } from '#offstage/errors/index.js';

const NOW = 1_700_000_000_000;
const alive = { owner: 'alive', lease_until: null, runnable: true } as const;

const create = (spec: Partial<Spec> = {}) => submit({ name: 'report', ...spec }, newTaskId(), NOW);
const put = (task: Decided, command: Command, at = NOW, chance = 0.5) => decide(task.record, command, at, chance);
const kinds = (task: Decided) => task.events.map(({ kind }) => kind);
const start: Command = { command: 'start', worker: 'w1' };

/** What the call throws, as plain data. */
function thrown(call: () => unknown): { name: string; code: string; message: string; details?: unknown } {
  try {
    call();
  } catch (error) {
    assert.ok(isTaskError(error), `not a TaskError: ${error}`);
    return error.toJSON();
  }
  assert.fail('nothing was thrown');
}

test('a task goes from submitted to completed, with what a store writes at each step', () => {
  const id = newTaskId();
  const fresh = submit(
    { name: 'report', recipe: 'r', session_id: 's', priority: 5, delay_ms: 250, ttl_ms: 50 },
    id,
    NOW,
  );
  assert.deepEqual(kinds(fresh), ['submitted']);
  assert.equal(fresh.changed, true);
  assert.deepEqual(fresh.columns, {
    status: 'pending',
    recipe: 'r',
    name: 'report',
    session_id: 's',
    parent_id: null,
    priority: 5,
    held: false,
    run_at: NOW + 250,
    head: false,
    due_at: NOW + 300,
    worker: null,
    completed_at: null,
    idempotency_key: null,
  });
  assert.deepEqual(JSON.parse(fresh.events[0]?.data ?? ''), {
    name: 'report',
    recipe: 'r',
    session_id: 's',
    priority: 5,
    max_attempts: 1,
    run_at: NOW + 250,
    ttl_ms: 50,
  });
  assert.equal(fresh.drop_at, null);

  const running = put(fresh, start, NOW + 250);
  assert.deepEqual([running.status, running.columns.worker], ['running', 'w1']);
  const [event] = running.events;
  assert.deepEqual([event?.seq, event?.at, event?.kind], [2, NOW + 250, 'started']);
  assert.deepEqual(JSON.parse(event?.data ?? ''), { worker: 'w1', attempt: 1, epoch: 1, resume: false });

  const done = put(running, { command: 'succeed', attempt: 1, epoch: 1 }, NOW + 1250);
  assert.deepEqual([done.status, done.columns.worker, done.columns.completed_at], ['completed', null, NOW + 1250]);
  assert.equal(view(done.record, alive, NOW + 99_999).duration, 1);
  assert.equal(view(fresh.record, alive, NOW).duration, null);
  assert.equal(dropAt(done.record, NOW + 2000), NOW + 2000 + 3_600_000);
  assert.equal(dropAt(done.record, null), NOW + 1250 + 30 * 24 * 3_600_000);
  assert.deepEqual([running.drop_at, done.drop_at], [null, dropAt(done.record, null)]);
  assert.equal(dropAt(running.record, NOW), null);
});

test("of the first record its event tells what is not as always, and nothing that is nobody's business", () => {
  const parent = newTaskId();
  const more = {
    parent_id: parent,
    on_lost: 'retry',
    run_at: NOW + 9,
    timeout_ms: 7,
    idempotency_key: 'k',
    retried_from: parent,
  } as const;
  const { events } = create({ ...more, source: { secret: 1 }, digest: 'd', carried: { deliver: [] } });
  assert.equal(
    events[0]?.data,
    JSON.stringify({
      name: 'report',
      recipe: '',
      parent_id: parent,
      max_attempts: 4,
      on_lost: 'retry',
      run_at: NOW + 9,
      timeout_ms: 7,
      idempotency_key: 'k',
      retried_from: parent,
    }),
  );
});

test('a task that starts at once is what a start makes of a new one, and tells both', () => {
  const id = newTaskId();
  const spec = { name: 'report', source: { text: '\u0000 \ud83d\ude00' }, timeout_ms: 50 };
  const fresh = submit(spec, id, NOW);
  const started = decide(fresh.record, start, NOW);
  const { created, ...both } = submitStarted(spec, id, NOW, 'w1');
  assert.deepEqual(both, { ...started, events: [...fresh.events, ...started.events] });
  assert.equal(created, fresh.record);
  const error = thrown(() => submitStarted({ name: '' }, id, NOW, 'w1'));
  assert.deepEqual(
    error,
    thrown(() => submit({ name: '' }, id, NOW)),
  );
  assert.match(thrown(() => submitStarted({ name: 'x', delay_ms: 5 }, id, NOW, 'w1')).message, /it is not due yet/);
});

test('a command with nothing to do changes nothing', () => {
  const cancelled = put(create(), { command: 'cancel' });
  const again = put(cancelled, { command: 'cancel' });
  assert.deepEqual([again.changed, again.events, again.status], [false, [], 'cancelled']);
  assert.deepEqual(JSON.parse(again.record), JSON.parse(cancelled.record));
});

test('a failed attempt waits for its retry by the chance that is given', () => {
  const running = put(create({ retries: 1 }), start);
  const error = { code: 'failed', name: 'Error', message: 'it broke', retryable: true };
  const at = (chance: number) =>
    put(running, { command: 'fail', attempt: 1, epoch: 1, error }, NOW, chance).columns.run_at;
  assert.deepEqual([at(0), at(0.5)], [NOW + 500, NOW + 750]);
  const told: Command = { command: 'fail', attempt: 1, epoch: 1, error, retry_in_ms: 7 };
  assert.equal(put(running, told).columns.run_at, NOW + 7);
});

test('without a chance the wait is random and within its bounds', () => {
  const running = put(create({ retries: 1 }), start);
  const error = { code: 'failed', name: 'Error', message: 'it broke', retryable: true };
  const waits = Array.from({ length: 50 }, () => {
    const { columns } = decide(running.record, { command: 'fail', attempt: 1, epoch: 1, error }, NOW);
    return (columns.run_at ?? 0) - NOW;
  });
  assert.ok(waits.every((wait) => wait >= 500 && wait <= 1000));
  assert.ok(new Set(waits).size > 10, `hardly random: ${waits}`);
});

test('what users give is kept as it is: order of keys, fractions, escapes, NUL', () => {
  const source = { z: 1.5, a: [0.1, 1e21, null, false, ''], text: 'line\n"quoted" \u0000 \u2028 😀' };
  const record = JSON.parse(create({ source }).record);
  assert.equal(JSON.stringify(record.source), JSON.stringify(source));
  const running = put(create(), start);
  const chunk = { b: { d: 1, c: 2 }, a: '\u0000' };
  const [event] = put(running, { command: 'output', attempt: 1, epoch: 1, chunk }).events;
  assert.equal(JSON.stringify(JSON.parse(event?.data ?? '').chunk), JSON.stringify(chunk));
});

test('a use of a tool and a warning are events that hold what was told', () => {
  const running = put(create(), start);
  const tool = { step: '1.a', call: '1.1', name: 't', ok: true, ms: 12.5 };
  const warning = { reason: 'length', message: 'cut' };
  const [used] = put(running, { command: 'tool', attempt: 1, epoch: 1, ...tool }).events;
  const [warned] = put(running, { command: 'warning', attempt: 1, epoch: 1, ...warning }).events;
  assert.deepEqual([used?.kind, JSON.parse(used?.data ?? '')], ['tool', tool]);
  assert.deepEqual([warned?.kind, JSON.parse(warned?.data ?? '')], ['warning', warning]);
});

test('attention tells what to do next', () => {
  const queued = create();
  assert.deepEqual(view(queued.record, alive, NOW).attention, {
    status: 'pending',
    kind: 'queued',
    display: 'queued',
    blocked: false,
    terminal: false,
    needs_attention: false,
    next_action: 'wait',
    recovered: false,
    signals: [],
  });
  assert.deepEqual(view(queued.record, { ...alive, runnable: false }, NOW).attention.signals, ['no_worker']);
  assert.deepEqual(view(queued.record, { ...alive, tools_narrowed: true }, NOW).attention.signals, ['tools_narrowed']);
  const gone = view(put(queued, start).record, { ...alive, owner: 'gone' }, NOW).attention;
  assert.deepEqual([gone.kind, gone.next_action, gone.signals], ['overdue', 'recover', ['overdue']]);
});

test('a record that cannot be read is unknown, and no command changes it', () => {
  const broken = view('{"broken', alive, NOW);
  assert.deepEqual([broken.attention.kind, broken.attention.next_action], ['unknown', 'status']);
  assert.equal(broken.duration, null);
  assert.equal(thrown(() => decide('{"broken', { command: 'cancel' }, NOW)).code, 'unreadable');
});

test('what the state does not allow is a ConflictError', () => {
  const error = thrown(() => put(put(create(), start), start));
  assert.deepEqual([error.name, error.code], ['ConflictError', 'conflict']);
  assert.match(error.message, /cannot start: it is running, expected pending/);
  assert.deepEqual(error.details, { status: 'running' });
});

test('what cannot be used is an InvalidArgumentError that names option, value and expectation', () => {
  const cases: [() => unknown, RegExp][] = [
    [() => create({ name: '' }), /^name: got 0 characters, expected 1 to 200 characters$/],
    [() => create({ timeout_ms: -1 }), /^timeout_ms: got -1, expected milliseconds from 0/],
    [() => create({ timeout_ms: Number.NaN }), /^timeout_ms: got NaN, expected a finite number$/],
    [() => create({ delay_ms: Number.POSITIVE_INFINITY }), /^delay_ms: got Infinity, expected a finite number$/],
    [() => create({ backoff: { factor: Number.NaN } }), /^backoff.factor: got NaN, expected a finite number$/],
    [() => create({ backoff: { jitter: 2 } }), /^backoff.jitter: got 2, expected a number from 0 to 1$/],
    [() => create({ retries: 1.5 }), /^retries: got 1.5, expected a whole number from 0 to 1000$/],
    [() => create({ priority: 0.5 }), /^priority: got 0.5, expected a whole number/],
    [() => create({ delay_ms: 1, run_at: NOW }), /^run_at: got 1700000000000, expected delay_ms or run_at, not both$/],
    [() => create({ parent_id: 'task_1' }), /^parent_id: got "task_1", expected "task_" and 32/],
    [() => create({ source: 1n }), /^spec: cannot be JSON: /],
    [() => create({ name: 5 as unknown as string }), /^spec: invalid type: integer `5`, expected a string/],
    [() => submit({ name: 'x' }, 'task_1', NOW), /^id: got "task_1"/],
    [() => submit({ name: 'x' }, newTaskId(), Number.NaN), /^now: got NaN, expected milliseconds since 1970$/],
    [() => put(create(), { command: 'pause' } as unknown as Command), /unknown variant `pause`/],
    [() => put(create(), { command: 'start' } as unknown as Command), /^command: missing field `worker`$/],
  ];
  for (const [call, message] of cases) {
    const error = thrown(call);
    assert.deepEqual([error.name, error.code], ['InvalidArgumentError', 'invalid_argument']);
    assert.match(error.message, message);
  }
});

test('progress that is not a number keeps the last one', () => {
  const running = put(put(create(), start), { command: 'progress', attempt: 1, epoch: 1, fraction: 0.45 });
  const after = put(running, { command: 'progress', attempt: 1, epoch: 1, fraction: Number.NaN, message: '0 of 0' });
  const { progress, progress_message } = JSON.parse(after.record);
  assert.deepEqual([progress, progress_message], [0.45, '0 of 0']);
});

test('a refusal leaves the core alive', () => {
  for (let n = 0; n < 100; n += 1) thrown(() => create({ name: '' }));
  assert.equal(create().status, 'pending');
});

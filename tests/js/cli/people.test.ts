import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localTime } from '#offstage/cli/human/time.js';
import type { Verbs } from '#offstage/client/index.js';
import type { RecoveryJson } from '#offstage/wire/answers.js';
import { cli, document, ID, OTHER, taskOf } from './fake.js';

const asking = taskOf({
  status: 'input_required',
  input_requests: {
    'ok?': {
      message: 'Publish\u001b[2J?',
      schema: { type: 'boolean' },
      expires_at: '2026-02-01T00:00:00.000Z',
      requested_at: '2026-01-31T10:00:00.000Z',
    },
  },
});
const answered = taskOf({ status: 'pending' });
const respond: Verbs['respond'] = async () => answered;
const get: Verbs['get'] = async () => [asking];

for (const [argv, answer] of [
  [['--accept', '{"a":[1]}'], { action: 'accept', content: { a: [1] } }],
  [['--accept', 'no JSON'], { action: 'accept', content: 'no JSON' }],
  [['--accept', 'null'], { action: 'accept', content: null }],
  [['--accept=-1'], { action: 'accept', content: -1 }],
  [['--decline'], { action: 'decline' }],
  [['--cancel'], { action: 'cancel' }],
] as const) {
  test(`respond ${argv.join(' ')} answers and prints the task`, async () => {
    const ran = await cli(['background', 'respond', ID, 'ok?', ...argv, '--json'], { verbs: { respond, get } });
    assert.deepEqual(document(ran), { ok: true, ...answered });
    assert.deepEqual(ran.calls.at(-1), ['respond', ID, 'ok?', answer]);
    assert.equal(ran.code, 0);
  });
}

test('with --id the only argument is the key', async () => {
  const ran = await cli(['background', 'respond', 'k', '--id', ID, '--decline'], { verbs: { respond } });
  assert.deepEqual(ran.calls.at(-1), ['respond', ID, 'k', { action: 'decline' }]);
  const both = await cli(['background', 'respond', ID, 'k', '--id', ID, '--decline'], { verbs: { respond } });
  assert.deepEqual(both.calls.at(-1), ['respond', ID, 'k', { action: 'decline' }]);
  assert.equal(both.stdout, `Answered k of ${ID}, which is pending now\n`);
});

test('respond without a key shows what is asked and changes nothing', async () => {
  const ran = await cli(['background', 'respond', ID], { verbs: { get } });
  assert.deepEqual(ran.stdout.trimEnd().split('\n'), [
    'ok?: Publish\\x1b[2J?',
    '  expects {"type":"boolean"}',
    `  until ${localTime('2026-02-01T00:00:00.000Z')}`,
    `  offstage background respond ${ID} 'ok?' --accept JSON`,
  ]);
  const json = await cli(['background', 'respond', ID, '--json'], { verbs: { get } });
  assert.deepEqual(document(json), { ok: true, ...asking });
  const nothing = await cli(['background', 'respond', ID], { verbs: { get: async () => [answered] } });
  assert.equal(nothing.stdout, 'Nothing is asked\n');
});

test('retry prints what submit prints, plus the task that it repeats', async () => {
  const retry: Verbs['retry'] = async () => taskOf({ status: 'pending', retried_from: OTHER });
  const ran = await cli(['background', 'retry', OTHER, '--json'], { verbs: { retry } });
  assert.deepEqual(document(ran), {
    ok: true,
    task_id: ID,
    taskId: ID,
    recipe: 'my-recipe',
    session_id: 'session_123',
    status: 'pending',
    retried_from: OTHER,
  });
  assert.deepEqual(ran.calls, [
    ['resolve', OTHER],
    ['retry', OTHER, {}],
  ]);
  const human = await cli(['background', 'retry', '--id', OTHER], { verbs: { retry } });
  assert.equal(human.stdout, `${ID}\n`);
  assert.match(human.stderr, new RegExp(`^Wait: +offstage background wait ${ID}$`, 'm'));
});

const became = (result: RecoveryJson['result'], status: RecoveryJson['status']): RecoveryJson => ({
  task_id: ID,
  result,
  status,
});

test('recover passes its switches on and prints what became of each task', async () => {
  const tasks = [became('applied', 'failed')];
  const recover: Verbs['recover'] = async () => tasks;
  const one = await cli(['background', 'recover', ID, '--force', '--retry', '--json'], { verbs: { recover } });
  assert.deepEqual(document(one), { ok: true, tasks });
  assert.deepEqual(one.calls, [
    ['resolve', ID],
    ['recover', ID, { force: true, retry: true, dryRun: false }],
  ]);
  const all = await cli(['background', 'recover', '--all', '--dry-run'], { verbs: { recover } });
  assert.deepEqual(all.calls, [['recover', { all: true }, { force: false, retry: false, dryRun: true }]]);
  const none = await cli(['background', 'recover', '--all'], { verbs: { recover: async () => [] } });
  assert.deepEqual([none.stdout, none.code], ['Nothing to recover\n', 0]);
});

for (const [task, text, hint] of [
  [became('applied', 'pending'), `Recovered ${ID}, which is pending now`, ''],
  [became('would_apply', 'running'), `Would recover ${ID}, which is running`, ''],
  [became('skipped_state_changed', 'failed'), `Skipped ${ID}: it was decided meanwhile, and is failed`, ''],
  [
    became('skipped_not_recoverable', 'failed'),
    `Skipped ${ID}: it is failed`,
    `Run it again: offstage background retry ${ID}\n`,
  ],
  [
    became('skipped_not_recoverable', 'running'),
    `Skipped ${ID}: it is running and not overdue`,
    `Take it away all the same: offstage background recover ${ID} --force\n`,
  ],
  [became('skipped_not_recoverable', 'pending'), `Skipped ${ID}: it is pending`, ''],
] as const) {
  test(`recover says for a person: ${task.result}, ${task.status}`, async () => {
    const ran = await cli(['background', 'recover', ID], { verbs: { recover: async () => [task] } });
    assert.deepEqual([ran.stdout, ran.stderr, ran.code], [`${text}\n`, hint, 0]);
  });
}

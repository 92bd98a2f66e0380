import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TaskJson } from '#offstage/wire/task.js';
import { Project, until } from '../js/client/project.js';

type Doc = TaskJson & { taskId: string };

test('submitted in one process, asked, listed, waited for and read in others', async (t) => {
  const project = new Project(t);
  const until_ = project.file('go');
  const submitted = await project.json<Doc>(
    'background',
    'submit',
    '--recipe',
    'waits',
    '--input',
    JSON.stringify({ until: until_ }),
  );
  const id = submitted.task_id;
  assert.deepEqual([submitted.ok, submitted.taskId, submitted.recipe, submitted.exit], [true, id, 'waits', 0]);
  await until(async () => (await project.json<Doc>('background', 'status', id)).progress === 0.25);
  const status = await project.json<Doc>('background', 'status', id.slice(5, 13));
  assert.deepEqual(
    [status.status, status.progress_message, status.task_status.kind],
    ['running', 'waiting', 'running'],
  );
  const early = await project.json('background', 'result', id);
  assert.deepEqual([early.ok, early.code, early.exit], [false, 'not_finished', 4]);
  const timedOut = await project.json<{ wait_status: string }>('background', 'wait', id, '--timeout', '0.05');
  assert.deepEqual([timedOut.wait_status, timedOut.exit], ['timeout', 5]);
  writeFileSync(until_, '');
  const waited = await project.json<Doc & { wait_status: string }>('background', 'wait', id);
  assert.deepEqual([waited.wait_status, waited.status, waited.result, waited.exit], ['ok', 'completed', 'seen', 0]);
  const list = await project.json<{ tasks: Doc[]; total: number }>('background', 'list', '--status', 'done');
  assert.deepEqual([list.tasks.map((task) => task.task_id), list.total], [[id], 1]);
  assert.equal((await project.run('background', 'result', id)).stdout, 'seen\n');
  const again = await project.json<{ cancelled: boolean }>('background', 'cancel', id);
  assert.deepEqual([again.ok, again.cancelled, again.exit], [true, false, 0]);
});

test('twenty processes at once: all are served, none meets a lock, one worker runs', async (t) => {
  const project = new Project(t);
  const submits = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      project.json<Doc>('background', 'submit', '--recipe', 'echo', '--input', `{"value":${n}}`),
    ),
  );
  for (const submit of submits) assert.deepEqual([submit.ok, submit.exit], [true, 0], JSON.stringify(submit));
  assert.equal(new Set(submits.map(({ task_id }) => task_id)).size, 20);
  const waits = await Promise.all(submits.map(({ task_id }) => project.json<Doc>('background', 'wait', task_id)));
  assert.deepEqual(
    waits.map(({ ok, result, exit }) => [ok, result, exit]),
    waits.map((_, n) => [true, n, 0]),
  );
  assert.equal(new Set(waits.map(({ task_id }) => task_id)).size, 20);
  const list = await project.json<{ tasks: Doc[]; counts: Record<string, number> }>('background', 'list');
  assert.equal(list.counts.completed, 20);
  const log = readFileSync(project.file('.offstage/worker.log'), 'utf8');
  assert.equal(log.match(/ready/g)?.length, 1, log);
});

for (const [recipe, how] of [
  ['stubborn', 'ignores its signal'],
  ['blocked', 'sits in a blocking call of a child of its own'],
] as const) {
  test(`a recipe that ${how} is really stopped by a cancel from another process`, async (t) => {
    const project = new Project(t);
    const file = project.file('trace');
    const { task_id } = await project.json<Doc>(
      'background',
      'submit',
      '--recipe',
      recipe,
      '--input',
      JSON.stringify({ file }),
    );
    await until(() => existsSync(file) && readFileSync(file, 'utf8').length > 20);
    const worked = [...new Set(readFileSync(file, 'utf8').trim().split('\n'))].map(Number);
    const cancel = await project.json<Doc & { cancelled: boolean }>('background', 'cancel', task_id, '--wait');
    assert.deepEqual([cancel.ok, cancel.cancelled, cancel.status, cancel.exit], [true, true, 'cancelled', 0]);
    const after = readFileSync(file, 'utf8').length;
    for (const pid of worked) assert.equal(project.processes().includes(pid), false, `process ${pid} still works`);
    const status = await project.json<Doc>('background', 'status', task_id);
    assert.equal(status.status, 'cancelled');
    assert.notEqual(status.stopped_at, null);
    assert.equal(readFileSync(file, 'utf8').length, after, 'side effects go on');
    const waited = await project.json<Doc>('background', 'wait', task_id);
    assert.deepEqual([waited.ok, waited.exit], [true, 8]);
  });
}

test('the worker is killed with -9: the next read decides the task, and its whole group is gone', async (t) => {
  const project = new Project(t);
  const file = project.file('trace');
  const input = JSON.stringify({ file });
  const { task_id } = await project.json<Doc>('background', 'submit', '--recipe', 'blocked', '--input', input);
  await until(() => existsSync(file));
  const running = await project.json<Doc>('background', 'status', task_id);
  assert.equal(running.status, 'running');
  process.kill((running.worker as { pid: number }).pid, 'SIGKILL');
  const status = await project.json<Doc>('background', 'status', task_id);
  assert.deepEqual([status.status, status.error?.code], ['failed', 'lost']);
  assert.deepEqual([status.task_status.kind, status.task_status.next_action], ['lost', 'retry']);
  assert.deepEqual(project.processes(), []);
  const { length } = readFileSync(file, 'utf8');
  const waited = await project.json<Doc>('background', 'wait', task_id);
  assert.deepEqual([waited.ok, waited.exit], [true, 3]);
  assert.equal(readFileSync(file, 'utf8').length, length, 'side effects go on');
});

test('the worker survives the end of the session that started it, and ends when idle', async (t) => {
  const project = new Project(t);
  const { task_id } = await project.json<Doc>('background', 'submit', '--recipe', 'echo', '--input', '{"value":1}');
  await project.json('background', 'wait', task_id);
  const [worker] = await until(() => project.workers());
  assert.ok(worker);
  const session = Number(readFileSync(`/proc/${worker}/stat`, 'latin1').split(') ')[1]?.split(' ')[3]);
  assert.equal(session, worker, 'it leads a session of its own, so no terminal ends it');
  process.kill(worker, 'SIGHUP');
  assert.equal((await project.json<Doc>('background', 'submit', '--recipe', 'echo', '--wait')).exit, 0);
  assert.deepEqual(project.workers(), [worker], 'it is still there after a hang-up');
});

/** The main job where processes are told apart by ps(1) and there is no `/proc`: macOS, simulated. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TaskJson } from '#offstage/wire/task.js';
import { until } from '../js/client/project.js';
import { Faked } from '../js/platform/faked.js';

type Doc = TaskJson & { wait_status: string };

const submit = (project: Faked, recipe: string, input: object) =>
  project.json<Doc>('background', 'submit', '--recipe', recipe, '--input', JSON.stringify(input));
const status = (project: Faked, id: string) => project.json<Doc>('background', 'status', id);

/** A task of `blocked`, whose child of its own writes to the file, with all processes that work for it. */
async function working(project: Faked): Promise<{ id: string; file: string; worker: number }> {
  const file = project.file('trace');
  const { task_id: id } = await submit(project, 'blocked', { file });
  await until(() => existsSync(file));
  return { id, file, worker: ((await status(project, id)).worker as { pid: number }).pid };
}

test('macOS: submitted in one process, run by a worker that outlives it, waited for in another', async (t) => {
  const project = new Faked(t, 'darwin');
  const tasks = [];
  for (const value of [1, 2, 3]) tasks.push(await submit(project, 'echo', { value }));
  for (const [index, { task_id }] of tasks.entries()) {
    const waited = await project.json<Doc>('background', 'wait', task_id);
    assert.deepEqual([waited.exit, waited.status, waited.result], [0, 'completed', index + 1], JSON.stringify(waited));
  }
  assert.equal(project.workers().length, 1, 'one worker served all of them');
  const row = readFileSync(project.file('.offstage/worker.log'), 'utf8');
  assert.equal(row.match(/"ready"/g)?.length, 1, row);
});

test('macOS: a cancel from another process ends the whole group', async (t) => {
  const project = new Faked(t, 'darwin');
  const { id, file } = await working(project);
  const cancelled = await project.json<Doc & { cancelled: boolean }>('background', 'cancel', id, '--wait');
  assert.deepEqual([cancelled.ok, cancelled.cancelled, cancelled.status], [true, true, 'cancelled']);
  const { length } = readFileSync(file, 'utf8');
  const [pid] = readFileSync(file, 'utf8').split('\n');
  assert.equal(project.processes().includes(Number(pid)), false, 'its child still works');
  assert.notEqual((await status(project, id)).stopped_at, null);
  assert.equal(readFileSync(file, 'utf8').length, length, 'side effects go on');
});

test('macOS: a worker is killed with -9: the next read decides its task, and the group that it led is gone', async (t) => {
  const project = new Faked(t, 'darwin');
  const { id, file, worker } = await working(project);
  process.kill(worker, 'SIGKILL');
  const lost = await status(project, id);
  assert.deepEqual([lost.status, lost.error?.code, lost.task_status.kind], ['failed', 'lost', 'lost']);
  const { length } = readFileSync(file, 'utf8');
  await until(() => project.processes().length === 0);
  assert.equal((await project.json<Doc>('background', 'wait', id)).exit, 3);
  assert.equal(readFileSync(file, 'utf8').length, length, 'side effects go on');
});

test('macOS: a worker that is stopped lives: nothing is taken away from it', async (t) => {
  const project = new Faked(t, 'darwin');
  const { id, worker } = await working(project);
  process.kill(worker, 'SIGSTOP');
  try {
    assert.equal((await status(project, id)).status, 'running');
  } finally {
    process.kill(worker, 'SIGCONT');
  }
  assert.equal((await project.json<Doc>('background', 'cancel', id, '--wait')).status, 'cancelled');
});

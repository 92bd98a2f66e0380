/** Taking an attempt away from a worker that does not answer. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { isLive, membersOf, Scene, until } from './scene.js';

interface Recovered {
  tasks: { task_id: string; result: string; status: string }[];
  exit: number;
}

const recover = (scene: Scene, ...args: string[]): Promise<Recovered> =>
  scene.project.json<Recovered>('background', 'recover', ...args);

/** A task that hangs in a blocking call, in a worker that is stopped and whose lease is over. */
async function hanging(t: TestContext, ...flags: string[]) {
  const scene = new Scene(t);
  const id = await scene.submit('deaf', ...flags);
  await scene.written('runs');
  const pid = scene.runPid();
  await until(() => membersOf(pid).length >= 2);
  const worker = (await scene.status(id)).worker as { id: string; pid: number };
  await scene.pause(worker.pid);
  assert.deepEqual((await recover(scene, id)).tasks, [
    { task_id: id, result: 'skipped_not_recoverable', status: 'running' },
  ]);
  scene.endLease(worker.id);
  assert.equal((await scene.status(id)).task_status.next_action, 'recover');
  return { scene, id, pid, worker };
}

/** Lets the worker go on, until it has told that its attempt is over for it. */
async function goesOn(scene: Scene, id: string, worker: { id: string; pid: number }): Promise<void> {
  const over = ['"finished"', worker.id, id];
  process.kill(worker.pid, 'SIGCONT');
  await until(() => scene.lines('.offstage/worker.log').some((line) => over.every((text) => line.includes(text))));
}

/**
 * Who of the group slept, as its code does while nobody holds it, when the task was first seen to run no more. What is held is
 * stopped; what is being killed may run for a moment.
 */
async function sleepersAtChange(scene: Scene, id: string, pid: number): Promise<number[]> {
  await until(() => JSON.parse(scene.stored(id).record).status !== 'running');
  return membersOf(pid).filter((member) => stateOf(member) === 'S');
}

/** As /proc tells it; undefined when it is gone. */
function stateOf(pid: number): string | undefined {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

test('recover holds the whole group still before it decides, and ends it; a second one finds nothing to do', async (t) => {
  const { scene, id, pid, worker } = await hanging(t);
  const before = scene.stored(id);
  const dry = await recover(scene, id, '--dry-run');
  assert.deepEqual([dry.tasks, dry.exit], [[{ task_id: id, result: 'would_apply', status: 'running' }], 0]);
  assert.deepEqual(scene.stored(id), before);
  assert.ok(membersOf(pid).length >= 2, 'nobody was killed');
  const [left, applied] = await Promise.all([sleepersAtChange(scene, id, pid), recover(scene, id)]);
  assert.deepEqual([left, membersOf(pid)], [[], []]);
  assert.deepEqual([applied.tasks, applied.exit], [[{ task_id: id, result: 'applied', status: 'failed' }], 0]);
  const lost = await scene.status(id);
  assert.deepEqual([lost.error?.code, lost.task_status.display], ['lost', 'lost (recovered)']);
  assert.notEqual(lost.stopped_at, null);
  const after = scene.stored(id);
  const again = await recover(scene, id);
  assert.deepEqual(again.tasks, [{ task_id: id, result: 'skipped_not_recoverable', status: 'failed' }]);
  assert.deepEqual((await recover(scene, '--all')).tasks, []);
  await goesOn(scene, id, worker);
  const { record, events } = scene.stored(id);
  assert.deepEqual(
    [JSON.parse(record).status, events],
    ['failed', after.events],
    'what it says of that attempt is too late',
  );
  assert.ok(isLive(worker.pid));
});

test('recover --retry puts it back, and a new worker runs it beside the one that is stopped', async (t) => {
  const { scene, id, pid, worker } = await hanging(t);
  const back = await recover(scene, id, '--retry');
  assert.deepEqual(back.tasks, [{ task_id: id, result: 'applied', status: 'pending' }]);
  assert.deepEqual(membersOf(pid), []);
  await scene.written('runs', 2);
  assert.notEqual((await scene.status(id)).worker?.id, worker.id);
  await goesOn(scene, id, worker);
  const running = await scene.status(id);
  assert.deepEqual([running.status, running.task_status.display], ['running', 'running (recovered)']);
  writeFileSync(scene.file('go'), '');
  const done = await scene.cli('wait', id);
  assert.deepEqual([done.exit, done.result, scene.lines('runs').length], [0, 2, 2]);
});

test('recover --all --force takes every running attempt, of a worker that is well', async (t) => {
  const scene = new Scene(t);
  const worker = await scene.worker();
  const ids = [await scene.submit('deaf', '--no-worker'), await scene.submit('deaf', '--no-worker')];
  const pids = (await scene.written('runs', 2)).map((line) => Number(line.split(' ')[1]));
  assert.deepEqual((await recover(scene, '--all')).tasks, []);
  const { tasks } = await recover(scene, '--all', '--force');
  assert.deepEqual(
    tasks,
    ids.map((task_id) => ({ task_id, result: 'applied', status: 'failed' })),
  );
  for (const pid of pids) assert.deepEqual(membersOf(pid), []);
  const echo = await scene.cli('submit', '--recipe', 'echo', '--no-worker', '--wait');
  assert.equal(echo.status, 'completed');
  for (const id of ids) {
    const { events } = scene.stored(id);
    assert.equal(events.filter((kind) => ['failed', 'completed', 'cancelled', 'late_result'].includes(kind)).length, 1);
  }
  assert.ok(isLive(worker.pid));
});

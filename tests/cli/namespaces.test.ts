/** Workers whose processes cannot be judged by their pid: those of another pid namespace, and zombies. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { startTime } from '#offstage/platform/process.js';
import { Spoken } from './process.js';
import { BIN, isLive, kill, Scene, until } from './scene.js';

/** How to enter a pid namespace of its own here; null where nobody may. */
const UNSHARE = [
  ['-p', '-f', '--mount-proc', '--kill-child'],
  ['-Urpf', '--mount-proc', '--kill-child'],
].find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0);

const skip = UNSHARE === undefined ? 'this machine lets nobody make a pid namespace' : false;

/** A worker in a pid namespace of its own; `pid` is its number there, `here` that of the process that holds the namespace. */
async function elsewhere(t: TestContext, scene: Scene) {
  const args = [...(UNSHARE ?? []), process.execPath, BIN, 'background', 'worker', '--json'];
  const cli = new Spoken(t, spawn('unshare', args, { cwd: scene.folder, env: scene.project.env }));
  const { id, pid } = await scene.ready(cli);
  return { cli, id, pid };
}

/** A process of this namespace that leads a group, and has nothing to do with the store. */
function bystander(t: TestContext): { pid: number; start: string } {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  const pid = child.pid as number;
  t.after(() => kill(pid));
  return { pid, start: startTime(pid) ?? '' };
}

for (const onLost of ['fail', 'retry'] as const) {
  test(`a worker of another pid namespace is judged by its lease alone, under onLost ${onLost}`, {
    skip,
  }, async (t) => {
    const scene = new Scene(t);
    const away = await elsewhere(t, scene);
    const id = await scene.submit('counted', '--no-worker', '--on-lost', onLost);
    await scene.written('runs');
    const running = await scene.status(id);
    assert.deepEqual([running.status, running.worker?.id, running.worker?.pid], ['running', away.id, away.pid]);
    const other = await scene.worker(); // it decides what is due once a second
    // Its numbers mean other processes here: were they looked up, or killed, it would be this one.
    const { pid, start } = bystander(t);
    scene.sql('UPDATE workers SET pid = ?, start_time = ? WHERE id = ?', pid, start, away.id);
    scene.sql('UPDATE groups SET pgid = pgid + 100000000 WHERE worker = ?', away.id);
    scene.sql('INSERT INTO groups (worker, pgid, start_time, task) VALUES (?, ?, ?, ?)', away.id, pid, start, id);
    away.cli.child.kill('SIGKILL'); // --kill-child ends its process, and that the namespace
    await away.cli.ended;
    await until(() => scene.project.processes().every((one) => one === other.pid || isOf(one, other.pid)));
    const unseen = await scene.cli('wait', id, '--timeout', '1.2');
    assert.deepEqual([unseen.status, unseen.task_status.kind], ['running', 'running'], 'its lease is not over');
    assert.equal(scene.lines('runs').length, 1);
    scene.endLease(away.id);
    if (onLost === 'fail') {
      const lost = await scene.status(id);
      assert.deepEqual(
        [lost.status, lost.error?.code, lost.error?.details?.reason],
        ['failed', 'lost', 'lease_expired'],
      );
      assert.ok(lost.task_status.signals.includes('abandoned'), 'nobody knows whether its work goes on');
    } else {
      await scene.written('runs', 2);
      const again = await scene.status(id);
      assert.deepEqual([again.status, again.attempt, again.worker?.id], ['running', 2, other.id]);
    }
    assert.ok(isLive(pid), 'a number of another namespace was signalled');
  });
}

/** Whether it is a child of that process. */
function isOf(pid: number, parent: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) === parent;
  } catch {
    return true; // it is gone
  }
}

test('a zombie counts as dead', async (t) => {
  const scene = new Scene(t);
  // Its parent becomes a program that never asks for the end of a child.
  const script = `"${process.execPath}" "${BIN}" background worker --json & exec sleep 1000`;
  const cli = new Spoken(t, spawn('sh', ['-c', script], { cwd: scene.folder, env: scene.project.env }));
  const { pid } = await scene.ready(cli);
  const id = await scene.submit('deaf', '--no-worker');
  await scene.written('runs');
  kill(pid);
  await until(() => stateOf(pid) === 'Z');
  const lost = await scene.status(id);
  assert.deepEqual([lost.status, lost.error?.code, lost.error?.details?.reason], ['failed', 'lost', 'worker_gone']);
  assert.equal(stateOf(pid), 'Z', 'it still was one when it was judged');
  assert.equal(isLive(scene.runPid()), false);
});

function stateOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2)[0] ?? '';
}

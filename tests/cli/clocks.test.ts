/** Real processes whose clocks differ: in time namespaces of their own, and under libfaketime. */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Spoken } from './process.js';
import { BIN, type Doc, kill, Scene, until } from './scene.js';

const SHIFTED = ['-T', '-f', '--kill-child', '--monotonic', '600', '--boottime', '600'];
const nobodyShifts = spawnSync('unshare', [...SHIFTED, 'true']).status !== 0;
const noNamespace = nobodyShifts && 'this machine lets nobody make a time namespace';

/** Where Debian and others have it. */
function libfaketime(): string | undefined {
  const folders = ['/usr/lib', ...listed('/usr/lib').map((name) => `/usr/lib/${name}`)];
  const files = folders.map((folder) => join(folder, 'faketime', 'libfaketime.so.1'));
  return files.find((file) => existsSync(file));
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const LIBRARY = libfaketime();
const noFaketime = LIBRARY === undefined && 'needs libfaketime';

/** The wall clock of a process is that far off, its monotonic clock is right. */
const faked = (offset: string): NodeJS.ProcessEnv => ({
  LD_PRELOAD: LIBRARY,
  FAKETIME: offset,
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  DONT_FAKE_MONOTONIC: '1',
});

/** Runs the CLI to its end, with more of an environment or by another program. */
function cli(scene: Scene, args: string[], env: NodeJS.ProcessEnv = {}, by: string[] = []): Promise<Doc> {
  const [program = process.execPath, ...before] = [...by, process.execPath];
  const options = { cwd: scene.folder, env: { ...scene.project.env, ...env } };
  return new Promise((resolve, reject) => {
    execFile(program, [...before, BIN, 'background', ...args, '--json'], options, (error, stdout, stderr) => {
      const exit = error ? Number(error.code) : 0;
      try {
        resolve({ ...JSON.parse(stdout), exit });
      } catch {
        reject(new Error(`not one JSON document: ${stdout}\n${stderr}`));
      }
    });
  });
}

const shifted = (scene: Scene, ...args: string[]): Promise<Doc> => cli(scene, args, {}, ['unshare', ...SHIFTED]);

/** A worker in the foreground, started by that program or environment. */
async function worker(t: TestContext, scene: Scene, by: string[], env: NodeJS.ProcessEnv = {}) {
  const [program = process.execPath, ...before] = [...by, process.execPath];
  const options = { cwd: scene.folder, env: { ...scene.project.env, ...env } };
  return scene.ready(new Spoken(t, spawn(program, [...before, BIN, 'background', 'worker', '--json'], options)));
}

test('a reader in another time namespace leaves a living worker what it has, and finds a dead one', {
  skip: noNamespace,
}, async (t) => {
  const scene = new Scene(t);
  const { pid } = await scene.worker();
  const id = await scene.submit('counted', '--no-worker');
  await scene.written('runs');
  const running = await shifted(scene, 'status', id);
  assert.deepEqual([running.status, running.task_status.kind], ['running', 'running']);
  assert.equal((await shifted(scene, 'wait', id, '--timeout', '2')).status, 'running');
  kill(pid);
  const lost = await shifted(scene, 'status', id);
  assert.deepEqual([lost.status, lost.error?.details?.reason], ['failed', 'worker_gone']);
});

test('a worker in another time namespace loses nothing while it lives, and is found when it is dead', {
  skip: noNamespace,
}, async (t) => {
  const scene = new Scene(t);
  const { pid, id: away } = await worker(t, scene, ['unshare', ...SHIFTED]);
  const id = await scene.submit('deaf', '--no-worker');
  await scene.written('runs');
  const running = await scene.status(id);
  assert.deepEqual([running.status, running.task_status.kind, running.worker?.id], ['running', 'running', away]);
  scene.endLease(away);
  assert.equal((await scene.cli('wait', id, '--timeout', '2')).status, 'running', 'it can be looked at');
  kill(pid);
  const lost = await scene.status(id);
  assert.deepEqual([lost.status, lost.error?.details?.reason], ['failed', 'worker_gone']);
  await until(() => scene.project.processes().every((one) => one !== scene.runPid()));
});

for (const offset of ['-10m', '+10m']) {
  test(`a process whose clock is ${offset} takes and drops nothing, whether it reads or works`, {
    skip: noFaketime,
  }, async (t) => {
    const scene = new Scene(t);
    writeFileSync(scene.file('offstage.config.json'), '{"background":{"cleanupDelaySec":300}}');
    const right = await scene.worker('--concurrency', '1');
    const id = await scene.submit('counted', '--no-worker');
    await scene.written('runs');
    const read = await scene.cli('submit', '--recipe', 'echo', '--no-worker');
    await worker(t, scene, [], faked(offset)); // it decides what is due once a second
    const kept = await scene.cli('wait', read.task_id);
    assert.equal(kept.status, 'completed');
    const early = Date.now() + 300_000 - Date.parse(kept.drop_at as string);
    // One that has ended later than now, by the clock of the worker that is ahead, cannot have been read before.
    assert.ok(early < 60_000 && early > (offset === '+10m' ? -660_000 : -60_000), `goes at ${kept.drop_at}`);
    const waited = await cli(scene, ['wait', id, '--timeout', '3'], faked(offset));
    assert.deepEqual([waited.status, waited.worker?.id], ['running', right.id]);
    for (const doc of [await cli(scene, ['result', read.task_id], faked(offset)), await scene.status(read.task_id)]) {
      assert.deepEqual([doc.status, doc.exit], ['completed', 0]);
    }
    assert.equal((await scene.status(read.task_id)).drop_at, kept.drop_at);
  });
}

test('an outcome first read by a process whose clock is 2 h behind is kept as long as any other', {
  skip: noFaketime,
}, async (t) => {
  const scene = new Scene(t);
  await scene.worker();
  const { task_id } = await scene.cli('submit', '--recipe', 'echo', '--no-worker');
  const ended = () => JSON.parse(scene.stored(task_id).record).status === 'completed';
  await until(ended); // without a look that would count as a read
  const read = await cli(scene, ['status', task_id], faked('-2h'));
  assert.ok(Date.parse(read.drop_at as string) > Date.now() + 50 * 60_000, String(read.drop_at));
  assert.equal((await scene.cli('result', task_id)).exit, 0);
});

test('a forced recover of a living worker says what was done, not that a lease was lost or that it died', async (t) => {
  const scene = new Scene(t);
  const owner = await scene.worker();
  const id = await scene.submit('counted', '--no-worker');
  await scene.written('runs');
  await scene.cli('recover', id, '--force');
  const { status, error } = await scene.status(id);
  assert.deepEqual([status, error?.code, error?.details?.reason], ['failed', 'lost', 'recovered']);
  assert.equal((error as { message?: string }).message, 'the attempt was taken away by recover');
  const again = await scene.cli('submit', '--recipe', 'echo', '--no-worker', '--wait');
  assert.equal(again.status, 'completed', `${owner.id} goes on`);
});

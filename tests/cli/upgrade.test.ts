/** A newer version upgrades the store under a worker that lives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newerBuild, versionsRound } from '../torture/versions.js';
import { isLive, membersOf, Scene, until } from './scene.js';

test('a worker whose store was upgraded claims nothing more, kills its children and ends; nothing is told that is not so', async (t) => {
  const scene = new Scene(t);
  const worker = await scene.worker('--concurrency', '1');
  const id = await scene.submit('deaf', '--no-worker');
  const waiting = await scene.submit('counted', '--no-worker');
  await scene.written('runs');
  const pid = scene.runPid();
  await until(() => membersOf(pid).length >= 2);
  const [schema] = scene.sql<{ user_version: number }>('PRAGMA user_version');
  const before = [scene.stored(id), scene.stored(waiting)];
  scene.sql('PRAGMA user_version = 99');
  const { code, signal, stdout, stderr } = await worker.cli.ended;
  assert.deepEqual([isLive(pid), membersOf(pid)], [false, []], 'its children had ended before');
  assert.deepEqual([code, signal], [1, null], stderr);
  assert.match(stdout + stderr, /schema 99/);
  assert.deepEqual([scene.stored(id), scene.stored(waiting)], before, 'an older version writes nothing');
  for (const args of [['status', id], ['wait', id], ['cancel', id], ['recover', '--all', '--force'], ['list']]) {
    const refused = await scene.cli(...args);
    assert.deepEqual([refused.ok, refused.code, refused.exit], [false, 'store', 1], args.join(' '));
  }
  const refused = await scene.cli('submit', '--recipe', 'echo');
  assert.deepEqual([refused.ok, refused.code], [false, 'store']);
  assert.deepEqual([scene.stored(id), scene.stored(waiting)], before);
  assert.deepEqual(scene.project.processes(), []);
  // What the newer version sees then, here the same one: the attempt is lost, and what waited can be run.
  scene.sql(`PRAGMA user_version = ${schema?.user_version}`);
  const lost = await scene.status(id);
  assert.deepEqual([lost.status, lost.error?.code, lost.error?.details?.reason], ['failed', 'lost', 'worker_gone']);
  assert.deepEqual([(await scene.status(waiting)).status, scene.lines('runs').length], ['pending', 1]);
});

test('an older worker goes on while a newer version looks; its writes are refused until that worker has ended', (t) =>
  versionsRound(t, newerBuild(t), Number(process.env.SEED ?? 1)));

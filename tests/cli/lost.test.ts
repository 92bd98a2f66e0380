/** What becomes of a task whose worker is killed, or told to end. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { gone, isLive, kill, membersOf, Scene, said, TRACE, until } from './scene.js';

/** Another task runs, so whoever runs tasks now had every chance to run others. */
async function othersRun(scene: Scene): Promise<void> {
  const { status } = await scene.cli('submit', '--recipe', 'echo', '--input', '{"value":1}', '--wait');
  assert.equal(status, 'completed');
}

test('retries without onLost: after kill -9 of its worker the task is lost and never run again', async (t) => {
  const scene = new Scene(t);
  const id = await scene.submit('counted', '--retries', '2');
  await scene.written('runs');
  kill((await scene.status(id)).worker?.pid as number);
  const lost = await scene.cli('wait', id);
  assert.deepEqual([lost.status, lost.error?.code, lost.error?.details?.reason], ['failed', 'lost', 'worker_gone']);
  assert.deepEqual([lost.exit, lost.attempt, lost.max_attempts, lost.on_lost], [3, 1, 3, 'fail']);
  await othersRun(scene);
  assert.equal(scene.lines('runs').length, 1);
  assert.equal((await scene.status(id)).status, 'failed');
});

test('SIGTERM of a worker under onLost fail: lost by the shutdown, not run again, and its processes are gone', async (t) => {
  const scene = new Scene(t);
  const worker = await scene.worker();
  const id = await scene.submit('deaf', '--no-worker', '--retries', '2');
  await scene.written('runs');
  const pid = scene.runPid();
  process.kill(worker.pid, 'SIGTERM');
  assert.equal((await worker.cli.ended).code, 143);
  const lost = await scene.status(id);
  assert.deepEqual([lost.status, lost.error?.code, lost.error?.details?.reason], ['failed', 'lost', 'shutdown']);
  assert.notEqual(lost.stopped_at, null);
  assert.deepEqual([isLive(pid), membersOf(pid)], [false, []]);
  await othersRun(scene);
  assert.equal(scene.lines('runs').length, 1);
});

test('with --drain what runs ends by itself after SIGTERM', async (t) => {
  const scene = new Scene(t);
  const worker = await scene.worker('--drain', '600');
  const id = await scene.submit('counted', '--no-worker');
  await scene.written('runs');
  process.kill(worker.pid, 'SIGTERM');
  await worker.cli.prints(({ stdout }) => stdout.includes('"stopping"'));
  const later = await scene.submit('counted', '--no-worker');
  writeFileSync(scene.file('go'), '');
  assert.equal((await worker.cli.ended).code, 143);
  assert.deepEqual([(await scene.status(id)).status, (await scene.status(later)).status], ['completed', 'pending']);
  const events = said(worker.cli).map(({ event }) => event);
  assert.deepEqual(events, ['ready', 'started', 'stopping', 'finished', 'stopped']);
});

test('a second signal ends the drain at once', async (t) => {
  const scene = new Scene(t);
  const worker = await scene.worker('--drain', '600');
  const id = await scene.submit('deaf', '--no-worker');
  await scene.written('runs');
  const pid = scene.runPid();
  process.kill(worker.pid, 'SIGTERM');
  await worker.cli.prints(({ stdout }) => stdout.includes('"stopping"'));
  assert.equal((await scene.status(id)).status, 'running');
  process.kill(worker.pid, 'SIGTERM');
  assert.equal((await worker.cli.ended).code, 143);
  const lost = await scene.status(id);
  assert.deepEqual([lost.status, lost.error?.details?.reason], ['failed', 'shutdown']);
  assert.deepEqual(membersOf(pid), []);
});

/**
 * Its first run stays in a blocking call, behind a finished step, a child that has ended, one that waits and one without
 * key. A run notes each earlier process that still lives.
 */
const PHASES = `${TRACE} import { execFileSync } from 'node:child_process'; import { readFileSync } from 'node:fs';
  const alive = (pid) => { try { return !/^[ZX]/.test(readFileSync('/proc/' + pid + '/stat', 'latin1').split(') ').pop()); } catch { return false; } };
  export default async ({ folder }, ctx) => {
    try { for (const run of readFileSync(folder + '/runs', 'utf8').trim().split('\\n')) {
      if (alive(run.split(' ')[1])) line(folder + '/overlaps', ctx.attempt + ' in ' + process.pid + ' beside ' + run); } } catch {}
    line(folder + '/runs', ctx.attempt + ' ' + process.pid);
    const a = await ctx.step('a', () => { line(folder + '/steps', 'a'); return { n: 1 }; });
    const done = await ctx.submit('counts-child', { input: { folder }, key: 'done' });
    const result = await done.wait();
    const later = await ctx.submit('echo', { delay: 3600, key: 'later' });
    const loose = await ctx.submit('echo', { delay: 3600 });
    line(folder + '/children', [done.taskId, later.taskId, loose.taskId].join(' '));
    if (ctx.attempt === 1) execFileSync('sh', ['-c', 'while :; do sleep 0.02; done']);
    const b = await ctx.step('b', () => { line(folder + '/steps', 'b'); return { n: 2 }; });
    return [ctx.attempt, a.n, b.n, result];
  };`;
const CHILD = `${TRACE} export default ({ folder }) => { line(folder + '/child-runs', process.pid); return 'from the child'; };`;

test('onLost retry: after kill -9 it runs again; finished steps and keyed children are not repeated, attempts never overlap', async (t) => {
  const scene = new Scene(t);
  scene.project.addRecipe('phases', PHASES);
  scene.project.addRecipe('counts-child', CHILD);
  const id = await scene.submit('phases', '--on-lost', 'retry');
  const [first = ''] = await scene.written('children');
  const pid = scene.runPid();
  await until(() => membersOf(pid).length >= 2); // it is in its blocking call
  kill((await scene.status(id)).worker?.pid as number);
  const done = await scene.cli('wait', id);
  assert.deepEqual([done.exit, done.status, done.attempt, done.max_attempts], [0, 'completed', 2, 4]);
  assert.deepEqual(done.result, [2, 1, 2, 'from the child']);
  assert.deepEqual(scene.lines('steps'), ['a', 'b']);
  assert.equal(scene.lines('child-runs').length, 1);
  assert.deepEqual([scene.lines('runs').length, scene.lines('overlaps')], [2, []]);
  assert.deepEqual(membersOf(pid), []);
  const second = scene.lines('children')[1] ?? '';
  const [[done1, later1, loose1 = ''], [done2, later2, loose2 = '']] = [first.split(' '), second.split(' ')];
  assert.deepEqual([done1, later1], [done2, later2], 'children with a key are given back');
  assert.notEqual(loose1, loose2);
  assert.deepEqual(
    [(await scene.status(loose1)).status, (await scene.status(loose2)).status],
    ['cancelled', 'pending'],
  );
  const children = scene.sql('SELECT id FROM tasks WHERE parent_id = ?', id);
  assert.equal(children.length, 4);
});

test('onLost retry: SIGTERM puts it back without counting the attempt', async (t) => {
  const scene = new Scene(t);
  const id = await scene.submit('counted', '--no-worker', '--on-lost', 'retry', '--retries', '1');
  for (let stops = 1; stops <= 3; stops++) {
    const worker = await scene.worker();
    await scene.written('runs', stops);
    const pid = scene.runPid();
    process.kill(worker.pid, 'SIGTERM');
    await worker.cli.ended;
    assert.equal(isLive(pid), false);
    const back = await scene.status(id);
    assert.deepEqual([back.status, back.error, back.completed_at], ['pending', null, null]);
  }
  // Of the two attempts that it has, one is lost now; the other one completes.
  const worker = await scene.worker();
  await scene.written('runs', 4);
  kill(worker.pid);
  await gone(worker.pid);
  writeFileSync(scene.file('go'), '');
  const done = await scene.cli('wait', id);
  assert.deepEqual([done.exit, done.status, scene.lines('runs').length], [0, 'completed', 5]);
});

/** A worker that is stopped by SIGSTOP inside of a write transaction, and what others see and do meanwhile. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { writersOf } from '#offstage/store/sqlite/holders.js';
import { only } from '#offstage/wire/only.js';
import { isLive, Scene } from '../cli/scene.js';
import { pause, until } from '../waiting.js';

const TALKS = `import { appendFileSync } from 'node:fs';
  export default async ({ folder, turns }, ctx) => {
    appendFileSync(folder + '/ran', ctx.taskId + '\\n');
    for (let n = 0; n < turns; n++) { await ctx.step('s' + n, () => n); ctx.progress(n / turns); }
    return ctx.attempt;
  };`;

/** Answers with how long each command took beside the stopped worker, in milliseconds. */
export async function heldRound(t: TestContext, tasks = 20): Promise<Record<string, number>> {
  const scene = new Scene(t);
  scene.project.addRecipe('talks', TALKS);
  const verbs = await scene.project.verbs(t, 'none');
  const input = { folder: scene.folder, turns: 200 };
  const specs = Array.from({ length: tasks }, () => ({ recipe: 'talks', input, onLost: 'retry' }) as const);
  const ids = (await verbs.submit(specs)).map(({ task_id }) => task_id);
  const worker = await scene.worker('--concurrency', '4');
  await scene.written('ran', 1);
  await stopInTransaction(scene, worker.pid);
  const took: Record<string, number> = {};
  const timed = async (name: string, exit: number, ...args: string[]): Promise<void> => {
    const start = performance.now();
    const answer = await scene.cli(...args);
    took[name] = Math.round(performance.now() - start);
    assert.equal(answer.exit, exit, `${args.join(' ')}: ${JSON.stringify(answer)}`);
  };
  const id = ids.at(-1) as string;
  await timed('status', 0, 'status', id);
  await timed('list', 0, 'list');
  await timed('events', 0, 'events', id);
  await timed('wait', 5, 'wait', id, '--timeout', '1');
  const writing = scene.cli('submit', '--recipe', 'echo', '--input', '{"value":1}', '--no-worker');
  await timed('status beside a write', 0, 'status', id);
  assert.deepEqual(
    writersOf(scene.project.store).map(({ pid, stopped }) => [pid, stopped]),
    [[worker.pid, true]],
  );
  process.kill(worker.pid, 'SIGCONT');
  const late = await writing;
  assert.equal(late.ok, true, JSON.stringify(late));
  for (const one of [...ids, late.task_id]) {
    const task = only((await verbs.wait([one], { timeout: 120 })).tasks);
    assert.deepEqual([task.status, task.attempt], ['completed', 1], JSON.stringify(task.error));
  }
  const ran = scene.lines('ran');
  assert.deepEqual([ran.length, new Set(ran).size], [tasks, tasks], 'each ran once');
  return took;
}

/** Stops it again and again until it is caught with the write lock. */
async function stopInTransaction(scene: Scene, pid: number): Promise<void> {
  await until(
    async () => {
      process.kill(pid, 'SIGSTOP');
      if (writersOf(scene.project.store).some((holder) => holder.pid === pid && holder.stopped)) return true;
      assert.ok(isLive(pid), 'the worker has ended');
      process.kill(pid, 'SIGCONT');
      await pause(1 + Math.random() * 5);
      return false;
    },
    { what: 'the worker to be caught inside of a transaction' },
  );
}

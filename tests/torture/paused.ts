/**
 * Stops a worker with SIGSTOP for longer than a lease, while another one runs what comes. What the stopped one has is
 * never run a second time, although it may be run again; afterwards it completes it.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { only } from '#offstage/wire/only.js';
import { Scene, said } from '../cli/scene.js';

export async function pausedRound(t: TestContext, seconds: number, concurrency = 5): Promise<void> {
  const scene = new Scene(t);
  const { project } = scene;
  project.addRecipe(
    'slow',
    `import { appendFileSync } from 'node:fs';
     export default async ({ file }, ctx) => {
       appendFileSync(file, ctx.taskId + '\\n');
       for (let n = 0; n < 20; n++) { ctx.progress(n / 20); await new Promise((r) => setTimeout(r, 50)); }
       return ctx.attempt;
     };`,
  );
  const verbs = await project.verbs(t, 'none');
  const owner = await scene.worker('--concurrency', String(concurrency));
  const input = { file: project.file('ran') };
  const submit = async (count: number): Promise<string[]> => {
    const specs = Array.from({ length: count }, () => ({ recipe: 'slow', input, onLost: 'retry' }) as const);
    return (await verbs.submit(specs)).map(({ task_id }) => task_id);
  };
  const held = await submit(concurrency);
  await scene.written('ran', concurrency);
  await scene.pause(owner.pid);
  const other = await scene.worker('--concurrency', String(concurrency));
  const end = performance.now() + seconds * 1000;
  let others = 0;
  while (performance.now() < end) {
    const ids = await submit(concurrency);
    for (const id of ids) assert.equal(only((await verbs.wait([id], { timeout: 60 })).tasks).worker ?? null, null);
    others += ids.length;
    for (const id of held) assert.equal(only(await verbs.get([id])).status, 'running');
  }
  const kinds = new Set(await Promise.all(held.map(async (id) => only(await verbs.get([id])).task_status.kind)));
  assert.deepEqual([...kinds], [seconds > 30 ? 'overdue' : 'running']);
  process.kill(owner.pid, 'SIGCONT');
  for (const id of held) {
    const task = only((await verbs.wait([id], { timeout: 60 })).tasks);
    assert.deepEqual([task.status, task.result], ['completed', 1], JSON.stringify(task.error));
  }
  const ran = scene.lines('ran');
  assert.equal(ran.length, new Set(ran).size, 'a task ran twice');
  assert.equal(ran.length, concurrency + others);
  const mine = said(other.cli).flatMap(({ event, task_id = '' }) => (event === 'started' ? [task_id] : []));
  for (const id of held) assert.equal(mine.includes(id), false);
  t.diagnostic(`stopped for ${seconds} s, ${others} tasks ran beside it`);
}

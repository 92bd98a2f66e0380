/**
 * How late the truth is: a process waits for many tasks that a worker in another one holds, and that is killed with -9. Nobody else
 * lives who would decide it. Safety nets are as users have them.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { Project } from '../js/client/project.js';
import { heard, pause, within } from '../waiting.js';

const HOLDER = fileURLToPath(new URL('./holder.js', import.meta.url));

/** Milliseconds from the kill to the answer of a wait: half of them, 99 %, all. */
export interface Late {
  half: number;
  most: number;
  all: number;
}

/** One round; throws when a wait is not told, or is told something else than that its task was lost. */
export async function truthRound(t: TestContext, { tasks }: { tasks: number }): Promise<Late> {
  const project = new Project(t);
  const verbs = await openVerbs({ cwd: project.folder, home: project.folder, env: project.env, worker: 'none' });
  t.after(() => verbs.close());
  const client = makeClient(verbs);
  const handles = await client.submitMany(Array.from({ length: tasks }, () => ({ recipe: 'echo' })));
  const holder = fork(HOLDER, [project.store, String(tasks)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  t.after(() => holder.kill('SIGKILL'));
  assert.deepEqual((await heard(holder, 'message'))[0], tasks, 'it holds all of them');
  const told: number[] = [];
  const waits = handles.map(async (handle) => {
    await assert.rejects(handle.wait(), { code: 'lost', details: { reason: 'worker_gone' } });
    told.push(Date.now());
  });
  await pause(Math.random() * 1_500); // whoever waits looks once a second: at any moment of that
  const gone = heard(holder, 'exit');
  const at = Date.now();
  holder.kill('SIGKILL');
  await gone;
  await within(Promise.all(waits), { what: `${tasks} waits for what was lost` });
  const late = told.map((when) => when - at).sort((a, b) => a - b);
  const of = (share: number): number => late[Math.ceil(share * late.length) - 1] as number;
  return { half: of(0.5), most: of(0.99), all: of(1) };
}

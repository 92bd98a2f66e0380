/** The process of a detached worker mounts its store once, for its own work and for what its tasks ask. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { Project } from '../project.js';

const LINUX = { skip: process.platform === 'linux' ? false : 'only Linux shows what another process has open' };

/** The files that a process has open, of those that begin so. */
const openFiles = (pid: number, start: string): string[] =>
  readdirSync(`/proc/${pid}/fd`)
    .map((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
    .filter((file) => file.startsWith(start))
    .sort();

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed meanwhile
  }
}

test('a detached worker has the store open once, also while a task asks for its child', LINUX, async (t) => {
  const project = new Project(t);
  project.addRecipe(
    'parent',
    `export default async (input, ctx) => (await ctx.submit('echo', { input: { value: 5 } })).wait();`,
  );
  const done = await project.json<{ result: number }>('background', 'submit', '--recipe', 'parent', '--wait');
  assert.deepEqual([done.exit, done.result], [0, 5], JSON.stringify(done));
  const [worker] = project.workers();
  assert.ok(worker !== undefined);
  assert.deepEqual(openFiles(worker, project.store), [project.store, `${project.store}-shm`, `${project.store}-wal`]);
});

/** A project with recipes in the working folder, and its client with a detached worker. Every process that it started ends. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entry } from './peers/offstage.mjs';

const WORKER_END_MS = 15_000;

/** A folder recipe of one module. */
export function addRecipe(name, source) {
  const folder = join('recipes', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'TEMPLATE.yaml'), `description: ${name}\n`);
  writeFileSync(join(folder, 'recipe.mjs'), source);
}

/**
 * Makes the project with a client and a living worker: `{ client, database, close }`. The worker runs as many tasks at a
 * time as `concurrency`, as many as by default when not given.
 */
export async function openProject(concurrency) {
  writeFileSync('package.json', '{}');
  const config = concurrency === undefined ? {} : { background: { maxConcurrentTasks: concurrency } };
  writeFileSync('offstage.config.json', JSON.stringify(config));
  addRecipe('worker', 'export default () => process.ppid;'); // recipes run in children of the worker
  const { openBackground } = await import(entry);
  const client = await openBackground();
  const worker = await (await client.submit({ recipe: 'worker' })).wait();
  return {
    client,
    database: join('.offstage', 'tasks.db'),
    async close() {
      await client.close();
      await stop(worker);
    },
  };
}

/** Milliseconds since 1970 with fractions, comparable between processes. */
export const wall = () => performance.timeOrigin + performance.now();

async function stop(pid) {
  process.kill(pid, 'SIGTERM');
  const until = performance.now() + WORKER_END_MS;
  while (alive(pid)) {
    if (performance.now() > until) throw new Error(`the worker ${pid} did not end`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

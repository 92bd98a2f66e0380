import type { Context } from './context.ts';
import { ownBinding } from './environment.ts';
import { storedJson } from './task.ts';
import type { Submitted } from './verbs.ts';
import { afterStored, provideFor, rowToStart } from './workers.ts';

/**
 * Submits a task that has ended once more, with the values of this process if it has all that it needs; the new one says so
 * by `retried_from`. One that waits for values which nobody has is given those of this process.
 */
export async function retry(context: Context, id: string): Promise<Submitted> {
  await context.run('due', {});
  // before anything is made: an unknown task is refused without a store
  if ((await context.run('get', { id, payloads: [] })) === null) throw context.notFound(id);
  const by = await ownBinding(context);
  const start = await rowToStart(context, by);
  const { task, spawn } = await context.run('retry', { id, start, by });
  const json = storedJson(task);
  await afterStored(context, [json], spawn ? start : null);
  if (task.missing.length > 0 && !spawn) await provideFor(context, [json]);
  return json;
}

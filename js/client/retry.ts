import { needGroups } from '../platform/groups.ts';
import type { Context } from './context.ts';
import { storedJson } from './task.ts';
import type { Submitted } from './verbs.ts';
import { afterStored, rowToStart } from './workers.ts';

/** Submits a task that has ended once more; the new one says so by `retried_from`. */
export async function retry(context: Context, id: string): Promise<Submitted> {
  await context.run('due', {});
  // before anything is made: an unknown task is refused without a store
  const ended = await context.run('get', { id, payloads: [] });
  if (ended === null) throw context.notFound(id);
  if ((JSON.parse(ended.record) as { source?: unknown }).source != null)
    needGroups('a task of a recipe that is a folder');
  const start = await rowToStart(context);
  const { task, spawn } = await context.run('retry', { id, start });
  const json = storedJson(task);
  await afterStored(context, [json], spawn ? start : null);
  return json;
}

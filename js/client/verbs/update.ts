import { invalid } from '../../errors/index.ts';
import { checkObject } from '../../wire/check.ts';
import type { UpdateChange } from '../../wire/requests.ts';
import type { TaskJson } from '../../wire/task.ts';
import { provideFor } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { look } from './read.ts';

/**
 * Has a live task go on with the code that is there when it starts next, whatever its version; what runs now goes on as it
 * is. Results of steps and answers stay. A worker is started where none can run it. `ConflictError` for one that has ended.
 */
export async function update(context: VerbContext, id: string, change: UpdateChange): Promise<TaskJson> {
  checkChange(change);
  await context.due();
  const [changed] = await context.run('change', { changes: [{ id, command: { command: 'update' } }] });
  if (!changed) throw context.notFound(id);
  const task = await look(context, id);
  if (task.status === 'pending') await provideFor(context, [task]);
  return task;
}

const KEYS: Record<keyof UpdateChange, true> = { code: true };

function checkChange(change: UpdateChange): void {
  checkObject('change', change, KEYS);
  if (change.code !== 'current') throw invalid('code', change.code, "'current'");
}

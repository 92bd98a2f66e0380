import type { Context } from './context.ts';
import type { RecoverOptions, RecoveryJson } from './verbs.ts';
import { ensureWorkerFor } from './workers.ts';

/**
 * Takes attempts away, as waiting would later. What is due is not decided before: this decides it, and a sweep that
 * came first is seen as such.
 */
export async function recover(
  context: Context,
  which: string | { all: true },
  { force = false, retry = false, dryRun = false }: RecoverOptions = {},
): Promise<RecoveryJson[]> {
  const ids = typeof which === 'string' ? [which] : null;
  if (ids !== null && (await context.run('get', { id: ids[0] as string, payloads: [] })) === null) {
    throw context.notFound(ids[0] as string);
  }
  const recovered = await context.run('recover', { ids, force, retry, dryRun });
  const again = recovered.find(({ result, status }) => result === 'applied' && status === 'pending');
  if (again !== undefined) await ensureWorkerFor(context, again.id);
  return recovered.map(({ id, result, status }) => ({ task_id: id, result, status }));
}

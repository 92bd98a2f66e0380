import { invalid } from '../errors/argument.ts';
import { checkObject } from '../wire/check.ts';
import type { Context } from './context.ts';
import type { RecoverOptions, RecoveryJson } from './verbs.ts';
import { ensureWorkerFor } from './workers.ts';

const KEYS: Record<keyof RecoverOptions, true> = { force: true, retry: true, dryRun: true };

/**
 * Takes attempts away, as waiting would later. What is due is not decided before: this decides it, and a sweep that
 * came first is seen as such.
 */
export async function recover(
  context: Context,
  which: string | { all: true },
  options: RecoverOptions = {},
): Promise<RecoveryJson[]> {
  checkObject('options', options, KEYS);
  const { force = false, retry = false, dryRun = false } = options;
  if (typeof which !== 'string' && which?.all !== true) throw invalid('id', which, "a task's id, or { all: true }");
  const ids = typeof which === 'string' ? [which] : null;
  if (ids !== null && (await context.run('get', { id: ids[0] as string, payloads: [] })) === null) {
    throw context.notFound(ids[0] as string);
  }
  const recovered = await context.run('recover', { ids, force, retry, dryRun });
  const again = recovered.find(({ result, status }) => result === 'applied' && status === 'pending');
  if (again !== undefined) await ensureWorkerFor(context, again.id);
  return recovered.map(({ id, result, status }) => ({ task_id: id, result, status }));
}

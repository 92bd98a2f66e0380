/** A worker for what is due beside tasks: schedules whose moment has come, deliveries. */
import type { VerbContext } from '../verb-context.ts';
import { afterStored, loadEnvironment, rowToStart } from './workers.ts';

/** Starts a detached worker when something is due and none lives that sees to it. */
export async function ensureStandby(context: VerbContext): Promise<void> {
  if (context.worker !== 'detached' || !context.starts.mayStart()) return;
  const { needed } = await context.run('standby', {});
  if (!needed) return;
  const start = await rowForStandby(context);
  if (start !== null && (await context.run('needStandby', { start }))) await afterStored(context, [], start);
}

/** The row of a worker to start for it; null where none is to be started. */
export async function rowForStandby(context: VerbContext) {
  if (context.worker !== 'detached') return null;
  const { ownBinding } = await loadEnvironment();
  return rowToStart(context, await ownBinding(context));
}

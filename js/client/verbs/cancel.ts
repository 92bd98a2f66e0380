import { invalid } from '../../errors/argument.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';
import type { Cancelled } from '../verbs.ts';
import { waitUntil } from '../watch/wait.ts';
import { glanceAll, notThere } from './read.ts';

/** How to cancel. */
export interface CancelOptions {
  reason?: string;
  /** Say what would be, change nothing. */
  dryRun?: boolean;
  /** Answer when the work has really ended. */
  stopped?: boolean;
}

/** Cancels now, wherever the task runs. With `stopped` it answers when the work has really ended. */
export async function cancel(context: VerbContext, id: string, options: CancelOptions = {}): Promise<Cancelled> {
  const [done] = await cancelAll(context, [id], options);
  return done ?? notThere(context, id);
}

/** Cancels several in one commit, or none when one is unknown. */
export async function cancelAll(
  context: VerbContext,
  given: readonly string[],
  options: CancelOptions = {},
): Promise<Cancelled[]> {
  const ids = [...new Set(given)];
  const reason = reasonOf(options);
  await context.run('due', {});
  if (options.dryRun) return (await glanceAll(context, ids)).map(wouldCancel);
  const { changed, missing } = await context.run('cancel', { ids, by: 'caller', ...reason });
  if (changed.length < ids.length) throw context.notFound(missing[0] ?? ids[0] ?? '');
  // all are cancelled before the first is waited for
  if (options.stopped) for (const id of ids) await untilStopped(context, id);
  return changed.map((one) => ({ task_id: one.id, cancelled: one.changed, status: one.status }));
}

const untilStopped = (context: VerbContext, id: string): Promise<unknown> =>
  waitUntil(context, id, ({ task_status }) => !task_status.signals.includes('stopping'), {});

function wouldCancel({ task_id, status }: TaskJson): Cancelled {
  return { task_id, cancelled: !isTerminal(status), status };
}

function reasonOf({ reason }: CancelOptions): { reason?: string } {
  if (reason === undefined) return {};
  if (typeof reason !== 'string') throw invalid('reason', reason, 'a text');
  return { reason };
}

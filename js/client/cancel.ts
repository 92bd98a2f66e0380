import { invalid } from '../errors/argument.ts';
import { isTerminal } from '../wire/task.ts';
import type { Context } from './context.ts';
import { glance } from './read.ts';
import type { Cancelled } from './verbs.ts';
import { waitUntil } from './wait.ts';

/** Cancels now, wherever the task runs. With `stopped` it answers when the work has really ended. */
export async function cancel(
  context: Context,
  id: string,
  options: { reason?: string; dryRun?: boolean; stopped?: boolean } = {},
): Promise<Cancelled> {
  if (options.reason !== undefined && typeof options.reason !== 'string')
    throw invalid('reason', options.reason, 'a text');
  await context.run('due', {});
  if (options.dryRun) {
    const { status } = await glance(context, id);
    return { task_id: id, cancelled: !isTerminal(status), status };
  }
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  const [changed] = await cancelAll(context, [id], 'caller', reason);
  if (!changed) throw context.notFound(id);
  if (options.stopped) await waitUntil(context, id, ({ task_status }) => !task_status.signals.includes('stopping'), {});
  return { task_id: id, cancelled: changed.changed, status: changed.status };
}

/** Cancels several in one commit. */
export function cancelAll(
  context: Context,
  ids: readonly string[],
  by: 'caller' | 'clear',
  reason: { reason?: string } = {},
) {
  return context.run('change', { changes: ids.map((id) => ({ id, command: { command: 'cancel', by, ...reason } })) });
}

import { invalid } from '../../errors/argument.ts';
import type { Cancelled } from '../../wire/answers.ts';
import type { CancelOptions } from '../../wire/requests.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';
import { untilStopped } from '../watch/until-stopped.ts';
import { glanceAll } from './read.ts';

/** Cancels them now, wherever they run, in one commit, or none when one is unknown. With `stopped` it answers when the work has really ended. */
export async function cancel(
  context: VerbContext,
  given: readonly string[],
  options: CancelOptions = {},
): Promise<Cancelled[]> {
  const ids = [...new Set(given)];
  const reason = reasonOf(options);
  await context.due();
  if (options.dryRun) return (await glanceAll(context, ids)).map(wouldCancel);
  const { changed, missing } = await context.run('cancel', { ids, by: 'caller', ...reason });
  if (changed.length < ids.length) throw context.notFound(missing[0] ?? ids[0] ?? '');
  // all are cancelled before the first is waited for
  if (options.stopped) for (const id of ids) await untilStopped(context, id);
  return changed.map((one) => ({ task_id: one.id, cancelled: one.changed, status: one.status }));
}

function wouldCancel({ task_id, status }: TaskJson): Cancelled {
  return { task_id, cancelled: !isTerminal(status), status };
}

function reasonOf({ reason }: CancelOptions): { reason?: string } {
  if (reason === undefined) return {};
  if (typeof reason !== 'string') throw invalid('reason', reason, 'a text');
  return { reason };
}

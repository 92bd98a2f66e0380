/**
 * A request that is sealed and cannot be opened here. Its moments are left to others, and count for nothing; when none of them
 * has come for it within a while, its row says why. Whoever fires it clears that.
 */
import { isTaskError } from '../../errors/index.ts';
import { queuedOf } from '../../store/queued.ts';
import type { ScheduleRow } from '../../store/types.ts';
import type { VerbContext } from '../verb-context.ts';
import { isUnopened, unopenedReason } from './sealed.ts';

/** Milliseconds that others have for it: a worker looks once a second. */
const PATIENCE = 5000;

/** What each client has said of which schedule: two that fail for different reasons do not write in turns. */
const noted = new WeakMap<VerbContext, Map<string, string>>();

/** Rejects with the error that it was given. It is written when it is another reason than before, not at each look. */
export async function noteUnopened(
  context: VerbContext,
  row: ScheduleRow,
  error: unknown,
  now: number,
): Promise<never> {
  if (!isStoreTrouble(error) && now - cameAt(row) >= PATIENCE) await note(context, row, unopenedReason(error));
  throw error;
}

async function note(context: VerbContext, { id, epoch, last_error: before }: ScheduleRow, reason: string) {
  const said = noted.get(context) ?? new Map<string, string>();
  noted.set(context, said);
  if (before === reason || (isUnopened(before) && said.get(id) === reason)) return;
  const change = { last_error: reason };
  const done = await context.run('changeSchedule', { id, epoch, change, start: null });
  if (done !== null) said.set(id, reason); // else another one was faster, with whatever it did
}

/** When the oldest came of what it is to submit for. */
const cameAt = (row: ScheduleRow): number => Math.min(row.due_at ?? Number.POSITIVE_INFINITY, ...queuedOf(row));

/** What another look may find mended; all else is what the moment has failed with. */
export const isStoreTrouble = (error: unknown): boolean =>
  isTaskError(error) && (error.code === 'store' || error.code === 'core_dead');

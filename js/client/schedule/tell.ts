/** One moment of a schedule with a message, told to one loop. */
import { coming, dueOf } from '../../schedule/due.ts';
import { queuedOf } from '../../store/queued.ts';
import type { ScheduleRow } from '../../store/types.ts';
import type { ScheduleJob } from '../../wire/schedule.ts';
import type { VerbContext } from '../verb-context.ts';
import { courseFor, definitionOf } from './definition.ts';

/** Whose turn it is, for how many milliseconds, and whom he tells. */
interface Teller {
  owner: string;
  lease: number;
  /** Answers with what went wrong. */
  call(job: ScheduleJob): Promise<string | null>;
}

/** Nothing is told where another one is about to; it counts when the callback has ended. */
export async function tell(context: VerbContext, row: ScheduleRow, { owner, lease, call }: Teller): Promise<void> {
  const { id, epoch, name } = row;
  const hold = () => context.run('holdSchedule', { id, epoch, owner, lease });
  if ((await hold()) === null) return;
  const renewal = setInterval(() => void hold().catch(() => {}), lease / 3).unref();
  try {
    const { definition, moments, skipped, next } = await dueNow(row, Date.now());
    const jobs = moments.map((at) => call({ id, name, message: definition.message ?? '', scheduledFor: new Date(at) }));
    const error = (await Promise.all(jobs)).find((one) => one !== null) ?? null;
    const after = { ...next, skipped, state: next.next_at === null ? 'ended' : 'active' } as const;
    const { overlap, limit } = definition;
    await context.run('fire', { id, epoch, task: null, overlap, limit, moments, ...after, error, start: null });
  } finally {
    clearInterval(renewal);
  }
}

async function dueNow(row: ScheduleRow, now: number) {
  const definition = definitionOf(row);
  const { catch_up: catchUp, jitter, limit } = definition;
  const missed = queuedOf(row);
  const left = limit === null ? null : Math.max(0, limit - row.fired - missed.length);
  const stand = { id: row.id, nextAt: row.next_at, lastAt: row.last_at, catchUp, jitter, left };
  const { moments, skipped, nextAt } = dueOf(await courseFor(definition), stand, now);
  const { dueAt } = coming(stand, nextAt);
  return { definition, moments: [...missed, ...moments], skipped, next: { next_at: nextAt, due_at: dueAt } };
}

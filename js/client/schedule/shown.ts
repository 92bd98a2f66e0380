/** A stored schedule as it is shown. */
import type { ScheduleRow, ShownSchedule } from '../../store/types.ts';
import type { ScheduleAttention, ScheduleJson } from '../../wire/schedule.ts';
import type { VerbContext } from '../verb-context.ts';
import { definitionOf } from './definition.ts';
import { isUnopened, shownRequest } from './sealed.ts';

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

export async function scheduleJson(context: VerbContext, { row, served }: ShownSchedule): Promise<ScheduleJson> {
  const definition = definitionOf(row);
  const { when, plan, zone, catch_up, overlap, jitter, starts, ends, limit, message } = definition;
  const { request, undecoded } = await shownRequest(context, definition);
  return {
    schedule_id: row.id,
    name: row.name,
    when,
    kind: plan.kind,
    zone,
    state: row.state,
    next_at: row.state === 'active' ? iso(row.next_at) : null,
    last_at: iso(row.last_at),
    last_task_id: row.last_task,
    last_error: row.last_error,
    fired: row.fired,
    skipped: row.skipped,
    catch_up,
    overlap,
    jitter: jitter / 1000,
    starts: iso(starts),
    ends: iso(ends),
    limit,
    request: request as Record<string, unknown> | null,
    message,
    created_at: new Date(row.created_at).toISOString(),
    schedule_status: attentionOf(row, served),
    ...(undecoded === undefined ? {} : { undecoded }),
  };
}

function attentionOf({ state, last_error }: ScheduleRow, served: boolean): ScheduleAttention {
  if (state === 'broken') return { signal: 'broken', needs_attention: true, next_action: 'update' };
  if (state === 'active' && isUnopened(last_error))
    return { signal: 'no_codec', needs_attention: true, next_action: 'codec' };
  if (state === 'active' && !served) return { signal: 'no_worker', needs_attention: true, next_action: 'service' };
  return { signal: null, needs_attention: false, next_action: null };
}

/** The one way in which what was decided of a task gets into its columns, which index the record, and into its events. */
import { type Decided, dropAt } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { countAbandoned } from '../sql/counts.ts';
import type { Asked } from '../sql/statement.ts';
import { releaseGroups } from '../sql/workers.ts';
import { type Amount, writeColumns, writeFacts } from '../sql/writes.ts';
import { dropPayload } from './payloads.ts';
import { bytesOf, insertEvents, trimEvents } from './told.ts';

/**
 * Writes what was decided of a task: the record, the columns that index it, and the events.
 *
 * `slot` by the rules L2 and L3: taken with a start, free while a person is asked and when nobody holds the task; what
 * stops keeps what it had. `later` falls when `claim` finds that the time has come. `waits` is 2 after the first start.
 */
export function* writeDecided(seq: number, decided: Decided, seenAt: number | null): Program<void> {
  const { events } = decided;
  const isTold = events.every(({ kind }) => NOTES.includes(kind));
  const kept = isTold
    ? yield* writeFacts(decided.record, events.length, bytesOf(events), seq)
    : yield* columns(seq, decided, seenAt);
  if (decided.columns.worker === null && !events.some(({ kind }) => kind === 'submitted')) yield* releaseGroups(seq);
  yield* insertEvents(seq, events);
  const abandoned = events.filter(({ kind }) => kind === 'abandoned').length;
  if (abandoned > 0) yield* countAbandoned(abandoned);
  if (kept) yield* trimEvents(seq, kept);
  // Details belong to the error that is shown now: one of an earlier attempt must not stand in for them.
  if (events.some(({ kind }) => FORGETS_DETAILS.includes(kind))) yield* dropPayload(seq, 'error_details');
}

/** Facts that no column but the record shows. */
const NOTES: readonly string[] = ['progress', 'log', 'output', 'usage', 'step'];

const FORGETS_DETAILS: readonly string[] = ['started', 'retry_scheduled', 'failed'];

function columns(seq: number, decided: Decided, seenAt: number | null): Asked<Amount | undefined> {
  const { columns, events } = decided;
  const has = (kind: string): number => Number(events.some((event) => event.kind === kind));
  const worker = columns.worker ?? null;
  const running = columns.status === 'running';
  const asks = columns.status === 'input_required' || columns.head;
  return writeColumns(
    decided.record,
    columns.status,
    columns.recipe,
    columns.session_id ?? null,
    columns.parent_id ?? null,
    columns.priority,
    columns.head ? 1 : 0,
    columns.run_at ?? 0,
    columns.due_at ?? null,
    worker,
    columns.held ? 1 : 0,
    columns.completed_at ?? null,
    columns.completed_at == null ? null : dropAt(decided.record, seenAt),
    events.length,
    bytesOf(events),
    has('retry_scheduled') && columns.run_at != null ? 1 : 0,
    columns.status === 'pending' && !columns.head ? 0 : 1,
    has('started'),
    worker === null || asks ? 1 : 0,
    has('started'),
    has('started') || !running ? 1 : 0,
    has('started') || !running ? 1 : 0,
    columns.status === 'failed' || columns.status === 'cancelled' ? 1 : 0,
    seq,
  );
}

/** The one way in which what was decided of a task gets into its columns, which index the record, and into its events. */
import { type Command, type CoreEvent, type Decided, decide, dropAt } from '../../core/index.ts';
import { StoreError } from '../../errors/refusal.ts';
import type { Program, Query } from '../../ports/backend.ts';
import { SAID_KINDS } from '../../wire/event.ts';
import type { Context } from '../operation-context.ts';
import { addEvents } from '../sql/events.ts';
import { addPayloads } from '../sql/payloads.ts';
import { type Asked, together } from '../sql/statement.ts';
import { releaseGroups } from '../sql/workers.ts';
import { forgetKey, writeChange, writeEnd, writeFacts, writeStart } from '../sql/writes.ts';
import type { PayloadRefs, Payloads } from '../types.ts';
import type { Known } from './known.ts';
import { dropPayload, payloadRows, writePayloads } from './payloads.ts';
import { readSequel } from './sequel.ts';
import { bytesOf, eventRows, mayBeTrimmed, runOf, trimEvents } from './told.ts';
import { noteTold } from './told-of.ts';

/** Decides what an execution of here does, or says of itself: it is followed by more of it, so that its record is held where it can be. */
export const decideHere = ({ live, now }: Context, row: Known & { record: string }, command: Command): Decided =>
  live?.decide(row, command, now) ?? decide(row.record, command, now);

/** What was decided of a task as `row` has it. */
export interface Writing {
  row: Known;
  decided: Decided;
  /** Written beside it, of kinds of which the task has none. */
  payloads?: Payloads;
  refs?: PayloadRefs;
}

/** Writes what was decided of a task as `row` has it: the record, the columns that change, and the events. */
export function* writeDecided(context: Context, row: Known, decided: Decided): Program<void> {
  const [isWritten] = yield* writeAll(context, [{ row, decided }]);
  if (!isWritten) throw outdated(row);
}

/** The same of several tasks. Which of them were written: a row that is not as it was read any more stays as it is. */
export function* writeAll(context: Context, all: readonly Writing[]): Program<boolean[]> {
  const isWritten = (yield* together(all.map(({ row, decided }) => written(row, decided)))).map((n) => n !== 0);
  const done = all.filter((_, n) => isWritten[n]);
  for (const one of done) note(context, one);
  if (done.length < all.length) context.live?.clear(); // somebody has written of whom it does not know
  yield* together(beside(context, done));
  for (const { row, decided } of done) yield* follow(context, row, decided);
  return isWritten;
}

/** What this process keeps of it. */
function note(context: Context, { row, decided }: Writing): void {
  const { events, columns, record } = decided;
  context.live?.wrote(row, decided, epochBehind(row, events));
  noteTold(context, row.seq, record, events);
  context.tally.move(row.status, columns.status);
  for (const event of events) countEnd(context, columns.recipe, event);
}

/** The rows beside theirs. What runs recipes in code leads no group. */
function beside(context: Context, all: readonly Writing[]): Query[] {
  const led = all.filter(({ row, decided }) => decided.columns.worker === null && row.code === null);
  const told = all.flatMap(({ row, decided }) => eventRows(row.seq, decided.events));
  const given = all.flatMap(({ row, payloads = {}, refs }) => payloadRows(context, row.seq, payloads, refs));
  return [...led.map(({ row }) => releaseGroups(row.id)), ...addEvents(told), ...addPayloads(given)];
}

/** What has to look first what is there. */
function* follow(context: Context, row: Known, { events, columns }: Decided): Program<void> {
  if (isEnding(row, columns)) yield* noteSequel(context, row);
  if (mayBeTrimmed(events)) yield* trimEvents(row.seq);
  if (endsWithoutResult(events) && columns.idempotency_key !== null) yield* forgetKey(row.seq);
  if (hasOldDetails(row, events)) yield* dropPayload(context, row.seq, 'error_details');
  if (events.some(isOfProgress)) yield* keepProgressData(context, row, events);
}

/** Nothing was written. */
function outdated({ id }: Known): StoreError {
  const message = `task ${id} was changed since it was read, so nothing was written`;
  return new StoreError(message, { taskId: id, details: { reason: 'outdated' } });
}

/** A start comes first. */
const epochBehind = ({ epoch }: Known, [first]: readonly CoreEvent[]): number =>
  first?.kind === 'started' ? runOf(first).epoch : epoch;

/** A task ends once; what comes after that changes no state. */
const isEnding = ({ status }: Known, columns: Decided['columns']): boolean =>
  columns.completed_at !== null && columns.status !== status;

function* noteSequel(context: Context, { seq }: Known): Program<void> {
  const sequel = yield* readSequel(context, seq);
  if (sequel !== undefined) context.sequels.set(seq, sequel);
}

/** What a task has come to, for good; and an attempt that was given up. */
function countEnd({ tally }: Context, recipe: string, { kind, data }: CoreEvent): void {
  if (kind === 'abandoned') tally.add('abandoned', 1);
  if (kind === 'failed') tally.end(recipe, kind, (JSON.parse(data) as { error: { code: string } }).error.code);
  if (kind === 'completed' || kind === 'cancelled' || kind === 'abandoned') tally.end(recipe, kind);
}

/** Of a progress its data lies beside the record, which does not grow by it: the last of an attempt. */
function* keepProgressData(context: Context, { seq, epoch }: Known, events: readonly CoreEvent[]): Program<void> {
  if (epoch > 0 && events.some(isAnew)) yield* dropPayload(context, seq, 'progress_data');
  const told = events.flatMap(({ kind, data }) =>
    kind === 'progress' ? [JSON.parse(data) as { data?: unknown }] : [],
  );
  const last = told.findLast(({ data }) => data !== undefined);
  if (last !== undefined) yield* writePayloads(context, seq, { progress_data: JSON.stringify(last.data) });
}

const isOfProgress = ({ kind }: CoreEvent): boolean => kind === 'progress' || kind === 'started';

/** An attempt that does not go on with what it had. */
const isAnew = ({ kind, data }: CoreEvent): boolean =>
  kind === 'started' && !(JSON.parse(data) as { resume: boolean }).resume;

/** Facts that no column but the record shows. */
const NOTES: readonly string[] = [...SAID_KINDS, 'step', 'delivered', 'delivery_failed'];

const FORGETS_DETAILS: readonly string[] = ['started', 'retry_scheduled', 'failed'];

const endsWithoutResult = (events: readonly CoreEvent[]): boolean =>
  events.some(({ kind }) => kind === 'failed' || kind === 'cancelled');

/** Details belong to the error that is shown now: one of an earlier attempt must not stand in for them. */
function hasOldDetails({ epoch }: Known, events: readonly CoreEvent[]): boolean {
  const earlier = events[0]?.kind === 'started' ? epoch : epoch - 1;
  return earlier > 0 && events.some(({ kind }) => FORGETS_DETAILS.includes(kind));
}

/** How many rows it writes: none when the task is not as it was read any more. */
function written(row: Known, decided: Decided): Asked<number> {
  const { events, columns } = decided;
  if (events.every(({ kind }) => NOTES.includes(kind))) return noted(row, decided);
  if (events[0]?.kind === 'started') return begun(row, decided);
  return columns.completed_at === null ? changed(row, decided) : ended(row, decided);
}

const noted = ({ seq, epoch, status }: Known, { record, events }: Decided): Asked<number> =>
  writeFacts(record, events.length, bytesOf(events), seq, epoch, status);

function begun({ seq, epoch, status }: Known, { record, columns, events }: Decided): Asked<number> {
  const { epoch: next } = runOf(events[0] as CoreEvent);
  const about = [columns.worker, columns.due_at, next] as const;
  return writeStart(record, ...about, events.length, bytesOf(events), seq, epoch, status);
}

function ended(row: Known, { record, columns, events, drop_at }: Decided): Asked<number> {
  const { worker, due_at, completed_at } = columns;
  return writeEnd(
    record,
    columns.status,
    columns.head ? 1 : 0,
    due_at,
    worker,
    completed_at,
    row.seen_at === null ? drop_at : dropAt(record, row.seen_at),
    events.length,
    bytesOf(events),
    worker === null ? 1 : 0,
    row.seq,
    row.epoch,
    row.status,
  );
}

/**
 * `slot` by the rules L2 and L3: free while a person is asked and when nobody holds the task; what stops keeps what it had.
 * What is put back to start again at a time waits for that; what was let go stands among the others.
 */
function changed(row: Known, { record, columns, events }: Decided): Asked<number> {
  const { status, worker, head, run_at } = columns;
  const isPutBack = events.some(({ kind }) => kind === 'retry_scheduled') && run_at !== null;
  return writeChange(
    record,
    status,
    columns.priority,
    head ? 1 : 0,
    run_at ?? 0,
    columns.due_at,
    worker,
    columns.held ? 'held' : isPutBack ? 'later' : head ? 'ready' : null,
    events.length,
    bytesOf(events),
    worker === null || head || status === 'input_required' ? 1 : 0,
    row.seq,
    row.epoch,
    row.status,
  );
}

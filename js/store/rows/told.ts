/** Writes a task's events and keeps them within bounds. */
import type { CoreEvent } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { countDropped, dropOldest, type EventRow } from '../sql/events.ts';
import { amountOf } from '../sql/writes.ts';

/** A task keeps at most this many events, and this many bytes of their data. */
export const MOST_EVENTS = 10_000;
export const MOST_BYTES = 16 * 1024 * 1024;

export const bytesOf = (events: readonly CoreEvent[]): number =>
  events.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);

/** Which execution a `started` event begins. */
export function runOf({ data }: CoreEvent): { attempt: number; epoch: number } {
  const { attempt, epoch } = JSON.parse(data) as { attempt: number; epoch: number };
  return { attempt, epoch };
}

/** The rows of events; who appends them counts them in the task's row. */
export const eventRows = (task: number, events: readonly CoreEvent[]): EventRow[] =>
  events.map(({ seq, at, kind, data }) => [task, seq, at, kind, data]);

/** Of a task that has told nothing but its life there is nothing to drop: its submit, a start and an end. */
const LIFE = 3;

/** Whether it has told enough for `trimEvents`. */
export const mayBeTrimmed = (told: readonly CoreEvent[]): boolean => (told.at(-1)?.seq ?? 0) > LIFE;

/** Brings a task back within the bounds: the oldest progress, log and output rows go, the facts of its life stay. */
export function* trimEvents(task: number): Program<void> {
  const { events = 0, bytes = 0 } = (yield* amountOf(task)) ?? {};
  const dropped = { events: 0, bytes: 0, last: 0 };
  while (events - dropped.events > MOST_EVENTS || bytes - dropped.bytes > MOST_BYTES) {
    const rows = yield* dropOldest(task);
    if (rows.length === 0) break;
    dropped.events += rows.length;
    dropped.bytes += rows.reduce((sum, row) => sum + row.bytes, 0);
    dropped.last = rows.reduce((most, { seq }) => Math.max(most, seq), dropped.last);
  }
  if (dropped.events > 0) yield* countDropped(dropped.events, dropped.bytes, dropped.last + 1, task);
}

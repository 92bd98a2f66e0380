/** What happens to a task, as users see it. */
import type { EventData, EventDataJson } from './event-data.ts';
import type { AbortSignal } from './globals.ts';

/** The kinds of events. */
export const EVENT_KINDS = [
  'submitted',
  'started',
  'code',
  'updated',
  'progress',
  'log',
  'output',
  'step',
  'usage',
  'tool',
  'warning',
  'input_requested',
  'input_answered',
  'retry_scheduled',
  'lease_lost',
  'recovered',
  'completed',
  'failed',
  'cancelled',
  'stopped',
  'abandoned',
  'late_result',
  'delivered',
  'delivery_failed',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** What the code of an attempt says: facts that change nothing for others. The commands that tell them have the same names. */
export const SAID_KINDS = [
  'progress',
  'log',
  'output',
  'usage',
  'tool',
  'warning',
] as const satisfies readonly EventKind[];

const SAID: ReadonlySet<string> = new Set(SAID_KINDS);

/** Whether a kind of event, or a command, is one of those. */
export const isSaid = (kind: string): boolean => SAID.has(kind);

/** One immutable fact about a task; `seq` counts the facts of a task from 1. What `data` is follows from `kind`. */
export type TaskEvent<Kind extends EventKind = EventKind> = {
  [K in Kind]: { taskId: string; seq: number; at: Date; kind: K; data: EventData[K] };
}[Kind];

/** The same fact on the wire: snake_case keys, ISO-8601 UTC times. */
export type TaskEventJson<Kind extends EventKind = EventKind> = {
  [K in Kind]: { task_id: string; seq: number; at: string; kind: K; data: EventDataJson[K] };
}[Kind];

/** Which events of a task. */
export interface EventOptions {
  /** Only those after this `seq`. Default 0: all that are kept. */
  after?: number | undefined;
  /** Go on until the task has ended and its work has stopped. Default: end with what there is. */
  follow?: boolean | undefined;
  /** Aborting it ends the iteration. */
  signal?: AbortSignal | undefined;
}

/** What a person says to a request. */
export interface Answer {
  /** `accept` with content, `decline` lets the task go on and tells it, `cancel` cancels it. */
  action: 'accept' | 'decline' | 'cancel';
  /** JSON of at most 64 KiB, of the form that was asked for. */
  content?: unknown;
}

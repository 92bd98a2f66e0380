/** What happens to a task, as users see it. */
import type { AbortSignal } from './globals.ts';

/** The kinds of events. */
export const EVENT_KINDS = [
  'submitted',
  'started',
  'progress',
  'log',
  'output',
  'step',
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
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** One immutable fact about a task; `seq` counts the facts of a task from 1. `data` is as it was written. */
export interface TaskEvent {
  taskId: string;
  seq: number;
  at: Date;
  kind: EventKind;
  data: unknown;
}

/** The same fact on the wire: ISO-8601 UTC time, `data` as it was written. */
export interface TaskEventJson {
  task_id: string;
  seq: number;
  at: string;
  kind: EventKind;
  data: unknown;
}

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
  action: 'accept' | 'decline' | 'cancel';
  content?: unknown;
}

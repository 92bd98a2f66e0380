/** Schedules, as they are stored. Times are milliseconds since the epoch. */
import type { NewTask, StoredTask } from './task.ts';
import type { WorkerRow } from './worker.ts';

/** `broken`: ten of its moments in a row could not be submitted. */
export type ScheduleState = 'active' | 'paused' | 'ended' | 'broken';
/** What happens to a moment while the task of one before is live. */
export type Overlap = 'skip' | 'queue' | 'cancel' | 'allow';

/** Whoever submits for it: a worker for folders, one that has the recipe in code; or a loop, which is told. */
export type ScheduleRunner = 'worker' | 'code' | 'loop';

export interface ScheduleRow {
  id: string;
  name: string;
  state: ScheduleState;
  runner: ScheduleRunner;
  /** The recipe in code; null: none. */
  code: string | null;
  /** What was asked for, JSON text. */
  data: string;
  /** Grows with every change. */
  epoch: number;
  /** The moment that is next; null: none. */
  next_at: number | null;
  /** When it is to be submitted; null: not by itself. */
  due_at: number | null;
  /** Moments that wait for the end of a task before, JSON text; null: none. */
  queued: string | null;
  /** Ids of tasks that were live when it was looked last, JSON text. */
  tasks: string;
  last_at: number | null;
  last_task: string | null;
  last_error: string | null;
  fired: number;
  skipped: number;
  /** How many in a row could not be submitted. */
  failures: number;
  owner: string | null;
  lease_until: number;
  created_at: number;
}

/** A new one. */
export type NewSchedule = Pick<
  ScheduleRow,
  'id' | 'name' | 'runner' | 'code' | 'data' | 'next_at' | 'due_at' | 'created_at'
>;

/** What of it is changed by whoever manages it. */
export type ScheduleChange = Partial<
  Pick<ScheduleRow, 'state' | 'runner' | 'code' | 'data' | 'next_at' | 'due_at' | 'queued' | 'failures' | 'last_error'>
>;

/** One, and whether a living worker submits for it. */
export interface ShownSchedule {
  row: ScheduleRow;
  served: boolean;
}

/** What becomes of the moments of a schedule that are due, as of its `epoch`. */
export interface Firing {
  id: string;
  epoch: number;
  /** What is submitted for each; null: it could not be prepared, or is told by a loop. */
  task: NewTask | null;
  overlap: Overlap;
  /** The oldest first. */
  moments: readonly number[];
  /** Moments that nobody makes up for. */
  skipped: number;
  /** What comes after them. */
  next_at: number | null;
  due_at: number | null;
  state: ScheduleState;
  /** It ends after so many tasks; null: no limit. */
  limit: number | null;
  /** Why none of them could be submitted. */
  error: string | null;
  start: WorkerRow | null;
}

export interface Fired {
  tasks: StoredTask[];
  spawn: boolean;
  unheld: string[];
  row: ScheduleRow;
}

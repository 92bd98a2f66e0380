/** What a worker's process has for the store at one moment, and what becomes of it: one transaction. */
import type { ErrorData } from '../../errors/from.ts';
import type { Attempt, Change, Changed, Claims, Ended, ReadyChild } from './attempt.ts';
import type { RequestKey } from './query.ts';
import type { NewTask, StoredTask } from './task.ts';
import type { WorkerRow } from './worker.ts';

/** What was judged by itself: an answer, or why it was refused. Refused, it has left nothing. */
export type Judged<T> = { answer: T } | { error: ErrorData };

/** Tasks to insert, all or none. `start`: the worker to start when no living one can run them. */
export interface Submit {
  tasks: readonly NewTask[];
  start: WorkerRow | null;
  /** New tasks are answered without their records. */
  brief?: boolean;
  /** Asked again under the same key it is answered as before. */
  request?: RequestKey | null;
}

/** What has become of them. */
export interface Submitted {
  tasks: StoredTask[];
  /** The worker is to be started: its row is there. */
  spawn: boolean;
  /** One task of each set of values that no worker has. */
  unheld: string[];
}

export interface Turn {
  worker: string;
  /** Sets of changes, in order; those of one set all or none. */
  changes: readonly (readonly Change[])[];
  submits: readonly Submit[];
  /** What the worker holds besides. */
  running: readonly Attempt[];
  /** So many tasks it starts at most; 0: none. The limits of the store hold besides. */
  room: number;
  /** None of these, by their ids. */
  without?: readonly string[];
  /** Each works for one of those that are started, as in `claim`. */
  children?: readonly ReadyChild[];
}

export interface Turned extends Claims {
  /** In the order of `changes`. What an attempt has told without the record, how it ended with it; events without data, but for failures. */
  changed: Judged<(Changed | null)[]>[];
  /** In the order of `submits`. */
  submitted: Judged<Submitted>[];
  /** Of `running`, those that others have ended. */
  ended: Ended[];
  /** Some task may start now or later, or wants its slot back, whichever worker can run it. */
  waits: boolean;
  /** When the next task is due that the worker can run, ms since the epoch; null: none is. */
  nextAt: number | null;
}

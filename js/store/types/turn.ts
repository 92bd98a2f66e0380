/** What a worker's process has for the store at one moment, and what becomes of it: one transaction. */
import type { ErrorData } from '../../errors/from.ts';
import type { Attempt, Change, Changed, Claims, Ended, ReadyChild } from './attempt.ts';
import type { Ops } from './ops.ts';

/** What was judged by itself: an answer, or why it was refused. Refused, it has left nothing. */
export type Judged<T> = { answer: T } | { error: ErrorData };

export interface Turn {
  worker: string;
  /** Sets of changes, in order; those of one set all or none. */
  changes: readonly (readonly Change[])[];
  submits: readonly Parameters<Ops['submit']>[0][];
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
  /** In the order of `changes`. */
  changed: Judged<(Changed | null)[]>[];
  /** In the order of `submits`. */
  submitted: Judged<ReturnType<Ops['submit']>>[];
  /** Of `running`, those that others have ended. */
  ended: Ended[];
  /** When the next task is due that the worker can run, ms since the epoch; null: none is. */
  nextAt: number | null;
}

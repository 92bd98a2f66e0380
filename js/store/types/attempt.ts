/** Attempts: what starts them, changes them and takes them away. */
import type { Command, Decided } from '../../core/index.ts';
import type { TaskStatus } from '../../wire/task.ts';
import type { Binding, EnvValue } from '../binding.ts';
import type { PayloadRefs, Payloads } from './task.ts';
import type { DeadWorker, Group } from './worker.ts';

/** One run of a task by one worker. */
export interface Attempt {
  id: string;
  attempt: number;
  epoch: number;
}

/** A task that a worker has just claimed. */
export interface Claimed extends Attempt {
  record: string;
  payloads: Payloads;
  refs?: PayloadRefs;
  /** It came with this very turn, and started at once: which task of which submit. Its payloads are not told again. */
  newcomer?: { submit: number; task: number };
  /** What of the submitter's environment is no secret, JSON text; null: it runs with that of the worker, by names. */
  environment: string | null;
  /** The values that it is bound to. */
  bound: readonly EnvValue[];
  /** What its log is to say of its environment. */
  envNote: string | null;
  /** Its code lives in this worker: it asked a person, and goes on with the answers that the record holds. */
  goesOn: boolean;
  /** Equal for tasks that one child process may serve, as far as their rows say; null for a recipe in code. */
  fit: string | null;
  /** The child process that works for it since the claim; null: it was offered none. */
  pgid: number | null;
}

/** A child process that stands ready and is not given away until the claim is answered. */
export interface ReadyChild {
  pgid: number;
  /** What it ran last (`Claimed.fit`); null: nothing. */
  fit: string | null;
}

/** What a worker has to do now. */
export interface Claims {
  started: Claimed[];
  /** Attempts that had lent their slot and have one again. */
  returned: Attempt[];
}

/** An attempt that its worker must end: the task was cancelled or decided otherwise. */
export interface Ended extends Attempt {
  status: TaskStatus;
  /** Of the cancel, when one was given. */
  reason: string | null;
}

/** One change: a command to one task. Payloads are written when the command is accepted. */
export interface Change {
  id: string;
  command: Command;
  payloads?: Payloads;
  refs?: PayloadRefs;
  /**
   * The result of a finished step, or an answer that has values left out of it, JSON text; stored with a command that is
   * accepted, unless there is one.
   */
  step?: { key: string; data: string; refs?: string | null };
  /** With an accepted command the task is bound anew, if this has all that it needs. */
  by?: Binding | null;
}

/** What became of a change. */
export interface Changed {
  id: string;
  changed: boolean;
  status: TaskStatus;
  record: string;
  events: Decided['events'];
}

/** What became of a task that was to be recovered. */
export interface Recovered {
  id: string;
  result: 'would_apply' | 'applied' | 'skipped_not_recoverable' | 'skipped_state_changed';
  status: TaskStatus;
  /** It looks overdue, but by the clock of another machine only: it can be taken once it was watched for a lease. */
  uncertain?: true;
}

/** A task that was looked at, whether its attempt could be taken away. */
export interface Recoverable {
  id: string;
  status: TaskStatus;
  /** Of the attempt that could be taken; null: none. */
  epoch: number | null;
  uncertain?: true;
  /** What works for it and can be killed: all that its dead worker has left. */
  dead: DeadWorker | null;
  /** Or, of a worker that lives, what works for this task. */
  living: { worker: string; groups: Group[] } | null;
}

/** An attempt to be taken away. */
export interface Taken {
  id: string;
  epoch: number;
  /** Nothing works for it any more. */
  stopped: boolean;
}

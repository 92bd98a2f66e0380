/** What an app puts around its tasks: small objects that are handed in, or that modules of the configuration export. */
import type { TaskErrorJson } from '../wire/task.ts';
import type { SubmitRequest } from './verbs.ts';

/** An attempt that is about to run. */
export interface AttemptFacts {
  /** Which task. */
  readonly taskId: string;
  /** What people call it. */
  readonly name: string;
  /** Empty for commands. */
  readonly recipeName: string;
  /** The session that it was submitted with. */
  readonly sessionId: string | null;
  /** The task that it belongs to. */
  readonly parentId: string | null;
  /** From 1; the same again when the task goes on from the top after an answer. */
  readonly attempt: number;
  /** `retries` and one. */
  readonly maxAttempts: number;
  /** Higher first. */
  readonly priority: number;
  /** When the task was submitted. */
  readonly createdAt: Date;
  /** Who runs it. */
  readonly workerId: string;
}

/**
 * How the code of an attempt ended, as its worker saw it. What becomes of the task, a further attempt or not, is decided
 * elsewhere, and may be something else: a cancel that came first counts.
 */
export interface AttemptOutcome {
  /**
   * `cancelled` and `timed_out`: it was told to end. `lost`: its process died, or the worker stops. `not_begun`: none of it
   * has run, the task is pending again.
   */
  readonly kind: 'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'lost' | 'not_begun';
  /** What it failed with; only of `failed`. Values of `requires.env` may stand in it as they are. */
  readonly error?: TaskErrorJson;
}

/**
 * What is told of every submit and every attempt. Hooks decide nothing about a task: what becomes of it is what its code
 * did. Of several, the first is the outermost.
 */
export interface Hooks {
  /** Named where something is wrong with it. */
  readonly name: string;
  /**
   * Gives the request as it is to be submitted: the same, or another one with more in it. Called before anything is checked,
   * also for children. What it throws rejects the submit.
   */
  onSubmit?(request: SubmitRequest): SubmitRequest;
  /**
   * Runs the attempt by calling `run`, which never rejects, and gives what that gave; what it returns changes nothing. It
   * has 30 s to call it: one that throws before, returns without, or is too late fails the attempt, and none of the code has
   * run. What it throws after the end of the code is a warning. Nobody waits for it then, but a worker that stops gives it
   * 2 s.
   */
  around?(attempt: AttemptFacts, run: () => Promise<AttemptOutcome>): Promise<AttemptOutcome>;
}

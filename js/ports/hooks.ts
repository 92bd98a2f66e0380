/** What an app puts around its tasks: small objects that are handed in, or that modules of the configuration export. */
import type { TaskTrace } from '../wire/carried.ts';
import type { EventKind } from '../wire/event.ts';
import type { FeedEvent, FeedKind } from '../wire/feed.ts';
import type { TaskErrorJson, TaskStatus } from '../wire/task.ts';
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
  /** How long it has waited for this attempt, from when it was due, in milliseconds; 0 after an answer. */
  readonly queueMs: number;
  /** The span that submitted the task; absent without one. */
  readonly trace?: TaskTrace;
  /** Who runs it. */
  readonly workerId: string;
}

/** What hooks give an attempt when they have it run. */
export interface AttemptGiven {
  /**
   * The span of the attempt: kept with its `started` event, and what the code and the tasks that it submits have for theirs. Of
   * several hooks that of the innermost counts; a malformed one is dropped.
   */
  trace?: TaskTrace | undefined;
  /** Runs the code of a recipe in code, which is in this process: calls `code` once, at once, and gives what that gave. */
  within?: (<T>(code: () => T) => T) | undefined;
  /** Told what is stored of the attempt, as it happens: steps, questions and answers, and what becomes of it at its end. */
  onEvent?: ((event: AttemptEvent) => void) | undefined;
  /** Told last, once and in any case: what became of the task; undefined where that is not known. */
  onDecided?: ((status: TaskStatus | undefined) => void) | undefined;
}

/** What happens to an attempt; `data` as that event of the task has it on the wire, for ends other than failures empty. */
export interface AttemptEvent {
  /** What has happened. */
  readonly kind: EventKind;
  /** Its facts. */
  readonly data: Readonly<Record<string, unknown>>;
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

/** A submit that is under way. */
export interface Submitting {
  /** Has the listener told, once, of what becomes of it: the task that is stored, or what the submit rejects with. */
  onStored(listener: (task: StoredSubmit | undefined, error?: unknown) => void): void;
}

/** A task that was submitted. */
export interface StoredSubmit {
  /** Which task. */
  readonly taskId: string;
  /** Empty for commands. */
  readonly recipeName: string;
  /** Its session. */
  readonly sessionId: string | null;
  /** Higher first. */
  readonly priority: number;
  /** It was there already, under its idempotency key, and has nothing of this request. */
  readonly deduplicated: boolean;
}

/** Events of all tasks that hooks want to be given. */
export interface HookEvents {
  /** Of these kinds. */
  readonly kinds: readonly FeedKind[];
  /**
   * Given what has happened since, 100 events at most; when it rejects it is given the same ones again. `look` reads what has
   * happened to one task, 1,000 events at most, of those kinds.
   */
  take(events: readonly FeedEvent[], look: HookLook): Promise<void>;
}

/** Reads the events of a task, of those kinds. */
export type HookLook = (taskId: string, kinds: readonly FeedKind[]) => Promise<FeedEvent[]>;

/**
 * What is told of every submit and every attempt. Hooks decide nothing about a task: what becomes of it is what its code
 * did. Of several, the first is the outermost.
 */
export interface Hooks {
  /** Named where something is wrong with it. */
  readonly name: string;
  /**
   * Gives the request as it is to be submitted: the same, or another one with more in it. Called before anything is checked,
   * also for children. What it throws rejects the submit. `submitting` is absent where a request is only checked.
   */
  onSubmit?(request: SubmitRequest, submitting?: Submitting): SubmitRequest;
  /**
   * Events of all tasks, whichever process has decided them: from the first worker on that has hooks of this name, at least
   * once, in order, in one worker at a time. The cursor is kept in the store, and holds back no clean-up.
   */
  readonly events?: HookEvents;
  /**
   * Runs the attempt by calling `run`, which never rejects, and gives what that gave; what it returns changes nothing. What
   * `run` is given may be left out. It
   * has 30 s to call it: one that throws before, returns without, or is too late fails the attempt, and none of the code has
   * run. What it throws after the end of the code is a warning. Nobody waits for it then, but a worker that stops gives it
   * 2 s.
   */
  around?(attempt: AttemptFacts, run: (given?: AttemptGiven) => Promise<AttemptOutcome>): Promise<AttemptOutcome>;
}

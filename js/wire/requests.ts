/** What the verbs are asked: options and filters that may cross a wire. */
import type { Budget } from './budget.ts';
import type { TaskTrace } from './carried.ts';
import type { AbortSignal } from './globals.ts';
import type { NotifyOn } from './notification.ts';
import type { Backoff } from './submit-options.ts';
import type { OnConflict, OnLost, TaskStatus } from './task.ts';
import type { BackgroundTaskHandle, Duration } from './task-handle.ts';

/** What to run and how. */
export interface TaskRequest {
  /** A recipe's name, or a path that is absolute or starts with `./`. */
  recipe?: string | undefined;
  /** A program and its arguments, in place of a recipe; no shell reads them. It gets this environment, all of it. */
  command?: readonly string[] | undefined;
  /** Where the command runs. Default: this folder. */
  cwd?: string | undefined;
  /** A text that an agent is given, in place of a recipe and an input. Its answer is the result. */
  prompt?: string | undefined;
  /** The agent for the prompt: one that the configuration names, or an agents recipe. Default: one without tools. */
  agent?: string | undefined;
  /** JSON of at most 16 MiB. For a recipe that is a folder an object; anything else arrives as `{ input: … }`. */
  input?: unknown;
  /** The model of all agents of an agents recipe. Default: what configuration, recipe and environment say. */
  model?: string | undefined;
  /** Names of tools that its agents may use; what the configuration denies stays denied. */
  allowTools?: readonly string[] | undefined;
  /** Names of tools of which a person is asked at each use. */
  askTools?: readonly string[] | undefined;
  /** What its agents may use; of this, the recipe's and the configuration's the smallest counts. Default: no bound. */
  budget?: Budget | undefined;
  /** Model calls of one step of an agent; the smallest counts likewise. Default 20. */
  maxTurns?: number | undefined;
  /** Over the recipe's `config`, key by key. */
  config?: unknown;
  /** Kept with the task; JSON of at most 64 KiB. */
  metadata?: Record<string, unknown> | undefined;
  /** Words that it is found by (`list`): 20 at most, of 1 to 100 characters each. */
  tags?: readonly string[] | undefined;
  /** Default: the recipe's name, or that of the command's program. At most 200 characters. */
  name?: string | undefined;
  /** Default: generated. */
  sessionId?: string | undefined;
  /**
   * Run time of one attempt; 0, null and Infinity mean none. Default: the recipe's `timeout_sec`, else 300 s; of a command
   * none.
   */
  timeout?: Duration | null | undefined;
  /** Higher first: `low` -10, `normal` 0, `high` 10, `critical` 20, or a whole number. */
  priority?: number | string | undefined;
  /** Further attempts after a failure. Default: the recipe's, else 0. */
  retries?: number | undefined;
  /** Wait between attempts. Default: 1 to 60 seconds, doubled each time, half of it random. */
  backoff?: Backoff | undefined;
  /** Do not start before this much time has passed. */
  delay?: Duration | undefined;
  /** Do not start before this moment. Not together with `delay`. */
  runAt?: Date | string | number | undefined;
  /** How long it may wait to start once it is due; then it fails with `expired`. Default: for ever. */
  ttl?: Duration | undefined;
  /** What becomes of it when its worker is lost. Default: the recipe's, else `'fail'`. */
  onLost?: OnLost | undefined;
  /** What becomes of live tasks of the same session. Default `'parallel'`. */
  onConflict?: OnConflict | undefined;
  /**
   * While a task of the same recipe and key lives or has completed, a submit returns that task and adds nothing.
   * `ConflictError` when the input differs. Commands are as those of one recipe; another command is other input.
   */
  idempotencyKey?: string | undefined;
  /** The task that it belongs to, which must be live: it is cancelled when that one is cancelled or fails for good. */
  parent?: string | Pick<BackgroundTaskHandle, 'taskId'> | undefined;
  /**
   * Who is told of it, by addresses: the name of a channel of the configuration, `NAME:TARGET`, or `session:ID`, where the agent
   * that works in that session is told. Default: `origin`, else where the session was asked from last, else what its recipe says,
   * else `background.defaultDeliverTo`; of children nobody. `[]`: nobody.
   */
  deliverTo?: readonly string[] | undefined;
  /** Of what they are told. Default: what the recipe says, else each channel's `on`. */
  notifyOn?: readonly NotifyOn[] | undefined;
  /** The address that it was asked for from; later tasks of its session answer there, too. */
  origin?: string | undefined;
  /** The span that submits it. A malformed one is dropped. Default: none; a child has that of its parent's attempt. */
  trace?: TaskTrace | undefined;
  /** The task that is submitted by the commit of its end. */
  onComplete?: { submit: Omit<TaskRequest, 'onComplete' | 'idempotencyKey' | 'parent'> } | undefined;
}

/** How to submit once, also if that has to be asked for twice because the answer was lost. */
export interface SubmitOnce {
  /**
   * Of this very request, for one submit of however many tasks: 1 to 128 characters. For 24 hours a request with the same key
   * and of the same content is answered as the first one was, and adds nothing; `ConflictError` for other content.
   */
  requestKey?: string | undefined;
}

/** What is asked for of the agents of a recipe. */
export type AgentOptions = Pick<TaskRequest, (typeof AGENT_OPTIONS)[number]>;

/** Their names. */
export const AGENT_OPTIONS = ['model', 'allowTools', 'askTools', 'budget', 'maxTurns'] as const;

/** How to submit a task that has ended once more. */
export interface RetryOptions {
  /** Its finished steps count as done. Default: true for agents, false for all else. */
  keepSteps?: boolean | undefined;
  /** As of a submit. Default: as it was. */
  timeout?: Duration | null | undefined;
  /** Over the bounds that it had, one by one; what kept steps have used counts. */
  budget?: Budget | undefined;
  /** Default: as it was. */
  maxTurns?: number | undefined;
}

/** How to wait for several tasks. */
export interface WaitManyOptions {
  /** Until the first of them has ended. Default: until all have. */
  any?: boolean | undefined;
  /** Seconds or a text such as `"90s"`. Default: no limit. 0 looks once. */
  timeout?: Duration | undefined;
  /** Aborting it rejects the wait with the signal's reason; the tasks run on. */
  signal?: AbortSignal | undefined;
}

/** How to take attempts away. */
export interface RecoverOptions {
  /** Any running attempt, not only overdue ones. */
  force?: boolean | undefined;
  /** Back to pending, whatever `onLost` says. */
  retry?: boolean | undefined;
  /** Say what would be done, and change nothing. */
  dryRun?: boolean | undefined;
}

/** What is changed of a live task. */
export interface UpdateChange {
  /** `current`: whatever its code's version is when it starts next, it goes on with that. */
  code: 'current';
}

/** Which tasks to list, newest first. */
export interface ListFilter {
  /** Only tasks of these statuses. Default: all. */
  status?: readonly TaskStatus[] | undefined;
  /** Only tasks of this session. */
  sessionId?: string | undefined;
  /** Only children of the task of this id. */
  parentId?: string | undefined;
  /** Only tasks of the recipe of this name. */
  recipe?: string | undefined;
  /** Only tasks that have all of these tags. */
  tags?: readonly string[] | undefined;
  /** Only tasks of exactly this name. */
  name?: string | undefined;
  /** Only tasks that were submitted at this moment or later: a `Date`, its ISO-8601 text, or how long ago (`'1h'`, seconds). */
  since?: Duration | Date | undefined;
  /** Only tasks that need an operator. */
  attention?: boolean | undefined;
  /** Also the ancestors and descendants of those on the page, whatever else is asked; 1,000 at most. Default false. */
  relatives?: boolean | undefined;
  /** From 1. Not together with `after`. */
  page?: number | undefined;
  /** 1 to 1,000. Default 20. */
  pageSize?: number | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
}

/** Which tasks to remove. Without `all`, terminal ones only. */
export interface ClearFilter {
  /**
   * Only these; not together with `olderThan` or `status`. Nothing is removed when one is unknown (`TaskNotFoundError`), or,
   * without `all`, when one is live or its work has not stopped yet (`ConflictError`).
   */
  ids?: readonly string[] | undefined;
  /** Only those of this session, with what was said in it; that stays where `status` or `olderThan` is given. */
  sessionId?: string | undefined;
  /** Cancel live ones first, wait for them to stop, remove what stopped. */
  all?: boolean | undefined;
  /** Only tasks that ended at least this long ago. */
  olderThan?: Duration | undefined;
  /** Only tasks of these statuses. Default: all that have ended. */
  status?: readonly TaskStatus[] | undefined;
  /** Say what would be removed, and change nothing. */
  dryRun?: boolean | undefined;
}

/** How to cancel. */
export interface CancelOptions {
  /** Kept with the task, and the message of what its code gets. */
  reason?: string | undefined;
  /** Say what would be, change nothing. Default false. */
  dryRun?: boolean | undefined;
  /** Answer when the work has really ended. Default false. */
  stopped?: boolean | undefined;
}

/** Which events of some tasks. */
export interface EventsQuery {
  /** Only those after this `seq` of each. Default 0: all that are kept. */
  after?: number | undefined;
  /** So many at most, in all. Default: all. */
  limit?: number | undefined;
  /** Answer when there is at least one, or when nothing will follow. Default false. */
  wait?: boolean | undefined;
  /** Aborting it rejects the wait with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** A task whose events are followed, and the last one that is known. */
export interface FollowedTask {
  /** Its full id. */
  id: string;
  /** Only events after this `seq`. */
  after: number;
}

/** What the verbs answer, as JSON carries it. */
import type { SessionMessage } from './conversation.ts';
import type { TaskEventJson } from './event.ts';
import type { EventData } from './event-data.ts';
import type { TaskJson, TaskStatus } from './task.ts';

/** Of a task that was submitted what its handle shows. */
export type SubmittedBriefly = Pick<TaskJson, 'task_id' | 'name' | 'recipe' | 'session_id'> & {
  deduplicated?: boolean;
};

/** A task as a submit answers with it. */
export type Submitted = TaskJson & {
  /** The submit added nothing: the task was there already, under its key. */
  deduplicated?: true;
};

/** What a wait for the outcome of one task came to. `timeout`: it has not ended, maybe since there is no worker (`problem`). */
export type WaitedOutcome =
  | { came: 'completed'; result: unknown }
  | { came: 'ended'; task: TaskJson }
  | { came: 'timeout'; problem?: string };

/** What a wait for several tasks came to: all of them as they are now, in the order in which they were given. */
export interface WaitedAll {
  /** In the order of the ids. */
  tasks: TaskJson[];
  /** `timeout`: not all have ended; with `any` none has. */
  wait_status: 'ok' | 'timeout';
  /** Why no worker runs one of them, as far as was found out while it was waited for. */
  problem?: string;
}

/** How much of a task's events an answer has. */
export interface EventsOfOne {
  /** Whose they are. */
  task_id: string;
  /** Give it as `after` to get what follows. */
  next_after: number;
  /** From this `seq` on nothing is missing; older progress, log and output may have been dropped. */
  first_seq: number;
  /** Nothing will follow: the task has ended, and its work has stopped or was given up. */
  over: boolean;
}

/** What happened to some tasks. */
export interface EventsOfAll {
  /** In the order in which it happened, as far as clocks tell; those of one task in the order of their `seq`. */
  events: TaskEventJson[];
  /** By task, in the order in which they were given. */
  tasks: EventsOfOne[];
}

/** Who cancelled a task, and why. */
export interface Cancellation {
  /** What cancelled it. */
  by: EventData['cancelled']['by'];
  /** Null: none was given. */
  reason: string | null;
}

/** What `cancel` did. */
export interface Cancelled {
  /** Which task. */
  task_id: string;
  /** False when the task was terminal already. In a dry run: whether it would be cancelled. */
  cancelled: boolean;
  /** As it is now. */
  status: TaskStatus;
}

/** What became of a task that was to be recovered. */
export interface RecoveryJson {
  /** Which task. */
  task_id: string;
  /** Whether its attempt was taken away, or would be in a dry run; why not. */
  result: 'would_apply' | 'applied' | 'skipped_not_recoverable' | 'skipped_state_changed';
  /** As it is now. */
  status: TaskStatus;
}

/** One page of tasks. */
export interface TaskPage {
  /** At most `page_size`, newest first. */
  tasks: TaskJson[];
  /** From 1. */
  page: number;
  page_size: number;
  /** How many there are of the filter. */
  total: number;
  /** False when counting stopped at 10,000. */
  total_exact: boolean;
  /** How many there are of each status, whatever the filter. */
  counts: Record<TaskStatus, number>;
  /** Give it as `after` to get the next page; null on the last. */
  next: string | null;
  /** There are more relatives than `tasks` has. */
  cut?: true;
}

/** A session: its tasks with all their relatives, newest first, and what happened to its tasks, in order. */
export interface SessionPage {
  /** Which session. */
  session_id: string;
  /** The newest 1,000 of the session, and relatives that belong to other sessions. */
  tasks: TaskJson[];
  /** What prompts in it were asked and have answered, in order: the last 100 of the last 30 days. */
  messages: SessionMessage[];
  /** The last ones: those of a task by their `seq`, those of several by their time. */
  events: TaskEventJson[];
  /** There are more tasks, or more events, than these. */
  cut?: true;
}

/** What `clear` did; `remaining` are tasks that had not stopped in time. */
export interface Cleared {
  /** How many were removed, or would be in a dry run. */
  cleared: number;
  /** Which. */
  task_ids: string[];
  /** So many of them still had an idempotency key: a submit with it makes a new task now. */
  keys_freed: number;
  /** Not removed: they had not stopped in time. */
  remaining: string[];
}

/** How many tasks are in which state, and how many executions were ever given up without knowing that they ended. */
export type Summary = Record<TaskStatus | 'abandoned', number> & {
  /** Of all statuses. */
  total: number;
};

/** What a pending task lacks, as far as this process can see. */
export interface Lacks {
  /** A recipe in code: only the app that has it can run the task. */
  app: string | null;
  /** Names of required environment variables that are not set here: a worker started here would not have them. */
  env: readonly string[];
  /** The folder of the recipe, or of the command, where that is not here: gone, or of another place that no living worker is of. */
  folder: string | null;
}

/** The shapes of a task as users see them: `Task` in TypeScript, `TaskJson` on the wire. */

import type { TaskErrorJson } from '../errors/index.ts';
import type { TaskTrace } from './carried.ts';
import type { ToolPolicy } from './tools.ts';
import type { Usage, UsageJson } from './usage.ts';

export type { TaskErrorJson };

/** The statuses by name: `TaskStatus.COMPLETED` is `'completed'`. In the order of a task's life. */
export const TaskStatus = Object.freeze({
  PENDING: 'pending',
  RUNNING: 'running',
  INPUT_REQUIRED: 'input_required',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
} as const);

/** Where a task is in its life. The last three are terminal. */
export type TaskStatus = 'pending' | 'running' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** What becomes of a task whose worker died or shut down. */
export type OnLost = 'fail' | 'retry';

/** What becomes of live tasks of the newcomer's session, or of the newcomer. */
export const ON_CONFLICT = ['parallel', 'enqueue', 'interrupt', 'reject'] as const;
export type OnConflict = (typeof ON_CONFLICT)[number];

/** What becomes of a task whose code is of another version when it starts, by name: `OnCodeChange.HOLD` is `'hold'`. */
export const OnCodeChange = Object.freeze({ RUN: 'run', HOLD: 'hold', FAIL: 'fail' } as const);

/** It runs the code that is there, is held until it is told to, or fails. */
export type OnCodeChange = (typeof OnCodeChange)[keyof typeof OnCodeChange];

/** What an operator should know and do next; derived on read from facts and the time, never stored. */
export interface TaskStatusJson {
  /** The task's; `unknown` when its record cannot be read. */
  status: TaskStatus | 'unknown';
  /** The status, finer: `queued`, `scheduled`, `retrying`, `overdue`, `lost`, … */
  kind: string;
  /** The kind as people read it. */
  display: string;
  /** It does not go on by itself. */
  blocked: boolean;
  /** It never changes again. */
  terminal: boolean;
  /** Somebody should look. */
  needs_attention: boolean;
  /** The verb to use next, or `none`. */
  next_action: string;
  /** An attempt was taken away by `recover`. */
  recovered: boolean;
  /** Everything that is so, in a fixed order. */
  signals: string[];
}

/** The worker that holds a task. */
export interface TaskWorkerJson {
  /** `worker_` and 16 hex digits. */
  id: string;
  /** Of its process, on its host. */
  pid: number;
  /** The name of its machine. */
  host: string;
  /** Unless it renews before, its right to the attempt ends then. */
  lease_until: string;
}

/** An open request for input. */
export interface InputRequestJson {
  /** What the person reads. */
  message: string;
  /** JSON Schema of the content of an answer that accepts. */
  schema?: unknown;
  /** When the task fails with `input_expired`. */
  expires_at?: string;
  /** When it was asked. */
  requested_at: string;
}

/**
 * A task on the wire: snake_case keys, ISO-8601 UTC times with milliseconds, durations in seconds. Its fields mean what those of
 * `Task` mean.
 */
export interface TaskJson {
  /** `task_` and 32 hex digits. */
  task_id: string;
  /** What people call it. */
  name: string;
  /** Empty for plain functions and for commands. */
  recipe: string;
  /** Of an ad-hoc command: its program and arguments; absent otherwise. */
  command?: readonly string[];
  /** Of an ad-hoc command: the folder that it runs in; absent otherwise. */
  cwd?: string;
  /** Where it is in its life. */
  status: TaskStatus;
  /** The session that it was submitted with. */
  session_id: string | null;
  /** `"bg:"` and the task's id: its own session. */
  task_session_id: string;
  /** Its parent's own session; null without a parent. */
  owner_session_id: string | null;
  /** The task that it belongs to. */
  parent_id: string | null;
  /** Higher first. */
  priority: number;
  /** 0 before the first start. */
  attempt: number;
  /** `retries` and one. */
  max_attempts: number;
  /** What becomes of it when its worker dies. */
  on_lost: OnLost;
  /** 0..1 */
  progress: number;
  /** What the code said with its last progress. */
  progress_message: string | null;
  /** What else it told with a progress of this attempt, as it gave it; null: nothing. */
  progress_data: unknown;
  /** When it was submitted. */
  created_at: string;
  /** It does not start before; also after a failed attempt. */
  run_at: string | null;
  /** When it first started. */
  started_at: string | null;
  /** When it ended, whatever its outcome. */
  completed_at: string | null;
  /** When its code had really ended; null until then. */
  stopped_at: string | null;
  /** When anything about it last changed. */
  updated_at: string;
  /** When the attempt that runs times out. */
  deadline_at: string | null;
  /** Seconds since the first start, to the end or to now; null before the first start. */
  duration: number | null;
  /** Run time of one attempt, in seconds; null: no limit. */
  timeout_sec: number | null;
  /** As it was submitted, over the recipe's `defaults`. */
  input: unknown;
  /** The recipe's, overridden by the submit's. */
  config: unknown;
  /** As it was submitted. */
  metadata: unknown;
  /** Words that it is found by; those of a `BackgroundRunner` have none. */
  tags: readonly string[];
  /** Null without one. */
  idempotency_key: string | null;
  /** The task that this one repeats. */
  retried_from: string | null;
  /** When the record may go, after the look that showed this; null while it is live or its work stops. */
  drop_at: string | null;
  /** Null until it has completed. */
  result: unknown;
  /** Why it failed; null unless it has. */
  error: TaskErrorJson | null;
  /** What its code has used of models, over all attempts; null: it has told nothing. */
  usage: UsageJson | null;
  /** The same with all of its descendants that are still there; null: none has told anything, or the task is a runner's. */
  usage_total: UsageJson | null;
  /** The span that submitted it; absent without one. */
  trace?: TaskTrace;
  /** Whom its outcome and its questions are delivered to; absent: nobody. */
  deliver?: readonly string[];
  /** The schedule that submitted it; absent without one. */
  schedule_id?: string;
  /** For which moment that was. */
  scheduled_for?: string;
  /** Open questions, by key. */
  input_requests: Record<string, InputRequestJson>;
  /** What its agents may do with the tools that they name; absent where a submit has settled none. */
  tools?: Readonly<Record<string, ToolPolicy>>;
  /** Who runs it; null when nobody does. */
  worker: TaskWorkerJson | null;
  /** Names of variables whose values, as submitted, no living worker has; present only when that keeps it from running. */
  unheld_env?: readonly string[];
  /** What of it cannot be read here; absent when all can. */
  undecoded?: Undecoded;
  /** What there is to say about it; absent when there is nothing. */
  warnings?: readonly string[];
  /** What an operator should know and do next. */
  task_status: TaskStatusJson;
}

/** Values of a task, or of what a schedule submits, that a codec has made something else of, and this process cannot decode. */
export interface Undecoded {
  /** Its name. */
  codec: string;
  /** Which of `input`, `config`, `result` and `error_details`, or `request` of a schedule; they are shown as if there were none. */
  kinds: readonly string[];
  /** Why not, in words. */
  reason: string;
}

/** A task as the TypeScript API returns it: the same facts, camelCase keys, `Date` for times. */
export interface Task<Result = unknown> {
  /** `task_` and 32 hex digits. */
  taskId: string;
  /** What people call it. */
  name: string;
  /** Empty for plain functions and for commands. */
  recipe: string;
  /** Of an ad-hoc command: its program and arguments; absent otherwise. */
  command?: readonly string[];
  /** Of an ad-hoc command: the folder that it runs in; absent otherwise. */
  cwd?: string;
  /** Where it is in its life. */
  status: TaskStatus;
  /** The session that it was submitted with. */
  sessionId: string | null;
  /** `"bg:" + taskId`: its own session. */
  taskSessionId: string;
  /** Its parent's own session; null without a parent. */
  ownerSessionId: string | null;
  /** The task that it belongs to. */
  parentId: string | null;
  /** Higher first. */
  priority: number;
  /** 0 before the first start. */
  attempt: number;
  /** `retries` and one. */
  maxAttempts: number;
  /** What becomes of it when its worker dies. */
  onLost: OnLost;
  /** 0..1 */
  progress: number;
  /** What the code said with its last progress. */
  progressMessage: string | null;
  /** What else it told with a progress of this attempt, as it gave it; null: nothing. */
  progressData: unknown;
  /** When it was submitted. */
  createdAt: Date;
  /** It does not start before; also after a failed attempt. */
  runAt: Date | null;
  /** When it first started. */
  startedAt: Date | null;
  /** When it ended, whatever its outcome. */
  completedAt: Date | null;
  /** When its code had really ended; null until then. */
  stoppedAt: Date | null;
  /** When anything about it last changed. */
  updatedAt: Date;
  /** When the attempt that runs times out. */
  deadlineAt: Date | null;
  /** Seconds since the first start, to the end or to now; null before the first start. */
  duration: number | null;
  /** Run time of one attempt, in seconds; null: no limit. */
  timeoutSec: number | null;
  /** As it was submitted, over the recipe's `defaults`. */
  input: unknown;
  /** The recipe's, overridden by the submit's. */
  config: unknown;
  /** As it was submitted. */
  metadata: unknown;
  /** Words that it is found by; those of a `BackgroundRunner` have none. */
  tags: readonly string[];
  /** Null without one. */
  idempotencyKey: string | null;
  /** The task that this one repeats. */
  retriedFrom: string | null;
  /** When the record may go, after the look that showed this; null while it is live or its work stops. */
  dropAt: Date | null;
  /** Null until it has completed. */
  result: Result | null;
  /** Why it failed; null unless it has. */
  error: TaskErrorJson | null;
  /** What its code has used of models, over all attempts; null: it has told nothing. */
  usage: Usage | null;
  /** The same with all of its descendants that are still there; null: none has told anything, or the task is a runner's. */
  usageTotal: Usage | null;
  /** The span that submitted it; absent without one. */
  trace?: TaskTrace;
  /** Whom its outcome and its questions are delivered to; absent: nobody. */
  deliver?: readonly string[];
  /** The schedule that submitted it; absent without one. */
  scheduleId?: string;
  /** For which moment that was. */
  scheduledFor?: Date;
  /** Open questions, by key. */
  inputRequests: Record<string, InputRequest>;
  /** What its agents may do with the tools that they name; absent where a submit has settled none. */
  tools?: Readonly<Record<string, ToolPolicy>>;
  /** Who runs it; null when nobody does. */
  worker: { id: string; pid: number; host: string; leaseUntil: Date } | null;
  /** Names of variables whose values, as submitted, no living worker has; present only when that keeps it from running. */
  unheldEnv?: readonly string[];
  /** What of it cannot be read here; absent when all can. */
  undecoded?: Undecoded;
  /** What there is to say about it; absent when there is nothing. */
  warnings?: readonly string[];
  /** What an operator should know and do next. */
  taskStatus: TaskAttention;
}

/** `InputRequestJson` with `Date` times. */
export interface InputRequest {
  /** What the person reads. */
  message: string;
  /** JSON Schema of the content of an answer that accepts. */
  schema?: unknown;
  /** When the task fails with `input_expired`. */
  expiresAt?: Date;
  /** When it was asked. */
  requestedAt: Date;
}

/** `TaskStatusJson` in camelCase. */
export interface TaskAttention {
  /** The task's; `unknown` when its record cannot be read. */
  status: TaskStatus | 'unknown';
  /** The status, finer: `queued`, `scheduled`, `retrying`, `overdue`, `lost`, … */
  kind: string;
  /** The kind as people read it. */
  display: string;
  /** It does not go on by itself. */
  blocked: boolean;
  /** It never changes again. */
  terminal: boolean;
  /** Somebody should look. */
  needsAttention: boolean;
  /** The verb to use next, or `none`. */
  nextAction: string;
  /** An attempt was taken away by `recover`. */
  recovered: boolean;
  /** Everything that is so, in a fixed order. */
  signals: string[];
}

/** True for the three statuses that never change again. */
export const isTerminal = (status: TaskStatus): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

/** Every status, in the order of a task's life. */
export const STATUSES: readonly TaskStatus[] = Object.values(TaskStatus);

/** What crosses to the Rust core and back. Times are milliseconds since the epoch, spans end in `_ms`. */
import type { Carried } from '../wire/carried.ts';
import type { EventKind } from '../wire/event.ts';
import type { OnCodeChange, OnLost, TaskErrorJson, TaskStatus, TaskStatusJson } from '../wire/task.ts';
import type { Used } from '../wire/usage.ts';

/** What a submitter asks for. What is left out has its default. */
export interface Spec {
  /** 1 to 200 characters. */
  name: string;
  /** Empty (the default) for plain functions. */
  recipe?: string;
  session_id?: string | null;
  parent_id?: string | null;
  /** A whole number, higher first. Default 0. */
  priority?: number | null;
  /** Run time of one attempt; null (the default) and 0: no limit. */
  timeout_ms?: number | null;
  /** How long it may wait for its first start once it is due. Default: for ever. */
  ttl_ms?: number | null;
  /** Further attempts, 0 to 1000. Default 0; 3 with `on_lost: 'retry'`. */
  retries?: number | null;
  /** Seconds, a factor, a share from 0 to 1. Default 1, 60, 2 and 0.5. */
  backoff?: { initial?: number; max?: number; factor?: number; jitter?: number } | null;
  /** Not together with `run_at`. */
  delay_ms?: number | null;
  run_at?: number | null;
  /** Default `'fail'`. */
  on_lost?: OnLost | null;
  /** Default 5,000. */
  kill_grace_ms?: number | null;
  /** Default 3,600,000. */
  cleanup_delay_ms?: number | null;
  /** Default 604,800,000 (7 days). */
  keep_failed_ms?: number | null;
  /** Default 86,400,000 (a day). */
  keep_keyed_ms?: number | null;
  idempotency_key?: string | null;
  retried_from?: string | null;
  /** Of its recipe, 1 to 200 characters. Default: whatever is there when it starts. */
  version?: string | null;
  /** What the code is. Default: not known. */
  digest?: string | null;
  /** Default: it runs code of another version, unless it has stored steps or answers; then it is held. */
  on_code_change?: OnCodeChange | null;
  /** Kept as it is for whoever runs the task, up to 32 KiB of JSON. */
  source?: unknown;
  /** What telemetry, deliveries and schedules give it; the core never looks into it. Up to 32 KiB of JSON. */
  carried?: Carried | null;
}

/** Which execution a command comes from. */
interface Run {
  attempt: number;
  epoch: number;
}

/** Whom a task's end or question was told, or was not. */
interface Delivery {
  address: string;
  id: string;
  attempts: number;
}

/** What can be asked of a task; `decide` in the core's Rust documentation says what each means. */
export type Command =
  | { command: 'start'; worker: string; digest?: string | null }
  | ({ command: 'code'; version: string; digest?: string | null; serves?: boolean } & Run)
  | { command: 'found'; version: string; digest?: string | null; serves?: boolean }
  | { command: 'update' }
  | ({ command: 'succeed' } & Run)
  | ({ command: 'fail'; error: TaskErrorJson; settled?: boolean; retry_in_ms?: number | null } & Run)
  | ({ command: 'lose'; reason: 'worker_gone' | 'lease_expired' | 'shutdown'; stopped?: boolean } & Run)
  | ({ command: 'release'; reason: string } & Run)
  | { command: 'cancel'; reason?: string | null; by?: 'caller' | 'parent' | 'session' | 'clear' }
  | ({ command: 'ask'; key: string; message: string; schema?: unknown; expires_at?: number | null } & Run)
  | { command: 'answer'; key: string; action: 'accept' | 'decline' | 'cancel'; content?: unknown }
  | { command: 'due' }
  | ({ command: 'stopped' } & Run)
  | ({ command: 'abandon' } & Run)
  | ({ command: 'progress'; fraction: number | null; message?: string | null; data?: unknown } & Run)
  | ({ command: 'log'; line: string } & Run)
  | ({ command: 'output'; chunk: unknown } & Run)
  | ({ command: 'usage'; used: Used } & Run)
  | ({ command: 'tool'; step: string; call: string; name: string; ok: boolean; ms: number } & Run)
  | ({ command: 'warning'; reason: string; message: string } & Run)
  | ({ command: 'step'; key: string } & Run)
  | { command: 'tell'; delivery: Delivery; failed?: boolean }
  | {
      command: 'recover';
      force?: boolean;
      retry?: boolean;
      overdue?: boolean;
      /** What became of its worker; none: it lives, or nobody can tell. */
      reason?: 'worker_gone' | 'lease_expired' | null;
      stopped?: boolean;
    };

/** One fact about a task, ready to be written; `data` is JSON text. */
export interface CoreEvent {
  seq: number;
  at: number;
  kind: EventKind;
  data: string;
}

/** What a store indexes of a record. */
export interface Columns {
  status: TaskStatus;
  recipe: string;
  name: string;
  session_id: string | null;
  parent_id: string | null;
  priority: number;
  /** It does not start before this moment. */
  run_at: number | null;
  /** It goes before others of its priority. */
  head: boolean;
  /** The first moment at which `due` changes it. A start is refused from then on. */
  due_at: number | null;
  /** Who holds it; also after its end, until the work has stopped. */
  worker: string | null;
  /** It is not started, since its code has changed. */
  held: boolean;
  completed_at: number | null;
  idempotency_key: string | null;
}

/** What became of a task. `changed` is false when there was nothing to do; there are no events then. */
export interface Decided {
  /** JSON text; the truth about the task. */
  record: string;
  changed: boolean;
  status: TaskStatus;
  events: CoreEvent[];
  columns: Columns;
  /** When its record may go if nobody reads its outcome; null: not yet. */
  drop_at: number | null;
}

/** What the record alone cannot tell. */
export interface Facts {
  /** Whether the worker that holds the task lives; `unknown` when there is none or it cannot be seen from here. */
  owner: 'alive' | 'gone' | 'unknown';
  lease_until: number | null;
  /** Whether some living worker can run the task. */
  runnable: boolean;
  /** For long somebody was to be told of the task, and was not. */
  undelivered?: boolean;
  /** The record could not be read. */
  unreadable?: boolean;
  /** Its agents may not use all of the tools that they name as they like. */
  tools_narrowed?: boolean;
}

/** What an operator should know and do next. */
export type TaskStatusView = TaskStatusJson;

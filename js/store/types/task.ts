/** Tasks, as they are submitted and as they are stored. */
import type { Spec } from '../../core/index.ts';
import type { Delivering } from '../../wire/notification.ts';
import type { OnConflict, TaskStatus } from '../../wire/task.ts';
import type { Binding } from '../binding.ts';
import type { WorkerRow } from './worker.ts';

/** A large or private value kept beside the small record; `data` is JSON text. */
export type PayloadKind =
  | 'input'
  | 'config'
  | 'metadata'
  | 'result'
  | 'error_details'
  | 'late_result'
  | 'progress_data';
export type Payloads = Partial<Record<PayloadKind, string>>;
/** Beside a payload: where values were left out of it, and of which variables; JSON text. Absent: nowhere. */
export type PayloadRefs = Payloads;

/** Payloads for code, which gets back what was left out of them. */
export interface Handed {
  payloads: Payloads;
  refs: PayloadRefs;
}

/** A task to insert. */
export interface NewTask {
  spec: Spec;
  payloads: Payloads;
  refs?: PayloadRefs;
  /** Names of environment variables that its worker must have. */
  needs: readonly string[];
  /** How many tasks of this recipe may have a slot at once, over all workers; null: no limit of its own. */
  maxConcurrent: number | null;
  /** The name of a recipe in code, which only workers that have it can run; null: the recipe is a folder. */
  code: string | null;
  /** The environment that it is to run with, with the values that it needs; absent: that of its worker, by names. */
  binding?: Binding;
  onConflict: OnConflict;
  /** The execution that submits it; without one (`epoch` null) the parent only has to be live. Its id is in the spec. */
  parent: { attempt: number; epoch: number } | null;
  /** A further attempt of the parent goes on with its child of this key. */
  childKey: string | null;
  /** Words that it is found by; each once. */
  tags?: readonly string[];
  /** What is to happen in the commit of its end. */
  sequel?: Sequel;
  /** The channel that it was asked for from: later tasks of its session answer there, too. */
  origin?: string;
}

/** What follows the end of a task. */
export interface Sequel {
  /** What was asked and answered is kept by its session. */
  conversation?: true;
  /** A task tells somebody of it. */
  wake?: Wake;
  /** Who is told of it, and of what else happens to it. */
  deliver?: Delivering;
}

/** The task that tells somebody of ends. */
export interface Wake {
  /** Equal for tasks whose ends one task may tell. */
  key: string;
  /** Its input gets the ends, as `ended`. */
  task: NewTask;
}

/** A prompt of a session, and its answer. */
export interface StoredExchange {
  task_id: string;
  /** When it was answered, ms since the epoch. */
  at: number;
  /** `input` and `result` of the task. */
  payloads: Payloads;
  /** The uses of tools between them, JSON text; absent: none. */
  step?: { data: string };
}

/** A task that has completed, for who wants its result alone. */
export interface CompletedTask {
  id: string;
  status: 'completed';
  payloads: Payloads;
  /** Whether its outcome was shown to somebody. */
  seen: boolean;
  record?: undefined;
}

/** A stored task with what a reader needs. */
export interface StoredTask {
  id: string;
  /** The status column; the record's own unless the record cannot be read. */
  status: TaskStatus;
  record: string;
  payloads: Payloads;
  /** Whether its outcome was shown to somebody. */
  seen: boolean;
  /** When the record may go, ms since the epoch; null while it is live or stopping. */
  drop_at: number | null;
  tags: readonly string[];
  /** What its descendants have used, each JSON text; of who asks for the result. */
  below: readonly string[];
  worker: WorkerRow | null;
  /** Whether the owner lives; `unknown` when there is none or its process cannot be seen from here. */
  owner: 'alive' | 'gone' | 'unknown';
  /** Whether some living worker can run it. */
  runnable: boolean;
  /** Names of variables whose values no living worker has, of a pending task that for this reason none can run. */
  missing: readonly string[];
  /** Somebody was to be told of it for long, and was not. */
  undelivered: boolean;
  /** Whether it is bound to values, not only names. */
  bound: boolean;
  /** The submit added nothing: the task was there already, under its key. */
  deduplicated?: true;
}

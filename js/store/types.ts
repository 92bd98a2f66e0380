/** What the store can be asked. Every operation is one transaction; its answer is durable when it arrives. */
import type { Command, Decided, EventKind, Spec } from '../core/index.ts';
import type { OnConflict, TaskStatus } from '../wire/task.ts';
import type { Binding, EnvValue, Provision } from './binding.ts';

export type * from './binding.ts';

/** A large or private value kept beside the small record; `data` is JSON text. */
export type PayloadKind = 'input' | 'config' | 'metadata' | 'result' | 'error_details' | 'late_result';
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
}

/** A worker, as the other processes know it. Times are milliseconds since the epoch. */
export interface WorkerRow {
  id: string;
  /** Boot, pid namespace and start time tell a process from a later one with the same pid. */
  boot: string;
  pid_ns: string;
  /** With the boot: whose monotonic clock is its own. */
  time_ns: string;
  pid: number;
  start_time: string;
  host: string;
  /** `starting` until the process has taken the row over; `stopping` when it claims nothing more. */
  state: 'starting' | 'live' | 'stopping';
  concurrency: number;
  /** How many tasks may have a slot at once over all workers of the store, as this one was told; null: no such limit. */
  max_concurrent: number | null;
  /** Names of the environment variables it has. */
  env: readonly string[];
  /** Whether it runs recipes that are folders. */
  folders: boolean;
  /** Names of the recipes in code that it has. */
  recipes: readonly string[];
  /** Where values are handed to it; absent or null when it takes none. */
  socket?: string | null;
  /** The name of the key that it makes hashes of values with. */
  value_key?: string | null;
  /** The values that it has; told when it is inserted, not read again. */
  values?: readonly EnvValue[];
  /** Where paths mean what they mean to it; null: not said. */
  place?: string | null;
  /** Names of recipes that it finds in folders of its own. */
  found?: readonly string[];
  /** By its wall clock; others judge it by what they can trust, see `facts.ts`. */
  lease_until: number;
  started_at: number;
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
  worker: WorkerRow | null;
  /** Whether the owner lives; `unknown` when there is none or its process cannot be seen from here. */
  owner: 'alive' | 'gone' | 'unknown';
  /** Whether some living worker can run it. */
  runnable: boolean;
  /** Names of variables whose values no living worker has, of a pending task that for this reason none can run. */
  missing: readonly string[];
  /** Whether it is bound to values, not only names. */
  bound: boolean;
  /** The submit added nothing: the task was there already, under its key. */
  deduplicated?: true;
}

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

export interface ListQuery {
  status: readonly TaskStatus[];
  sessionId: string | null;
  recipe: string | null;
  /** Only tasks that have all of these. */
  tags?: readonly string[];
  name?: string | null;
  /** Only those that were submitted at this moment or later, ms since the epoch. */
  since?: number | null;
  attention: boolean;
  /** With the ancestors and descendants of those on the page, whatever else is asked. */
  relatives?: boolean;
  /** Without input, result and what else lies beside the record. */
  small?: boolean;
  limit: number;
  /** Rows to pass over; 0 with a cursor. */
  offset: number;
  /** Only tasks created before this one (`seq`). */
  before: number | null;
}

/** Tasks by their status, and how many executions were ever given up. */
export type Counts = Record<TaskStatus | 'abandoned', number>;

export interface ListAnswer {
  tasks: StoredTask[];
  total: number;
  totalExact: boolean;
  counts: Record<TaskStatus, number>;
  /** The `before` of the next page. */
  next: number | null;
  /** There are more relatives than these. */
  isCut: boolean;
}

/** A process group that a worker leads; killed by whoever finds the worker dead. */
export interface Group {
  pgid: number;
  start_time: string;
}

/** One fact about a task as it is stored; `data` is JSON text. */
export interface StoredEvent {
  seq: number;
  at: number;
  kind: EventKind;
  data: string;
}

/** A page of a task's events. */
export interface EventPage {
  events: StoredEvent[];
  /** From this `seq` on nothing is missing; older progress, log and output may have been dropped. */
  firstSeq: number;
  /** The last event of the task, in this page or not. */
  lastSeq: number;
  /** The task is terminal and its work has stopped or was given up: there will be no more than these. */
  over: boolean;
}

/** What became of a task that was to be recovered. */
export interface Recovered {
  id: string;
  result: 'would_apply' | 'applied' | 'skipped_not_recoverable' | 'skipped_state_changed';
  status: TaskStatus;
  /** It looks overdue, but by the clock of another machine only: it can be taken once it was watched for a lease. */
  uncertain?: true;
}

/** Every operation by name. */
export interface Ops {
  /**
   * Inserts all or none, by the rules of keys, families and sessions. With `start`, also a row for the worker to start
   * when no living one can run them. `unheld`: one task of each set of values that no worker has.
   */
  submit(args: { tasks: readonly NewTask[]; start: WorkerRow | null }): {
    tasks: StoredTask[];
    spawn: boolean;
    unheld: string[];
  };
  /**
   * Inserts the row `start` when a pending task has no living worker that can run it, and none that could be handed its
   * values; else says what to hand to whom. It may be left undone, and answers then as if nothing were needed.
   */
  needWorker(args: { id: string; start: WorkerRow }): Provision;
  /** Whether a pending task has no living worker that can run it, and what to hand to whom. */
  provision(args: { id: string }): Provision;
  /** The worker has these values from now on. */
  hold(args: { worker: string; values: readonly EnvValue[] }): void;
  /** Forgets those of these values that no live task needs, and answers with them. */
  release(args: { worker: string; values: readonly EnvValue[] }): EnvValue[];
  /** Ids of pending tasks that are due, and bound to values that no living worker has, while this one has the names. */
  stranded(args: { worker: string }): string[];
  /** The worker runs these tasks with its own values. */
  takeByName(args: { worker: string; ids: readonly string[] }): void;
  /** `ended`: payloads that are read, too, when it has ended. */
  get(args: { id: string; payloads: readonly PayloadKind[]; ended?: readonly PayloadKind[] }): StoredTask | null;
  /** Several at one moment, in the order of the ids; null for one that is not there. */
  getAll(args: { ids: readonly string[]; payloads: readonly PayloadKind[] }): (StoredTask | null)[];
  /**
   * The outcome was shown to somebody: retention counts from now. Answers when the record may go, as `drop_at`. `late`: nobody
   * waits for it, so that it goes along with the next commit, if one comes soon.
   */
  see(args: { id: string; late?: true }): number | null;
  /** Ids that begin with the prefix, three at most. */
  find(args: { prefix: string }): string[];
  list(args: ListQuery): ListAnswer;
  counts(args: Record<string, never>): Counts;
  /** The ids of all tasks with these statuses. */
  ids(args: { status: readonly TaskStatus[] }): string[];
  /** Those of these tasks that are live. */
  live(args: { ids: readonly string[] }): string[];
  /** Decides everything that is due now: dead owners (their groups are killed first), times over, retention. */
  due(args: Record<string, never>): number;
  /** Puts each command to `decide` and commits the events, all in one transaction; null for a task that is not there. */
  change(args: { changes: readonly Change[] }): (Changed | null)[];
  /** Cancels all of them in one transaction, or none when one is not there. Both answers are in the order of the ids. */
  cancel(args: { ids: readonly string[]; by: 'caller' | 'clear'; reason?: string }): {
    changed: Changed[];
    missing: string[];
  };
  /**
   * Gives lent slots back, then starts tasks that this worker can run, best first, while it and the limits have room; none
   * of `without`. Of `children`, which stand ready, each works for one of them from then on (`Claimed.pgid`).
   */
  claim(args: { worker: string; without?: readonly string[]; children?: readonly ReadyChild[] }): Claims;
  /** A running attempt awaits a child of its own: its slot is free for others. */
  lend(args: { attempt: Attempt }): void;
  /** It wants its slot back; a later `claim` gives it. */
  reclaim(args: { attempt: Attempt }): void;
  /** The stored result of a finished step as JSON text. */
  step(args: { id: string; key: string }): { data: string; refs: string | null } | null;
  /** Null for a task that is not there. */
  handed(args: { id: string; kinds: readonly PayloadKind[] }): Handed | null;
  /** Events after `after`, in order; null for a task that is not there. */
  events(args: { id: string; after: number; limit: number }): EventPage | null;
  /** All events of several tasks after a `seq` of each, at one moment; null for a task that is not there. */
  eventsOfAll(args: { of: readonly { id: string; after: number }[] }): (EventPage | null)[];
  /** The last events of the tasks of a session, in order. */
  sessionEvents(args: { session: string; limit: number }): (StoredEvent & { task: string })[];
  /** What the event of its cancellation holds, JSON text; null for a task that was not cancelled. */
  cancellation(args: { id: string }): string | null;
  /**
   * Submits a terminal task once more, under a new id, and with the environment of `by` if that has all that it needs. One
   * that waits for values which nobody has is bound anew itself. With `source` from that folder; with `start` as `submit`.
   */
  retry(args: { id: string; start: WorkerRow | null; by?: Binding | null; source?: unknown }): {
    task: StoredTask;
    spawn: boolean;
  };
  /**
   * Takes running attempts away: overdue ones, with `force` any. Their groups are killed first, where they are local.
   * `ids` null: all that are overdue (`force`: all that run).
   */
  recover(args: {
    ids: readonly string[] | null;
    force: boolean;
    retry: boolean;
    dryRun: boolean;
    /** With `retry`: what is put back is bound anew, if this has all that it needs. */
    by?: Binding | null;
  }): Recovered[];
  /**
   * What a worker must know after a wake: which of its running attempts to end (cancelled, taken away or cleared),
   * whether there is something to claim, whether any task that it can run is pending (delayed ones included), and when
   * the next of them is due (ms since the epoch).
   */
  poll(args: { worker: string; running: readonly Attempt[]; without?: readonly string[] }): {
    ended: Ended[];
    claimable: boolean;
    pending: boolean;
    nextAt: number | null;
    /** False when others took this worker for dead and removed its row: register again before claiming. */
    registered: boolean;
  };
  /** Tasks that the worker could run, and that are held since their code has changed. */
  changedCode(args: { worker: string }): { id: string; record: string }[];
  /** Takes over the `starting` row of this id, or inserts a new one. */
  register(args: { row: WorkerRow }): void;
  /** The process of a `starting` row runs now; until it registers it is judged by its own process. */
  spawned(args: { worker: string; pid: number; start_time: string }): void;
  renew(args: { worker: string }): void;
  /** From now on it claims nothing, and others do not count on it. */
  stopping(args: { worker: string }): void;
  /** Removes the row unless something that it can run is pending, running or delayed; false then. */
  leave(args: { worker: string; force: boolean }): boolean;
  /** Remembers a group before user code loads in it. */
  addGroup(args: { worker: string; group: Group }): void;
  /** From now on the group works for this task, whose attempt may be taken away by killing it. */
  useGroup(args: { worker: string; pgid: number; task: string }): void;
  removeGroup(args: { worker: string; pgid: number }): void;
  /** Removes tasks that are terminal and stopped; answers with those removed, and how many idempotency keys they had. */
  clear(args: ClearQuery): { ids: string[]; keys: number };
}

export interface ClearQuery {
  /** Only these; null: all that fit. */
  ids: readonly string[] | null;
  status: readonly TaskStatus[];
  /** Only tasks that ended at least so many milliseconds ago. */
  olderThan: number | null;
  dryRun: boolean;
}

/** A store, however it is mounted: called directly, or through a thread of its own. */
export interface Store {
  /** The database file. */
  readonly path: string;
  /** Its folder. */
  readonly folder: string;
  run<K extends keyof Ops>(op: K, args: Parameters<Ops[K]>[0]): Promise<ReturnType<Ops[K]>>;
  /** Calls the listener soon after any process committed. Returns what ends it. */
  watch(listener: () => void): () => void;
  /** Renews this worker's lease every 5 s, also while the calling thread is blocked (thread mount only). */
  keepLease(worker: string): void;
  /** Renews it no more. */
  dropLease(worker: string): void;
  close(): Promise<void>;
}

/** Every operation by name. Each is one transaction; its answer is durable when it arrives. */
import type { TaskTrace } from '../../wire/carried.ts';
import type { TaskStatus } from '../../wire/task.ts';
import type { Binding, EnvValue, Provision } from '../binding.ts';
import type { Attempt, Change, Changed, Claims, Ended, ReadyChild, Recoverable, Recovered, Taken } from './attempt.ts';
import type { ClaimedDelivery, DeliveryState, SettledDelivery, StoredDelivery } from './delivery.ts';
import type {
  ChangedTask,
  ClearQuery,
  Counts,
  EventPage,
  EventPlace,
  FeedAnswer,
  FeedRequest,
  ListAnswer,
  ListQuery,
  Measured,
  MeasuredTimes,
  RequestKey,
  StoredEvent,
} from './query.ts';
import type { Fired, Firing, NewSchedule, ScheduleChange, ScheduleRow, ShownSchedule } from './schedule.ts';
import type { CompletedTask, Handed, PayloadKind, StoredExchange, StoredTask } from './task.ts';
import type { Submit, Submitted, Turn, Turned } from './turn.ts';
import type { DeadWorker, Group, Reaped, WorkerRow } from './worker.ts';

/** What is other of a task that is submitted once more. */
export interface Anew {
  /** What a worker runs. */
  source?: unknown;
  /** Milliseconds; null: none. */
  timeoutMs?: number | null;
  /** What its finished steps gave counts for the new one. */
  keepSteps?: boolean;
}

/** Every operation by name. */
export interface Ops {
  /**
   * Inserts all or none, by the rules of keys, families and sessions. With `start`, also a row for the worker to start
   * when no living one can run them. `unheld`: one task of each set of values that no worker has. With `request`, once: who
   * asks again gets the same answer.
   */
  submit(args: Submit): Submitted;
  /** What a submit of that key was answered with; null when there was none. `ConflictError` when it was another one. */
  answered(args: RequestKey): Submitted | null;
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
  getAll(args: {
    ids: readonly string[];
    payloads: readonly PayloadKind[];
    ended?: readonly PayloadKind[];
  }): (StoredTask | null)[];
  /** The same for who waits for how they end: of one that has completed its result alone, of any other its error's details. */
  outcomes(args: { ids: readonly string[] }): (StoredTask | CompletedTask | null)[];
  /** The outcome was shown to somebody: retention counts from now. Answers when the record may go, as `drop_at`. */
  see(args: { id: string }): number | null;
  /** Outcomes were shown; nobody waits for it, so that it goes along with the next commit, if one comes soon. */
  seeAll(args: { ids: readonly string[] }): void;
  /** Ids that begin with the prefix, three at most. */
  find(args: { prefix: string }): string[];
  list(args: ListQuery): ListAnswer;
  counts(args: Record<string, never>): Counts;
  /** The ids of all tasks with these statuses; with `session` of that one. */
  ids(args: { status: readonly TaskStatus[]; session?: string | undefined }): string[];
  /** Those of these tasks that are live. */
  live(args: { ids: readonly string[] }): string[];
  /** Whether there is anything to decide that nobody has to ask for, and what dead workers have left running here. */
  overdue(args: { dropNothing?: boolean }): { isDue: boolean; dead: DeadWorker[] };
  /**
   * Decides everything that is due now: dead owners, times over, retention. What a dead worker has left is killed before,
   * see `reap/`; one of this machine of which nothing is told waits for the next call. `dropNothing`: no record goes.
   */
  due(args: { reaped: readonly Reaped[]; dropNothing?: boolean }): number;
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
  /**
   * Changes, submits and a claim as one transaction. What an attempt tells and submits before it ends comes first, then the ends,
   * other newcomers, lent slots, and starts. Each set of changes and each submit is judged and answered by itself.
   */
  turn(args: Turn): Turned;
  /** A running attempt awaits a child of its own: its slot is free for others. */
  lend(args: { attempt: Attempt }): void;
  /** It wants its slot back; a later `claim` gives it. */
  reclaim(args: { attempt: Attempt }): void;
  /** The stored result of a finished step as JSON text. */
  step(args: { id: string; key: string }): { data: string; refs: string | null } | null;
  /** Adds the span of an attempt to its `started` event. Nothing when it has gone on since, or is not there. */
  traced(args: Attempt & { trace: TaskTrace }): void;
  /** Null for a task that is not there. */
  handed(args: { id: string; kinds: readonly PayloadKind[] }): Handed | null;
  /** Events after `after`, in order; null for a task that is not there. */
  events(args: { id: string; after: number; limit: number }): EventPage | null;
  /** All events of several tasks after a `seq` of each, at one moment; null for a task that is not there. */
  eventsOfAll(args: { of: readonly { id: string; after: number }[] }): (EventPage | null)[];
  /** The last events of the tasks of a session, in order. */
  sessionEvents(args: { session: string; limit: number }): (StoredEvent & { task: string })[];
  /** What is measured of the store as a whole. */
  measure(args: Record<string, never>): Measured;
  /** How long attempts ran and waited that ended and began after that place in the feed; null: only the place by now. */
  measureTimes(args: { after: number | null }): MeasuredTimes;
  /** A page of the feed; null of a file of an older schema, whose events have no lasting order. */
  feed(args: FeedRequest): FeedAnswer | null;
  /**
   * The tasks to which something has happened since that place in the feed, with `endsOnly` those that have ended or gone, and
   * the place by now; a task may come twice. Null when that cannot be told: since no place is known, the store is another one, or it is too much.
   */
  changedSince(args: { after: EventPlace | null; endsOnly: boolean }): {
    at: EventPlace | null;
    changed: ChangedTask[] | null;
  };
  /** What the event of its cancellation holds, JSON text; null for a task that was not cancelled. */
  cancellation(args: { id: string }): string | null;
  /**
   * Submits a terminal task once more, under a new id, and with the environment of `by` if that has all that it needs. One
   * that waits for values which nobody has is bound anew itself, unless something is changed. With `start` as `submit`.
   */
  retry(args: { id: string; start: WorkerRow | null; by?: Binding | null } & Anew): {
    task: StoredTask;
    spawn: boolean;
  };
  /**
   * Which running attempts can be taken away: overdue ones, with `force` any. `ids` null: of all that run, those that can.
   * `certain`: a lease by the clock of another machine does not count.
   */
  recoverable(args: { ids: readonly string[] | null; force: boolean; certain: boolean }): Recoverable[];
  /** Takes them away, unless they have changed since or are not overdue any more; with `force` all the same. */
  recover(args: {
    taken: readonly Taken[];
    force: boolean;
    retry: boolean;
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
  /**
   * From now on `owner` reads the feed as the consumer of that name, which begins at `from` when it is new, and has it for
   * `lease` ms; or for how many ms another one has it.
   */
  takeOver(args: {
    name: string;
    owner: string;
    from: 'now' | 'start';
    lease: number;
  }): { epoch: number; after: number } | { heldFor: number };
  /** Has it for so many ms more (0: no more) and, with `after`, has dealt with all up to there. False: another one has it. */
  holdOn(args: { name: string; owner: string; epoch: number; after: number | null; lease: number }): boolean;
  /** What was asked and answered in a session, or in that of a task, in order; `limit` at most, the last ones. */
  conversation(args: { session: string; limit: number } | { task: string; limit: number }): StoredExchange[];
  /**
   * What somebody is to be told now, by whoever has these channels: of one task and address the first of it alone. For `lease` ms
   * nobody else tries it.
   */
  claimDeliveries(args: { channels: readonly string[]; limit: number; lease: number }): ClaimedDelivery[];
  /** Gives up what has waited for 52 hours for a channel that is none of these; answers how many, 100 at most. */
  removeDeliveries(args: { channels: readonly string[] }): number;
  /** When there is one for whoever has these channels, ms since the epoch; null: none is known. */
  nextDelivery(args: { channels: readonly string[] }): number | null;
  /** What came of it. False: it took too long, and somebody else has tried it since. */
  settleDelivery(args: SettledDelivery): boolean;
  /** The newest first, those before `before`. */
  deliveries(args: { state: DeliveryState | null; task: string | null; before: number | null; limit: number }): {
    deliveries: StoredDelivery[];
    next: number | null;
  };
  /** Has them tried anew, from now on; `dead`: all that were given up. Which of them are not there, or were told. */
  retryDeliveries(args: { ids: readonly string[] | 'dead' }): { ids: string[]; unknown: string[]; delivered: string[] };
  /** Whom the tasks that run on workers of this process tell, where somebody is shown that they run. */
  typing(args: { pid: number }): string[];
  /** From which channel a task of that session was asked for last. */
  origin(args: { session: string }): string | null;
  /**
   * Stores a schedule. One of that name is replaced, with `replace`, else it is a `ConflictError`. With `start`, also a row for
   * the worker to start when none lives that submits for it.
   */
  addSchedule(args: { schedule: NewSchedule; replace: boolean; start: WorkerRow | null }): {
    row: ScheduleRow;
    spawn: boolean;
  };
  /** The one of that name or id, null: all, in the order of their names. */
  schedules(args: { which: string | null }): ShownSchedule[];
  /** Changes one, null: removes it, unless it was changed since that epoch: null then. */
  changeSchedule(args: { id: string; epoch: number; change: ScheduleChange | null; start: WorkerRow | null }): {
    row: ScheduleRow;
    spawn: boolean;
  } | null;
  /**
   * Those that are due and that somebody with these recipes in code submits for, or of a loop; and when the next one is, ms since
   * the epoch.
   */
  dueSchedules(args: { by: 'worker' | 'code' | 'loop'; codes: readonly string[] }): {
    rows: ScheduleRow[];
    nextAt: number | null;
  };
  /**
   * Submits for moments of a schedule, by what is to happen while a task before is live, and sets what comes next; null when it
   * was changed since that epoch, as by another one who was faster.
   */
  fire(args: Firing): Fired | null;
  /** From now on `owner` tells of what is due for so many ms; null when another one does, or it was changed. */
  holdSchedule(args: { id: string; epoch: number; owner: string; lease: number }): ScheduleRow | null;
  /**
   * Whether a worker is to stay although no task needs it, and whether one is to be started: something else is due, and none lives
   * that would see to it.
   */
  standby(args: Record<string, never>): { stays: boolean; needed: boolean };
  /** Inserts the row `start` when one is to be started; answers whether it did. */
  needStandby(args: { start: WorkerRow }): boolean;
  /** Removes tasks that are terminal and stopped; answers with those removed, and how many idempotency keys they had. */
  clear(args: ClearQuery): { ids: string[]; keys: number };
}

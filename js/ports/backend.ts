/**
 * What a store asks of whatever keeps its rows.
 *
 * 1. An operation is a program: it yields queries by name, is given their rows, and returns its answer. It knows no file, no
 *    connection and no process, catches no error of a query and changes nothing outside, so that it may be begun again at
 *    any point.
 * 2. A program that reads sees one moment. One that writes is a transaction: what it wrote is durable when its answer
 *    arrives, or nothing of it is there.
 * 3. A program may undo a part of what it has written, by savepoints of SQL, one at a time.
 * 4. The time is the backend's.
 */

/** What stands in a column, or for a question mark. */
export type Value = null | number | bigint | string | Uint8Array;
export type Row = Record<string, Value>;

/** A statement to run, with the values of its question marks. */
export interface Query {
  /** Which statement it is. One name stands for one text, but for those that are composed. */
  readonly name: string;
  /** The statement in the common subset of SQL; a backend may have one of its own for the name. */
  readonly sql: string;
  /** It was put together from what was asked: its text differs from time to time. */
  readonly isComposed: boolean;
  /**
   * What it is answered with: the first row (undefined without one), all rows, how many rows it changed, or of one that inserts rows
   * the number that the last of them was given as its key: those before it have the numbers before that, in order.
   */
  readonly answers: 'row' | 'rows' | 'changes' | 'key';
  readonly values: readonly Value[];
}

/** An operation as it runs. Several queries that do not wait for each other's rows are yielded, and answered, at once. */
export type Program<T> = Generator<Query | readonly Query[], T, unknown>;

/** When a program runs, the same for all of it. Times are milliseconds. */
export interface Moment {
  /** Since the epoch. */
  readonly now: number;
  /** Of a clock that is never set. */
  readonly mono: number;
  /** Nothing can be written; what one program of the moment has learnt another one may use. */
  readonly isSnapshot: boolean;
  /** The rows are kept as this version keeps them; else they are only shown so, and lack an index here and there. */
  readonly isCurrent: boolean;
  /** When something was last written, by the clock of the system; absent where that cannot be told. */
  writtenAt?(): number | undefined;
  /**
   * Of one that writes: the same object as long as nobody else has written and all that was written here was committed, so that
   * what was learnt of the rows still holds. Absent where that cannot be told, and where a part may be undone by itself.
   */
  readonly since?: object;
  /**
   * A part that has failed after it had written something throws this: then all is begun anew, without it, and parts are undone by
   * savepoints, which cost more than most parts write.
   */
  readonly halfDone?: Error;
}

/**
 * What a commit may be waited for by: something may start, something has ended, a task has told something, a worker may have to
 * end what it runs (`worker:*`: any).
 */
export type Topic = 'work' | 'outcome' | 'told' | `worker:${string}`;

/** What is known of a commit that was made here. */
export interface Commit {
  readonly topics: readonly Topic[];
  /** The tasks that have ended by it; absent: not known. */
  readonly ended?: readonly string[];
  /** The workers for which it was decided in this very commit what may start: nothing is left to start for them. */
  readonly looked?: readonly string[];
}

/** What is to be done when nothing can be written now, be it that others hold the store: nothing, and this is the answer. */
export interface LeaveUndone<T> {
  readonly answer: T;
  /** It is worth bringing rows of an older version forward. */
  readonly upgrades: boolean;
  /** The next one that writes does it first. */
  readonly isOwed: boolean;
}

export interface WriteOptions<T> {
  /** Who is told, when it has changed a row. */
  readonly wakes: readonly Topic[];
  /** Those of them whom it concerns less than was to be feared. */
  readonly spares?: ((answer: T) => readonly Topic[]) | undefined;
  /** The tasks that have ended by it; absent: not known. */
  readonly ended?: ((answer: T) => readonly string[]) | undefined;
  /** The worker for which it decides what may start. */
  readonly looksFor?: string | undefined;
  readonly leaveUndone?: LeaveUndone<T>;
  /** Nobody waits for it: it goes along with the next transaction, if one comes soon. */
  readonly isLate?: boolean;
}

export interface Backend {
  /** How people are told which store this is; without a password. */
  readonly place: string;
  /** Whether there is a store yet: asking makes none. */
  exists(): Promise<boolean>;
  /** Runs a program that writes nothing. */
  read<T>(program: (moment: Moment) => Program<T>): Promise<T>;
  /**
   * Runs a program in a transaction; what is asked for at about the same time may share one, where the error of one program
   * undoes that one alone. Of two programs that name the same lock one begins when the other has ended; a backend may hold
   * more than is named. Begun again when others were in the way. Rejects with a `StoreError` when nothing was written.
   */
  write<T>(locks: readonly string[], program: (moment: Moment) => Program<T>, options: WriteOptions<T>): Promise<T>;
  /**
   * Calls back soon after a commit that concerns one of the topics, whoever made it; at times after another. Of one that was
   * made here it says what is known. Ends it.
   */
  watch(topics: readonly Topic[], listener: (commit?: Commit) => void): () => void;
  /** What is late is not held back any longer. */
  flush(): void;
  /** Answers what was asked before, then lets everything go. */
  close(): Promise<void>;
}

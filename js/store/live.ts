/**
 * Records of tasks that run here, which the core holds from one transaction to the next one: their rows need not be read.
 *
 * 1. They are what the rows say while nobody else has written and all that was written here was committed (`Moment.since`);
 *    after that none is held any more. A core that has failed holds none.
 * 2. One whose row is written for another reason than what was decided of it here is let go. So is one that was decided on
 *    ahead, when that was not written, all of it: what the core holds is what was decided last.
 * 3. Only what runs is held: who ends, or is held by nobody, goes with the decision.
 * 4. What is written is fenced as ever: a row that is not as it is held to be is read, and decided on anew. Since 1. was not true
 *    then, all are let go. The fence is the epoch, which all facts of a run have in common: of a record that lacks one of them the
 *    next event has a number that is taken, and is refused by the key of `events` (task, seq).
 */
import { type Begin, type Begun, type Command, type Decided, Records } from '../core/index.ts';
import type { Moment } from '../ports/backend.ts';
import type { Known } from './rows/known.ts';
import type { Change } from './types.ts';

/** A record that is held. */
interface Entry {
  readonly id: string;
  readonly slot: number;
  /** As it stands; none of a task that is not inserted yet. */
  row: Known | undefined;
  /** How many changes the core has decided that are not written yet, and how many of them were taken to be. */
  ahead: number;
  taken: number;
  /** How many of the decisions that were made ahead have been taken, whatever they were. */
  next: number;
}

/** What was decided ahead of one change: the how manyth of its task it is. */
interface Ahead {
  readonly entry: Entry;
  readonly index: number;
  readonly decided: Decided | Error | undefined;
}

export class Live {
  readonly #records = new Records();
  readonly #entries = new Map<string, Entry>();
  readonly #free: number[] = [];
  #slots = 0;
  #since: object | undefined;
  #ahead = new Map<Change, Ahead>();
  /** Those with decisions that are not written, or may be. */
  readonly #open = new Set<Entry>();

  /** For one program of a moment; nothing where nothing can be held. */
  at({ isSnapshot, since }: Moment): Live | undefined {
    if (isSnapshot) return undefined;
    if (this.#since !== since) this.clear();
    this.#since = since;
    this.#sweep();
    return since === undefined ? undefined : this;
  }

  /** Decides changes of held records at once, in the order in which they are going to be taken; each run by one write. */
  decideAhead(runs: readonly (readonly Change[])[], now: number): void {
    const counts = new Map<Entry, number>();
    const all = runs.flatMap((run) =>
      run.flatMap((change) => {
        const entry = change.by == null ? this.#entries.get(change.id) : undefined;
        if (entry === undefined) return [];
        const index = counts.get(entry) ?? 0;
        counts.set(entry, index + 1);
        return [{ change, entry, index, isFollowed: change !== run.at(-1) }];
      }),
    );
    if (all.length === 0) return;
    for (const entry of counts.keys()) {
      entry.next = 0;
      this.#open.add(entry); // before the core is called: when that throws nobody knows how far it has come
    }
    const asked = all.map(({ change, entry, isFollowed }) => {
      const { id, command } = change;
      return { slot: entry.slot, id, command, isFollowed };
    });
    const decisions = this.#records.batch(asked, now);
    this.#ahead = new Map(
      all.map(({ change, entry, index }, n) => {
        const decided = decisions[n];
        if (isChange(decided)) entry.ahead += 1;
        return [change, { entry, index, decided }];
      }),
    );
    for (const entry of counts.keys()) this.#written(entry, 0);
  }

  /** All that was decided ahead has been taken, or is not going to be. */
  endAhead(): void {
    this.#ahead.clear();
  }

  /**
   * What was decided ahead of changes of one task, to be written now, by one write. Throws what one was refused with. Where one of
   * them is not to be had none is.
   */
  takeAll(changes: readonly Change[]): { row: Known; all: Decided[] } | undefined {
    const all: Decided[] = [];
    let row: Known | undefined;
    const id = changes[0]?.id as string;
    if (this.#entries.get(id)?.taken) this.drop(id); // with another set, which was refused then: the core is ahead of the row
    for (const change of changes) {
      const taken = this.#take(change);
      if (taken === undefined) {
        this.drop(id);
        return undefined;
      }
      all.push(taken.decided);
      row = taken.row;
    }
    return row === undefined ? undefined : { row, all };
  }

  /** What `takeAll` would answer for that change alone; undefined also where it would refuse it. */
  ahead(change: Change): { row: Known; decided: Decided } | undefined {
    const { entry, decided } = this.#next(change) ?? {};
    if (entry?.row === undefined || entry.taken > 0 || decided === undefined || decided instanceof Error)
      return undefined;
    return { row: entry.row, decided };
  }

  #take(change: Change): { row: Known; decided: Decided } | undefined {
    const { entry, decided } = this.#next(change) ?? {};
    if (entry?.row === undefined || decided === undefined) return undefined;
    entry.next += 1;
    if (decided instanceof Error) throw decided;
    if (decided.changed) entry.taken += 1;
    return { row: entry.row, decided };
  }

  /** What was decided ahead of it, when it is the next one of its task. */
  #next(change: Change): Ahead | undefined {
    const ahead = this.#ahead.get(change);
    if (ahead === undefined) return undefined;
    const { entry, index } = ahead;
    return this.#entries.get(change.id) === entry && entry.next === index ? ahead : undefined;
  }

  /** Decides about a row that was just read, and holds what becomes of it. */
  decide(row: Known & { record: string }, command: Command, now: number): Decided {
    this.drop(row.id);
    const entry = this.#enter(row.id, row);
    try {
      const decided = this.#records.decide(entry.slot, row.record, command, now);
      entry.ahead = 1;
      entry.taken = 1;
      if (isOver(decided)) this.#leave(entry);
      else if (!decided.changed) this.#remove(entry);
      return decided;
    } catch (error) {
      this.#remove(entry);
      throw error;
    }
  }

  /** Creates tasks that start at once, each by itself. */
  begin(tasks: readonly Omit<Begin, 'slot'>[], now: number, worker: string): (Begun | Error)[] {
    const entries = tasks.map(({ id }) => this.#enter(id, undefined));
    const asked = tasks.map((task, n) => ({ ...task, slot: (entries[n] as Entry).slot }));
    const begun = this.#records.begin(asked, now, worker);
    entries.forEach((entry, n) => {
      if (isChange(begun[n])) entry.ahead = 1;
      else this.#remove(entry);
    });
    return begun;
  }

  /** One that was begun is inserted. */
  entered(row: Known): void {
    const entry = this.#entries.get(row.id);
    if (entry === undefined) return;
    entry.row = row;
    this.#written(entry, 1);
  }

  /** A row was written: as was decided here when it is the very one that was given. */
  wrote(row: Known, decided: Decided, epoch: number): void {
    const entry = this.#entries.get(row.id);
    if (entry === undefined) return;
    if (entry.row !== row) {
      this.#remove(entry);
      return;
    }
    if (isOver(decided)) {
      this.#leave(entry); // the core has emptied its slot
      return;
    }
    const { seq, id, code, seen_at } = row;
    entry.row = { seq, id, status: decided.columns.status, epoch, code, seen_at };
    this.#written(entry, entry.taken);
  }

  /** Lets one go. */
  drop(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#remove(entry);
  }

  #enter(id: string, row: Known | undefined): Entry {
    const slot = this.#free.pop() ?? this.#slots++;
    const entry = { id, slot, row, ahead: 0, taken: 0, next: 0 };
    this.#entries.set(id, entry);
    this.#open.add(entry);
    return entry;
  }

  #written(entry: Entry, n: number): void {
    entry.ahead -= n;
    entry.taken = 0;
    if (entry.ahead === 0) this.#open.delete(entry);
  }

  #remove(entry: Entry): void {
    this.#records.forget(entry.slot);
    this.#leave(entry);
  }

  /** What stands in its slot is no task's, or of one that is not asked for any more. */
  #leave(entry: Entry): void {
    this.#entries.delete(entry.id);
    this.#open.delete(entry);
    this.#free.push(entry.slot);
  }

  /** Lets go of what an earlier program has not written. */
  #sweep(): void {
    for (const entry of this.#open) this.#remove(entry);
    this.#ahead.clear();
  }

  /** Lets all go. */
  clear(): void {
    this.#records.clear();
    this.#entries.clear();
    this.#open.clear();
    this.#ahead.clear();
    this.#free.length = 0;
    this.#slots = 0;
  }
}

const isChange = (decided: Decided | Error | undefined): boolean =>
  decided !== undefined && !(decided instanceof Error) && decided.changed;

/** Nobody holds it any more, or its end is decided: see `Records`. */
const isOver = ({ columns }: Decided): boolean => columns.worker === null || columns.completed_at !== null;

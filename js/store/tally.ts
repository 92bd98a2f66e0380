/** What a program changes of the counts: written by a statement or two when it has ended, be it of one task or of many. */
import type { Program } from '../ports/backend.ts';
import type { TaskStatus } from '../wire/task.ts';
import { addToCounts, type Counted } from './sql/counts.ts';
import { addToTotals } from './sql/totals.ts';

/** A count, or an end as JSON text: `["recipe","outcome","code"]`. */
type Key = Counted | `[${string}]`;

export class Tally {
  #more = new Map<Key, number>();

  /** What a task, or an attempt of it, has come to. */
  end(recipe: string, outcome: string, code = ''): void {
    const key = JSON.stringify([recipe, outcome, code]) as Key;
    this.#more.set(key, (this.#more.get(key) ?? 0) + 1);
  }

  add(what: Counted, n: number): void {
    if (n !== 0) this.#more.set(what, (this.#more.get(what) ?? 0) + n);
  }

  move(from: TaskStatus, to: TaskStatus): void {
    if (from === to) return;
    this.add(from, -1);
    this.add(to, 1);
  }

  /** How it stands, for `goBackTo`. */
  mark(): ReadonlyMap<Key, number> {
    return new Map(this.#more);
  }

  /** Forgets what was added since, and was undone together with what was written since. */
  goBackTo(mark: ReadonlyMap<Key, number>): void {
    this.#more = new Map(mark);
  }

  /** Also before the program itself reads what is counted. */
  *write(): Program<void> {
    const changed = [...this.#more].filter(([, n]) => n !== 0);
    this.#more.clear();
    const ends = changed.filter(([key]) => key.startsWith('['));
    const counts = ends.length === 0 ? changed : changed.filter(([key]) => !key.startsWith('['));
    if (counts.length > 0) yield* addToCounts(JSON.stringify(Object.fromEntries(counts)));
    if (ends.length > 0) yield* addToTotals(`[${ends.map(([key, n]) => `${key.slice(0, -1)},${n}]`).join()}]`);
  }
}

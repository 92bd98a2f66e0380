/** What a program changes of the counts: written by one statement when it has ended, be it of one task or of many. */
import type { Program } from '../ports/backend.ts';
import type { TaskStatus } from '../wire/task.ts';
import { addToCounts, type Counted } from './sql/counts.ts';

export class Tally {
  #more = new Map<Counted, number>();

  add(what: Counted, n: number): void {
    if (n !== 0) this.#more.set(what, (this.#more.get(what) ?? 0) + n);
  }

  move(from: TaskStatus, to: TaskStatus): void {
    if (from === to) return;
    this.add(from, -1);
    this.add(to, 1);
  }

  /** How it stands, for `goBackTo`. */
  mark(): ReadonlyMap<Counted, number> {
    return new Map(this.#more);
  }

  /** Forgets what was added since, and was undone together with what was written since. */
  goBackTo(mark: ReadonlyMap<Counted, number>): void {
    this.#more = new Map(mark);
  }

  /** Also before the program itself reads what is counted. */
  *write(): Program<void> {
    const changed = [...this.#more].filter(([, n]) => n !== 0);
    this.#more.clear();
    if (changed.length > 0) yield* addToCounts(JSON.stringify(Object.fromEntries(changed)));
  }
}

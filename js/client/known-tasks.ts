/**
 * Tasks that were submitted here and that a worker of here runs: how they stand is known without a look at the store.
 *
 * 1. One is known to live from the commit of its submit on, while each commit since has told what it has ended. After any other
 *    commit nothing is known any more: who waits looks.
 * 2. How it has ended comes with the commit of its end. Who takes it has it alone; what nobody takes is kept within bounds.
 */
import type { Commit } from '../ports/backend.ts';
import type { Store } from '../store/types.ts';
import type { Outcome } from '../worker/index.ts';

/** So many tasks are known, those that came last; and so many characters of what they have ended with. */
const MOST = 10_000;
const MOST_SIZE = 4 * 1024 * 1024;

/** `ended`: the commit is there, and how it has ended follows. */
type Stands = 'live' | 'ended' | Outcome;

export class KnownTasks {
  readonly #tasks = new Map<string, Stands>();
  readonly #oldest = new Oldest(this.#tasks);
  /** Those whose outcome is kept, in the order of their ends. */
  readonly #kept = new Set<string>();
  readonly #oldestKept = new Oldest(this.#kept);
  /** How often a worker is at work, by its store. */
  readonly #watched = new Map<Store, { workers: number; leave: () => void }>();
  #size = 0;
  #era = 0;

  /** Changes whenever what was known is not any more. */
  get era(): number {
    return this.#era;
  }

  /** A worker of that store is at work here. Returns what ends that. */
  follow(store: Store): () => void {
    const known = this.#watched.get(store);
    const one = known ?? { workers: 0, leave: store.watch((commit) => this.#hear(commit)) };
    this.#watched.set(store, one);
    one.workers += 1;
    return () => {
      this.#forget();
      one.workers -= 1;
      if (one.workers > 0) return;
      this.#watched.delete(store);
      one.leave();
    };
  }

  /** These were submitted by a commit that was asked for in that era. */
  add(ids: readonly string[], era: number): void {
    if (era !== this.#era) return;
    for (const id of ids) this.#tasks.set(id, 'live');
    while (this.#tasks.size > MOST) this.#drop(this.#oldest.next());
  }

  /** It has ended so. */
  end(outcome: Outcome): void {
    if (!this.#tasks.has(outcome.id)) return;
    this.#drop(outcome.id);
    if (sizeOf(outcome) > MOST_SIZE) return;
    this.#tasks.set(outcome.id, outcome);
    this.#kept.add(outcome.id);
    this.#size += sizeOf(outcome);
    while (this.#size > MOST_SIZE) this.#drop(this.#oldestKept.next());
  }

  isLive(id: string): boolean {
    return this.#tasks.get(id) === 'live';
  }

  /** How it has ended, once. */
  take(id: string): Outcome | undefined {
    const stands = this.#tasks.get(id);
    if (typeof stands !== 'object') return undefined;
    this.#drop(id);
    return stands;
  }

  #hear(commit: Commit | undefined): void {
    if (commit?.ended === undefined) this.#forget();
    else for (const id of commit.ended) if (this.isLive(id)) this.#tasks.set(id, 'ended');
  }

  #forget(): void {
    this.#tasks.clear();
    this.#kept.clear();
    this.#size = 0;
    this.#era += 1;
  }

  #drop(id: string): void {
    const stands = this.#tasks.get(id);
    if (typeof stands === 'object') this.#size -= sizeOf(stands);
    this.#tasks.delete(id);
    this.#kept.delete(id);
  }
}

/** The keys of a collection that is not empty, from the oldest on; passes over those that have gone once, not each time. */
class Oldest {
  readonly #of: Pick<ReadonlyMap<string, unknown>, 'keys'>;
  #keys: Iterator<string>;

  constructor(of: Pick<ReadonlyMap<string, unknown>, 'keys'>) {
    this.#of = of;
    this.#keys = of.keys();
  }

  next(): string {
    const { value, done } = this.#keys.next();
    if (!done) return value;
    this.#keys = this.#of.keys();
    return this.#keys.next().value as string;
  }
}

const sizeOf = ({ record, payloads }: Outcome): number =>
  Object.values(payloads).reduce((sum, text) => sum + text.length, record.length);

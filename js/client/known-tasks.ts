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
    for (const id of this.#tasks.keys()) {
      if (this.#tasks.size <= MOST) break;
      this.#drop(id);
    }
  }

  /** It has ended so. */
  end(outcome: Outcome): void {
    if (!this.#tasks.has(outcome.id)) return;
    this.#drop(outcome.id);
    if (sizeOf(outcome) > MOST_SIZE) return;
    this.#tasks.set(outcome.id, outcome);
    this.#size += sizeOf(outcome);
    for (const [id, stands] of this.#tasks) {
      if (this.#size <= MOST_SIZE) break;
      if (typeof stands === 'object') this.#drop(id);
    }
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
    this.#size = 0;
    this.#era += 1;
  }

  #drop(id: string): void {
    const stands = this.#tasks.get(id);
    if (typeof stands === 'object') this.#size -= sizeOf(stands);
    this.#tasks.delete(id);
  }
}

const sizeOf = ({ record, payloads }: Outcome): number =>
  Object.values(payloads).reduce((sum, text) => sum + text.length, record.length);

/** The attempts that a worker has under way: those that run, that stop, and that wait for a person. */
import type { Attempt as Key } from '../store/types.ts';
import type { Attempt } from './attempt.ts';
import type { Lending } from './lending.ts';

export class Roster {
  /** By task and epoch: a task may have an attempt that stops beside one that runs. */
  readonly #entries = new Map<string, Attempt>();
  /** Those that await a child: few, and asked for at each end. */
  readonly #awaiting = new Set<Lending>();
  #whenEmpty: (() => void)[] = [];

  get size(): number {
    return this.#entries.size;
  }

  get attempts(): Attempt[] {
    return [...this.#entries.values()];
  }

  /** It is here until its last commit is durable. */
  add(attempt: Attempt): void {
    this.#entries.set(keyOf(attempt.key), attempt);
  }

  find(key: Pick<Key, 'id' | 'epoch'>): Attempt | undefined {
    return this.#entries.get(keyOf(key));
  }

  /** Lets `change` give the attempt another epoch. */
  rekey(attempt: Attempt, change: () => void): void {
    const isHere = this.#entries.delete(keyOf(attempt.key));
    change();
    if (isHere) this.#entries.set(keyOf(attempt.key), attempt);
  }

  remove(attempt: Attempt): void {
    this.#entries.delete(keyOf(attempt.key));
    if (this.#awaiting.size > 0) this.#awaiting.delete(attempt.lending);
    if (this.#entries.size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** An attempt awaits a child from now on, or none any more. */
  awaiting(lending: Lending, some: boolean): void {
    if (some) this.#awaiting.add(lending);
    else this.#awaiting.delete(lending);
  }

  /** The tasks that attempts of here await. */
  awaited(): string[] {
    return [...new Set([...this.#awaiting].flatMap(({ awaited }) => awaited))];
  }

  isAwaited(id: string): boolean {
    return this.#awaiting.size > 0 && this.awaited().includes(id);
  }

  /** The task has ended: who awaited it wants his slot back. */
  async reclaim(id: string): Promise<void> {
    await Promise.all([...this.#awaiting].map((lending) => lending.ended(id)));
  }

  /** Resolves when there is none. */
  empty(): Promise<void> {
    if (this.#entries.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }
}

const keyOf = ({ id, epoch }: Pick<Key, 'id' | 'epoch'>): string => `${id}:${epoch}`;

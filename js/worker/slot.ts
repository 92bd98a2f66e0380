/** The slot of an attempt, lent while it awaits a child of its own. */
import type { Attempt as Key, Store } from '../store/types.ts';
import type { Clock } from './clock.ts';
import { Lending, type LendingPort } from './lending.ts';
import { insist } from './trouble.ts';

interface SlotOptions {
  store: Store;
  clock: Clock;
  /** Told when the attempt awaits a child, and when none any more. */
  onAwaiting(lending: Lending, some: boolean): void;
  /** Something became free, or is wanted: look at the store. */
  wake(): void;
  onTrouble(error: unknown): void;
}

/** `key`: the execution as it is now. */
export const lendingOf = (key: Readonly<Key>, options: SlotOptions): Lending => new Slot(key, options).lending;

class Slot implements LendingPort {
  readonly lending = new Lending(this);
  readonly #key: Readonly<Key>;
  readonly #options: SlotOptions;

  constructor(key: Readonly<Key>, options: SlotOptions) {
    this.#key = key;
    this.#options = options;
  }

  onAwaiting(some: boolean): void {
    this.#options.onAwaiting(this.lending, some);
  }

  async lend(): Promise<void> {
    const { store, clock, onTrouble, wake } = this.#options;
    await insist(clock, () => store.run('lend', { attempt: { ...this.#key } })).catch(onTrouble);
    wake();
  }

  async reclaim(): Promise<void> {
    const { store, clock, onTrouble, wake } = this.#options;
    try {
      await insist(clock, () => store.run('reclaim', { attempt: { ...this.#key } }));
    } catch (error) {
      onTrouble(error);
      this.lending.given();
    }
    wake();
  }
}

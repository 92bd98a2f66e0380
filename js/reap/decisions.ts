import type { Sweep } from '../ports/sweep.ts';
import type { DeadWorker, Group, Reaped, Store } from '../store/types.ts';
import { killGroup } from './groups.ts';

/** All that is needed of a store. */
export type Asked = Pick<Store, 'run'>;

/** How much is decided. */
export interface DueOptions {
  /** Whose time is over is decided, and who is dead; no record goes: that is not for who only looks. */
  dropNothing?: boolean;
}

/**
 * What nobody has to ask for: the attempts of dead workers, times that are over (`ttl`, questions), records that may go. What
 * dead workers have left running is ended before the transaction that decides begins.
 */
export class Decisions implements Sweep {
  readonly name = 'decisions';
  readonly #store: Asked;
  readonly #dropNothing: boolean;
  /** As the last look found them; `due` looks anew. */
  #dead: readonly DeadWorker[] = [];

  constructor(store: Asked, { dropNothing = false }: DueOptions = {}) {
    this.#store = store;
    this.#dropNothing = dropNothing;
  }

  async nextAt(now: number): Promise<number | null> {
    const { isDue, dead } = await this.#store.run('overdue', { dropNothing: this.#dropNothing });
    this.#dead = dead;
    return isDue ? now : null;
  }

  async run(): Promise<number> {
    const reaped = await Promise.all(this.#dead.map(reap));
    return this.#store.run('due', { reaped, dropNothing: this.#dropNothing });
  }
}

/** Ends what a dead worker has left. */
export async function reap({ worker, start_time, groups }: DeadWorker): Promise<Reaped> {
  const ended = await Promise.all(groups.map((group: Group) => killGroup(group, worker)));
  return { worker, start_time, isEnded: ended.every(Boolean) };
}

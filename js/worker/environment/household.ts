/** What comes into a worker's memory of other environments, and what leaves it. */
import { MEMORY } from '../../store/address.ts';
import type { Store } from '../../store/types.ts';
import type { Clock } from '../clock.ts';
import { type Door, openDoor } from './door.ts';
import type { Environments, HandedValue } from './environments.ts';

/** Milliseconds between two looks for values that no live task needs. */
const TIDY_EVERY = 30_000;
/** Milliseconds between two looks for tasks whose values nobody has. */
const LOOK_EVERY = 1_000;
/** Milliseconds that a task must have stood so before it is taken by name. */
const STOOD = 10_000;

export interface HouseholdOptions {
  worker: string;
  store: Store;
  clock: Clock;
  environments: Environments;
  /** Whether tasks are taken by name. */
  anyEnv: boolean;
  onTrouble(error: unknown): void;
}

export class Household {
  readonly #options: HouseholdOptions;
  /** Since when which task has been seen without anybody who has its values, by the monotonic clock. */
  #since = new Map<string, number>();
  #door: Door | undefined;
  #tidying = false;
  #closed = false;
  readonly #timers = new Set<() => void>();

  constructor(options: HouseholdOptions) {
    this.#options = options;
  }

  /** Where values are handed to this worker; null where they are not. */
  get socket(): string | null {
    return this.#door?.path ?? null;
  }

  /** Opens the door. A place where that is not possible is told; then the worker has its own values only. */
  async open(): Promise<void> {
    const { store, worker, anyEnv, onTrouble } = this.#options;
    if (store.folder === MEMORY) return; // nobody else is there to hand it anything
    try {
      this.#door = await openDoor({ folder: store.folder, worker, onValues: (values) => this.#take(values) });
    } catch (error) {
      onTrouble(error);
    }
    if (anyEnv) this.#later(LOOK_EVERY, () => this.#lookForStranded());
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    await this.#door?.close();
  }

  async #take(values: HandedValue[]): Promise<void> {
    const { store, worker, environments } = this.#options;
    environments.add(values);
    await store.run('hold', { worker, values: values.map(({ name, key, hash }) => ({ name, key, hash })) });
    this.#tidyLater();
  }

  #tidyLater(): void {
    if (this.#tidying) return;
    this.#tidying = true;
    this.#later(TIDY_EVERY, async () => {
      this.#tidying = false;
      await this.#tidy();
    });
  }

  async #tidy(): Promise<void> {
    const { store, worker, environments } = this.#options;
    await environments.release((values) => store.run('release', { worker, values }));
    if (environments.handed.length > 0) this.#tidyLater();
  }

  async #lookForStranded(): Promise<void> {
    try {
      await this.#takeStranded();
    } finally {
      this.#later(LOOK_EVERY, () => this.#lookForStranded());
    }
  }

  async #takeStranded(): Promise<void> {
    const { store, worker, clock, environments } = this.#options;
    const ids = await store.run('stranded', { worker });
    const now = clock.mono();
    this.#since = new Map(ids.map((id) => [id, this.#since.get(id) ?? now]));
    const ripe = ids.filter((id) => now - (this.#since.get(id) ?? now) >= STOOD);
    if (ripe.length === 0) return;
    environments.take(ripe);
    await store.run('takeByName', { worker, ids: ripe });
    this.#tidyLater();
  }

  #later(ms: number, work: () => Promise<void>): void {
    if (this.#closed) return;
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      work().catch((error) => {
        if (!this.#closed) this.#options.onTrouble(error);
      });
    });
    this.#timers.add(cancel);
  }
}

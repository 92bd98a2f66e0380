/** Gives up what waits for channels that are not configured any more: nobody will ever claim it. */
import type { Sweep } from '../ports/sweep.ts';
import type { SenderOptions } from './sender.ts';

/** Milliseconds between two looks: nothing of this is urgent. */
const LOOK_EVERY = 60_000;

export class Removed implements Sweep {
  readonly name = 'removed channels';
  readonly #options: SenderOptions;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  async nextAt(now: number): Promise<number | null> {
    return Math.max(now, this.#lookedAt + LOOK_EVERY);
  }

  async run(now: number): Promise<number> {
    this.#lookedAt = now;
    const { store, channels } = this.#options;
    return store.run('removeDeliveries', { channels: Object.keys(await channels()) });
  }
}

/**
 * Gives up what waits for channels that are not configured any more: nobody will ever claim it. A configuration may be away for
 * a moment, as while it is replaced: a channel is gone when two looks in a row have not found it, and none is where there is no
 * configuration at all, or it cannot be read.
 */
import type { Sweep } from '../ports/sweep.ts';
import type { ChannelsConfig } from '../wire/channels.ts';
import type { SenderOptions } from './sender.ts';

/** Milliseconds between two looks: nothing of this is urgent. */
const LOOK_EVERY = 60_000;

export interface RemovedOptions extends Pick<SenderOptions, 'store'> {
  /** The channels as they are configured now; undefined: there is no configuration. */
  configured(): Promise<ChannelsConfig | undefined>;
}

export class Removed implements Sweep {
  readonly name = 'removed channels';
  readonly #options: RemovedOptions;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** What the look before has found; undefined: nothing to go by. */
  #before: readonly string[] | undefined;

  constructor(options: RemovedOptions) {
    this.#options = options;
  }

  async nextAt(now: number): Promise<number | null> {
    return Math.max(now, this.#lookedAt + LOOK_EVERY);
  }

  async run(now: number): Promise<number> {
    this.#lookedAt = now;
    const before = this.#before;
    this.#before = undefined; // reading it may fail
    const { store, configured } = this.#options;
    const found = await configured();
    this.#before = found && Object.keys(found);
    if (before === undefined || this.#before === undefined) return 0;
    return store.run('removeDeliveries', { channels: [...new Set([...before, ...this.#before])] });
  }
}

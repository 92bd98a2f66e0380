/** Shows where a task was asked for that it runs, as if somebody were typing: of the tasks of one process, and at best. */
import type { Sweep } from '../ports/sweep.ts';
import { partsOfAddress } from '../wire/channels.ts';
import type { Channel } from './channel.ts';
import { channelsHere } from './channels.ts';
import type { SenderOptions } from './sender.ts';

/** Milliseconds between two looks whether something runs. */
const LOOK_EVERY = 1000;

export class Typing implements Sweep {
  readonly name = 'typing';
  readonly #options: SenderOptions;
  /** When it was last shown, by address. */
  readonly #shown = new Map<string, number>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  async nextAt(now: number): Promise<number | null> {
    const channels = await this.#channels();
    if (![...channels.values()].some(({ type }) => type !== undefined)) return null;
    return Math.max(now, this.#lookedAt + LOOK_EVERY);
  }

  async run(now: number): Promise<number> {
    this.#lookedAt = now;
    const channels = await this.#channels();
    const addresses = await this.#options.store.run('typing', { pid: process.pid });
    for (const address of this.#shown.keys()) if (!addresses.includes(address)) this.#shown.delete(address);
    return addresses.filter((address) => this.#show(address, channels, now)).length;
  }

  async #channels(): Promise<Map<string, Channel>> {
    return channelsHere(await this.#options.channels(), this.#options.around);
  }

  #show(address: string, channels: ReadonlyMap<string, Channel>, now: number): boolean {
    const { channel, target } = partsOfAddress(address);
    const { type, typeEvery = 0 } = channels.get(channel) ?? {};
    if (type === undefined || now - (this.#shown.get(address) ?? Number.NEGATIVE_INFINITY) < typeEvery) return false;
    this.#shown.set(address, now);
    type(target).catch(() => {}); // nobody misses it
    return true;
  }
}

/**
 * Tells what is due to be told.
 *
 * 1. A try may take as long as its channel lets it, and holds up no other but the next one of its task and address.
 * 2. What is claimed is settled by its claimer, or by whoever comes next when its lease is over: so a message may be sent twice, with
 *    the same id, and none is lost.
 * 3. Whoever lacks what a channel needs claims nothing of it.
 */
import type { Sweep } from '../ports/sweep.ts';
import type { ClaimedDelivery, SettledDelivery, Store } from '../store/types.ts';
import { addressProblem, type ChannelsConfig, partsOfAddress } from '../wire/channels.ts';
import type { AbortSignal } from '../wire/globals.ts';
import { messageOf } from '../wire/message.ts';
import type { Notification } from '../wire/notification.ts';
import { pause } from '../wire/pause.ts';
import type { Channel, Surroundings } from './channel.ts';
import { channelsHere } from './channels.ts';
import { PostError } from './post.ts';
import { type Sent, waitAfter } from './sent.ts';

export interface SenderOptions {
  store: Pick<Store, 'run'>;
  /** The channels as they are configured now. */
  channels(): Promise<ChannelsConfig>;
  around: Surroundings;
  /** Told what was survived. */
  onTrouble(error: unknown): void;
  /** Wall time in ms. Default: the system's; a test has one of its own. */
  now?: () => number;
}

/** Tries at once. */
const MOST = 16;
/** Milliseconds for which a claim holds; no try takes longer than 50 s. */
const LEASE = 60_000;
/** Milliseconds between two looks while something is on its way. */
const LOOK_EVERY = 1000;
/** Milliseconds within which what is due keeps a worker. */
const SOON = 60_000;

export class Sender implements Sweep {
  readonly name = 'notifications';
  readonly #options: SenderOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #configured: ChannelsConfig = {};
  #here: ReadonlyMap<string, Channel> = new Map();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** When something is due; not asked while a run is on. */
  async nextAt(): Promise<number | null> {
    return this.#next();
  }

  /** Begins what is due, and what becomes due until all that was begun has ended. Answers how much that was. */
  async run(_now: number, signal?: AbortSignal): Promise<number> {
    const given = new AbortController();
    const giveUp = () => given.abort();
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted) giveUp();
    let begun = await this.#begin(given.signal);
    while (this.#inFlight.size > 0) {
      const waited = new AbortController();
      await Promise.race([...this.#inFlight, pause(LOOK_EVERY, waited.signal)]);
      waited.abort();
      begun += await this.#begin(given.signal);
    }
    signal?.removeEventListener('abort', giveUp);
    return begun;
  }

  /** Whether something is due soon: whoever runs this should stay. */
  async stays(now: number): Promise<boolean> {
    const at = await this.#next();
    return at !== null && at <= now + SOON;
  }

  /** Of the channels that are here; when none is the store is not asked. */
  async #next(): Promise<number | null> {
    await this.#look();
    const channels = [...this.#here.keys()];
    return channels.length === 0 ? null : this.#options.store.run('nextDelivery', { channels });
  }

  async #look(): Promise<void> {
    this.#configured = await this.#options.channels();
    this.#here = channelsHere(this.#configured, this.#options.around); // variables come and go
  }

  /** What is on its way when it is given up goes back: it may have come, and comes again. */
  async #begin(given: AbortSignal): Promise<number> {
    const limit = MOST - this.#inFlight.size;
    if (given.aborted || limit <= 0) return 0;
    await this.#look();
    const channels = [...this.#here.keys()];
    if (channels.length === 0) return 0;
    const claimed = await this.#options.store.run('claimDeliveries', { channels, limit, lease: LEASE });
    for (const one of claimed) this.#start(one, given);
    return claimed.length;
  }

  #start(delivery: ClaimedDelivery, given: AbortSignal): void {
    const sent = this.#tell(delivery, given)
      .catch((error) => this.#options.onTrouble(error)) // its lease brings it back
      .then(() => void this.#inFlight.delete(sent));
    this.#inFlight.add(sent);
  }

  async #tell(delivery: ClaimedDelivery, given: AbortSignal): Promise<void> {
    const { id, attempts } = delivery;
    const sent = await this.#try(delivery, given);
    const isGivenUp = given.aborted && sent.as === 'failed'; // by who ends, not by who is told
    const settled = isGivenUp ? ({ outcome: 'returned' } as const) : this.#settled(sent, attempts);
    await this.#options.store.run('settleDelivery', { id, attempts, ...settled });
  }

  async #try({ id, address, body }: ClaimedDelivery, signal: AbortSignal): Promise<Sent> {
    const { channel: name, target } = partsOfAddress(address);
    const channel = this.#here.get(name);
    const problem = addressProblem(address, this.#configured);
    if (channel === undefined || problem !== undefined)
      return { as: 'dead', why: `it is no address: expected ${problem}` };
    return sent(channel, { id, body: JSON.parse(body) as Notification, target, signal });
  }

  #settled(sent: Sent, attempts: number): Pick<SettledDelivery, 'outcome' | 'error' | 'at'> {
    if (sent.as === 'delivered') return { outcome: 'delivered' };
    const wait = sent.as === 'dead' ? undefined : waitAfter(attempts, sent.after);
    if (wait === undefined) return { outcome: 'dead', error: sent.why };
    return { outcome: 'retry', error: sent.why, at: (this.#options.now ?? Date.now)() + wait };
  }
}

/** Tells it once. Never rejects: what went wrong is said without secrets. */
export async function sent(channel: Channel, message: Parameters<Channel['send']>[0]): Promise<Sent> {
  try {
    return await channel.send(message);
  } catch (error) {
    if (error instanceof PostError) return { as: error.isFinal ? 'dead' : 'failed', why: messageOf(error) };
    return { as: 'failed', why: 'it failed in a way that was not foreseen' }; // its message might hold a secret
  }
}

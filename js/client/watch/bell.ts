import { onAbort } from '../../wire/abort.ts';
import type { AbortSignal } from '../../wire/globals.ts';

/** The longest time that one timer can take, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/** How a bell is hung up. */
interface BellOptions {
  /** Aborting it rejects whoever listens. */
  signal?: AbortSignal | undefined;
}

/** Rings when something has happened; a ring while nobody listens is kept for the next one who does. */
export class Bell {
  readonly #take: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #leave: (() => void) | undefined;
  #rung = false;
  #wake: (() => void) | undefined;

  /** `hang` is given what rings it, and returns what takes it down. */
  constructor(hang: (ring: () => void) => () => void, { signal }: BellOptions = {}) {
    this.#signal = signal;
    this.#take = hang(this.ring);
    if (signal !== undefined) this.#leave = onAbort(signal, this.ring);
  }

  /** Resolves at the next ring, or after so many milliseconds. Rejects with the signal's reason. Keeps the process alive. */
  rings(within: number = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve, reject) => {
      const heard = (): void => {
        this.#rung = false;
        if (this.#signal?.aborted) reject(this.#signal.reason);
        else resolve();
      };
      if (this.#rung || this.#signal?.aborted) heard();
      else this.#listen(within, heard);
    });
  }

  #listen(within: number, heard: () => void): void {
    const timer = within === Number.POSITIVE_INFINITY ? keepAlive() : setTimeout(() => this.#wake?.(), bounded(within));
    this.#wake = () => {
      this.#wake = undefined; // a ring more would end it twice
      if (timer === undefined) noLonger();
      else clearTimeout(timer);
      heard();
    };
  }

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  close(): void {
    this.#take();
    this.#leave?.();
  }
}

const bounded = (within: number): number => Math.min(Math.max(within, 0), MAX_TIMER);

/** Who listens without end keeps the process alive, all of them by one timer. */
let listening = 0;
let alive: NodeJS.Timeout | undefined;

function keepAlive(): undefined {
  listening += 1;
  alive ??= setInterval(() => {}, MAX_TIMER);
}

function noLonger(): void {
  listening -= 1;
  if (listening > 0) return;
  clearInterval(alive);
  alive = undefined;
}

/** Calls back each time that so many milliseconds are over, never where they are without end. Keeps no process alive. */
export const eachTime = (every: number, tick: () => void): NodeJS.Timeout | undefined =>
  every === Number.POSITIVE_INFINITY ? undefined : setInterval(tick, every).unref();

/** Of many one bell. */
export const bellOf =
  (ids: Iterable<string>, hang: (id: string, ring: () => void) => () => void) =>
  (ring: () => void): (() => void) => {
    const all = Array.from(ids, (id) => hang(id, ring));
    return () => {
      for (const take of all) take();
    };
  };

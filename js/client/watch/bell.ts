import { onAbort } from '../../wire/abort.ts';
import type { AbortSignal } from '../../wire/globals.ts';

/** The longest time that one timer can take, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/** How a bell is hung up. */
interface BellOptions {
  /** Aborting it rejects whoever listens. */
  signal?: AbortSignal | undefined;
  /** Listening keeps no process alive. */
  loose?: boolean;
}

/** Rings when any process has committed; a ring while nobody listens is kept for the next one who does. */
export class Bell {
  readonly #unwatch: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #leave: (() => void) | undefined;
  readonly #loose: boolean;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(store: { watch(listener: () => void): () => void }, { signal, loose = false }: BellOptions = {}) {
    this.#signal = signal;
    this.#loose = loose;
    this.#unwatch = store.watch(this.ring);
    if (signal !== undefined) this.#leave = onAbort(signal, this.ring);
  }

  /** Resolves at the next ring, or after so many milliseconds. Rejects with the signal's reason. */
  async rings(within: number): Promise<void> {
    if (!this.#rung && !this.#signal?.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(Math.max(within, 0), MAX_TIMER));
        if (this.#loose) timer.unref();
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rung = false;
    this.#wake = undefined;
    this.#signal?.throwIfAborted();
  }

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  close(): void {
    this.#unwatch();
    this.#leave?.();
  }
}

/** What is due is decided this often while somebody waits, in milliseconds. */
export const DECIDE_EVERY = 1_000;

/** Tells when what is due must be decided again. */
export class Decisions {
  #last = performance.now();

  /** Whether so much time is over; then it counts from now. */
  isTime(): boolean {
    if (performance.now() - this.#last < DECIDE_EVERY) return false;
    this.#last = performance.now();
    return true;
  }
}

/** How long a worker has had nothing to do, and when it leaves for that. */
import { type LoopOptions, SAFETY_NET } from './loop-options.ts';

export class Idleness {
  readonly #options: Pick<LoopOptions, 'store' | 'worker' | 'clock' | 'idleAfter' | 'beside'>;
  #since: number | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Whether it leaves one day. */
  get ends(): boolean {
    return this.#options.idleAfter !== Number.POSITIVE_INFINITY;
  }

  /** There is something to do. Answers in how many milliseconds to look again. */
  interrupt(): number {
    this.#since = undefined;
    return SAFETY_NET;
  }

  /** There is nothing to do: leaves when that was so for long enough, else answers in how many milliseconds it may be. */
  async look(): Promise<number | 'left'> {
    const { store, worker, clock, idleAfter, beside } = this.#options;
    this.#since ??= clock.mono();
    const left = this.#since + idleAfter - clock.mono();
    if (left > 0) return left;
    this.#since = undefined;
    if (await beside.stays()) return SAFETY_NET;
    return (await store.run('leave', { worker, force: false })) ? 'left' : SAFETY_NET;
  }
}

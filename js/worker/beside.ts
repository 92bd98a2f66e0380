/**
 * Sweeps beside what a worker does: schedules, deliveries. They may take their time, so nobody waits for them.
 *
 * 1. Each runs alone, however long that is, and keeps no other from its turn.
 * 2. After one that has done something it is looked again at once; one that did nothing is looked at with the next look.
 * 3. When the worker ends they are told to, and get 2 s.
 */
import type { Sweep } from '../ports/sweep.ts';
import type { Clock } from './clock.ts';
import { oneLine } from './trouble.ts';

/** Milliseconds that they get to end. */
const END_PATIENCE = 2_000;
/** What is due later than that is due at a later look, in milliseconds. */
const AHEAD = 1_000;

export interface BesideOptions {
  clock: Clock;
  onTrouble(error: unknown): void;
}

/** The further sweeps of a worker. */
export class Beside {
  readonly #sweeps: readonly Sweep[];
  readonly #options: BesideOptions;
  readonly #running = new Map<Sweep, Promise<void>>();
  readonly #timers = new Map<Sweep, () => void>();
  /** What was said last of one that fails: it is said once. */
  readonly #said = new Map<Sweep, string>();
  readonly #ended = new AbortController();

  constructor(sweeps: readonly Sweep[], options: BesideOptions) {
    this.#sweeps = sweeps;
    this.#options = options;
  }

  /** Begins those that are not at work and have something to do. Waits for none. */
  look(): void {
    for (const one of this.#sweeps) this.#begin(one);
  }

  /** Whether one of them has to stay; of one that cannot say so it is not known, and it has. */
  async stays(): Promise<boolean> {
    if (this.#running.size > 0) return true;
    const now = this.#options.clock.now();
    for (const one of this.#sweeps) {
      const stays = await one.stays?.(now).catch((error: unknown) => this.#fail(one, error));
      if (stays !== false && stays !== undefined) return true;
    }
    return false;
  }

  /** Begins none any more; waits shortly for those that are at work. */
  async end(): Promise<void> {
    this.#ended.abort(new Error('the worker ends'));
    for (const cancel of this.#timers.values()) cancel();
    if (this.#running.size === 0) return;
    let stop = (): void => {};
    const over = new Promise<void>((resolve) => {
      stop = this.#options.clock.after(END_PATIENCE, resolve);
    });
    await Promise.race([Promise.allSettled(this.#running.values()), over]);
    stop();
  }

  #begin(one: Sweep): void {
    if (this.#ended.signal.aborted || this.#running.has(one)) return;
    this.#timers.get(one)?.();
    this.#timers.delete(one);
    const running = this.#walk(one)
      .then(
        () => void this.#said.delete(one),
        (error) => void this.#fail(one, error),
      )
      .finally(() => void this.#running.delete(one));
    this.#running.set(one, running);
  }

  /** Runs it for as long as it has something to do now and does it. */
  async #walk(one: Sweep): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ended;
    for (;;) {
      const now = clock.now();
      const at = await one.nextAt(now);
      if (signal.aborted || at === null) return;
      if (at > now) return this.#wakeAt(one, at - now);
      if ((await one.run(now, signal)) === 0) return;
    }
  }

  #wakeAt(one: Sweep, ms: number): void {
    if (ms < AHEAD)
      this.#timers.set(
        one,
        this.#options.clock.after(ms, () => this.#begin(one)),
      );
  }

  /** Whoever runs the worker is told, the same thing once. */
  #fail(one: Sweep, error: unknown): true {
    const text = `sweep '${one.name}': ${oneLine(error)}`;
    if (this.#said.get(one) !== text && !this.#ended.signal.aborted) this.#options.onTrouble(text);
    this.#said.set(one, text);
    return true;
  }
}

/**
 * What a runner's driver in wasm asks of JavaScript. The generated bindings take `queueMicrotask` from here.
 *
 * 1. A trap ends in `whenTrapped`'s callback, wherever it came up: in a microtask, in a timer, in what user code called.
 * 2. Microtasks are nobody's to put off; clocks and timers are those of the platform, which fake ones may drive.
 * 3. A runner with something to do is held; one that nobody has any more, and that has nothing to do, goes.
 */
import type { Platform, Timer } from '../platform/types.ts';

/** Who does what the driver says. */
export interface Driven {
  /** Does what so many words say. */
  perform(words: number): void;
  /** The timer has rung. */
  ring(): void;
  /** Others had their turn. */
  turned(): void;
  /** Wall and monotonic time may have parted. */
  parted(): void;
}

let trapped: (error: unknown) => void = (error) => {
  throw error;
};

/** Calls back with whatever a microtask, a timer or a turn of the wasm threw. It was called by nobody who could catch it. */
export function whenTrapped(callback: (error: unknown) => void): void {
  trapped = callback;
}

/** What follows it is a microtask, which a test cannot put off as it can those of `queueMicrotask`. */
const SETTLED = Promise.resolve();

/** Has the wasm run its futures once the code that runs now has returned. */
export function queueMicrotask(callback: () => void): void {
  SETTLED.then(callback).catch(trapped);
}

/** The ports of one runner. `src/wasm/runner/ports.rs` says what each is for. */
export class Ports {
  readonly #platform: Platform;
  readonly #driven: WeakRef<Driven>;
  #busy: Driven | undefined;
  #timer: Timer | undefined;
  #holds = false;
  #partings: number | undefined;

  constructor(platform: Platform, driven: Driven) {
    this.#platform = platform;
    this.#driven = new WeakRef(driven);
  }

  mono(): number {
    const mono = this.#platform.mono();
    const { partings } = this.#platform;
    if (partings !== this.#partings) {
      this.#partings = partings;
      this.#target?.parted();
    }
    return mono;
  }

  wall(): number {
    return this.#platform.wall();
  }

  perform(words: number): void {
    this.#target?.perform(words);
  }

  setAlarm(ms: number): void {
    const timer = this.#platform.timer(this.#rung, ms);
    this.#timer = timer;
    if (!this.#holds) timer.unref();
  }

  clearAlarm(): void {
    this.#timer?.clear();
    this.#timer = undefined;
  }

  /** Whether there is something to do, so that the runner must not go; and whether the timer keeps the process. */
  keep(busy: boolean, holds: boolean): void {
    this.#busy = busy ? this.#target : undefined;
    if (holds === this.#holds) return;
    this.#holds = holds;
    if (holds) this.#timer?.ref();
    else this.#timer?.unref();
  }

  defer(): void {
    this.#platform.defer(this.#turned);
  }

  /** Something is to be done from now on, before the driver has said so. */
  hold(driven: Driven): void {
    this.#busy = driven;
  }

  /** Nothing is to be done any more: the wasm is dead. */
  end(): void {
    this.clearAlarm();
    this.#busy = undefined;
  }

  get #target(): Driven | undefined {
    return this.#busy ?? this.#driven.deref();
  }

  readonly #rung = (): void => {
    this.#timer = undefined;
    try {
      this.#target?.ring();
    } catch (error) {
      trapped(error);
    }
  };

  readonly #turned = (): void => {
    try {
      this.#target?.turned();
    } catch (error) {
      trapped(error);
    }
  };
}

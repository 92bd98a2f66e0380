import { MAX_TIMER, type Platform, type Timer } from './platform.ts';

/** Who is told that it is time. */
interface Sleeper {
  tick(): void;
}

/**
 * The one timer of a runner: set to the earliest moment that anything waits for. It is moved only when something earlier
 * comes up; when it rings too early it is set again, so that a task that starts and ends in time costs no timer.
 *
 * While the runner has something to do the alarm keeps it alive; else a runner that nobody has any more goes with it.
 */
export class Alarm {
  readonly #platform: Platform;
  readonly #sleeper: WeakRef<Sleeper>;
  #busySleeper: Sleeper | undefined;
  #timer: Timer | undefined;
  #at = Number.POSITIVE_INFINITY;
  #holds = false;

  constructor(platform: Platform, sleeper: Sleeper) {
    this.#platform = platform;
    this.#sleeper = new WeakRef(sleeper);
  }

  /** Rings at that moment or earlier. While there is something to do it keeps the process alive, unless told not to. */
  set(at: number, busy: boolean, hold: boolean): void {
    const holds = busy && hold;
    if (busy !== (this.#busySleeper !== undefined)) this.#busySleeper = busy ? this.#sleeper.deref() : undefined;
    if (at < this.#at || (holds && this.#timer === undefined)) this.#start(at, holds);
    else if (holds !== this.#holds) this.#hold(holds);
  }

  #start(at: number, holds: boolean): void {
    this.#timer?.clear();
    const now = this.#platform.mono();
    const ms = Math.min(Math.max(Math.ceil(at - now), 0), MAX_TIMER);
    // Not when it will ring, which is up to a millisecond later: else the same moment would set it again.
    this.#at = Math.min(at, now + ms);
    this.#timer = this.#platform.timer(this.#rung, ms);
    this.#holds = true;
    if (!holds) this.#hold(false);
  }

  #hold(holds: boolean): void {
    this.#holds = holds;
    if (holds) this.#timer?.ref();
    else this.#timer?.unref();
  }

  readonly #rung = (): void => {
    this.#timer = undefined;
    this.#at = Number.POSITIVE_INFINITY;
    (this.#busySleeper ?? this.#sleeper.deref())?.tick();
  };
}

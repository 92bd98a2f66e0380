/** What one process knows of its own clocks. */

/** A lease lasts this long and is renewed every `RENEW_EVERY`; in milliseconds. */
export const LEASE = 30_000;
export const RENEW_EVERY = 5_000;

/** Wall time minus monotonic time differs by this much at most, in milliseconds, where two agree. */
export const TOLERANCE = 2_000;

/**
 * What one process remembers of its own clocks.
 *
 * 1. Wall and monotonic time part when the machine slept or the wall clock was set. For the length of a lease after that
 *    this process says nothing of others by their times.
 * 2. Nor does it while it parts from what the workers of its boot keep. What they keep is not changed at once by one that
 *    disagrees: only when nobody has confirmed it for the length of a lease, and those who disagree have agreed that long.
 */
export class ClockWatch {
  #offset: number | undefined;
  #calmFrom = Number.NEGATIVE_INFINITY;

  /** Takes notice of the time. Answers whether the clock was set, or the machine slept, since it was asked last. */
  look(now: number, mono: number): boolean {
    const offset = now - mono;
    const stepped = this.#offset !== undefined && Math.abs(offset - this.#offset) > TOLERANCE;
    if (stepped) this.#calmFrom = mono + LEASE;
    if (stepped || this.#offset === undefined) this.#offset = offset;
    return stepped;
  }

  isCalm(mono: number): boolean {
    return mono >= this.#calmFrom;
  }
}

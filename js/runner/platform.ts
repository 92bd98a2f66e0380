/** What a runner needs of its surroundings; tests bring a virtual clock. */
export interface Platform {
  /** Milliseconds of a clock that never steps. */
  mono(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
  /** Calls back after so many milliseconds, at most 2^31 - 1. It keeps the process alive until `unref`. */
  timer(callback: () => void, ms: number): Timer;
  /** Calls back when timers and I/O have had their turn. */
  defer(callback: () => void): void;
  /** Another number each time that wall and monotonic time may have parted; without it they are looked at now and then. */
  readonly partings?: number;
}

export interface Timer {
  clear(): void;
  ref(): void;
  unref(): void;
}

/** The longest time that one timer can take, in milliseconds. */
export const MAX_TIMER = 2 ** 31 - 1;

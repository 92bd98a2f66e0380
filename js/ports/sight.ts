/** What one process can see of others. */

/** Which process: pids mean something within one boot and namespace only, and are given again. */
export interface Identity {
  readonly boot: string;
  readonly pid_ns: string;
  /** With the boot: whose monotonic clock is its own. */
  readonly time_ns: string;
  readonly pid: number;
  readonly start_time: string;
}

export interface Sight {
  /** The boot and the time namespace of this process. */
  readonly boot: string;
  readonly time_ns: string;
  /** Whether its pid means a process here, so that it can be looked at. */
  canSee(of: Identity): boolean;
  /** Whether its monotonic clock is that of this process. */
  sharesClock(of: Identity): boolean;
  /** Whether the very process lives; to be asked of one that can be seen. One that cannot be looked at lives. */
  isAlive(of: Identity): boolean;
}

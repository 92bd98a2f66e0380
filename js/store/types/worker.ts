/** Workers, the process groups that they lead, and what is left of both. */
import type { EnvValue } from '../binding.ts';

/** A worker, as the other processes know it. Times are milliseconds since the epoch. */
export interface WorkerRow {
  id: string;
  /** Boot, pid namespace and start time tell a process from a later one with the same pid. */
  boot: string;
  pid_ns: string;
  /** With the boot: whose monotonic clock is its own. */
  time_ns: string;
  pid: number;
  start_time: string;
  host: string;
  /** `starting` until the process has taken the row over; `stopping` when it claims nothing more. */
  state: 'starting' | 'live' | 'stopping';
  concurrency: number;
  /** How many tasks may have a slot at once over all workers of the store, as this one was told; null: no such limit. */
  max_concurrent: number | null;
  /** Names of the environment variables it has. */
  env: readonly string[];
  /** Whether it runs recipes that are folders. */
  folders: boolean;
  /** Names of the recipes in code that it has. */
  recipes: readonly string[];
  /** Where values are handed to it; absent or null when it takes none. */
  socket?: string | null;
  /** The name of the key that it makes hashes of values with. */
  value_key?: string | null;
  /** The values that it has; told when it is inserted, not read again. */
  values?: readonly EnvValue[];
  /** Where paths mean what they mean to it; null: not said. */
  place?: string | null;
  /** Names of recipes that it finds in folders of its own. */
  found?: readonly string[];
  /** By its wall clock; others judge it by what they can trust, see `facts.ts`. */
  lease_until: number;
  started_at: number;
}

/** A process group that a worker leads; killed by whoever finds the worker dead. */
export interface Group {
  pgid: number;
  start_time: string;
}

/** A worker that is dead, and the groups that it has led; to be killed by whoever can see them. */
export interface DeadWorker {
  worker: string;
  pid: number;
  start_time: string;
  groups: Group[];
}

/** What became of them. */
export interface Reaped {
  worker: string;
  start_time: string;
  /** None of it runs any more. */
  isEnded: boolean;
}

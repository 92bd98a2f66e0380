/** Statements about what the workers keep of their clocks. */
import { changes, row } from './statement.ts';

/** What is kept of the clock of one boot and time namespace: wall minus monotonic time, and when a worker last said so. */
export interface KeptClock {
  wall_minus_mono: number;
  confirmed_mono: number;
  /** What workers that disagree say instead, and since when. */
  rival: number | null;
  rival_since: number | null;
}

export const keptClock = row<KeptClock, [boot: string, timeNs: string]>(
  'clock.kept',
  'SELECT wall_minus_mono, confirmed_mono, rival, rival_since FROM clocks WHERE boot = ? AND time_ns = ?',
);

export const putClock = changes<
  [boot: string, timeNs: string, offset: number, confirmed: number, rival: number | null, since: number | null]
>(
  'clock.put',
  `INSERT OR REPLACE INTO clocks (boot, time_ns, wall_minus_mono, confirmed_mono, rival, rival_since)
   VALUES (?, ?, ?, ?, ?, ?)`,
);

/** Those of other boots go when no worker has them. */
export const dropClocks = changes<[boot: string, timeNs: string]>(
  'clock.drop',
  `DELETE FROM clocks WHERE (boot <> ?1 OR time_ns <> ?2) AND NOT EXISTS (
     SELECT 1 FROM workers WHERE workers.boot = clocks.boot AND workers.time_ns = clocks.time_ns)`,
);

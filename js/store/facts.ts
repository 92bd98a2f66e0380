/** What can be known about the workers right now. */
import type { Database } from './database.ts';
import type { Row } from './driver.ts';
import { here, isAlive } from './process.ts';
import type { WorkerRow } from './types.ts';

/** A lease lasts this long and is renewed every `RENEW_EVERY`; in milliseconds. */
export const LEASE = 30_000;
export const RENEW_EVERY = 5_000;
/** Milliseconds that a started process has to take its row over; then others may start another one. */
export const START_LEASE = 15_000;

export interface Facts {
  workers: WorkerFact[];
}

export interface WorkerFact {
  row: WorkerRow;
  /** Nobody may take its attempts away. */
  alive: boolean;
  /** It lives and its lease is not over: one that is stopped keeps what it has, but will not claim anything. */
  claims: boolean;
}

function workerRow(row: Row): WorkerRow {
  return {
    ...(row as unknown as WorkerRow),
    env: JSON.parse(String(row.env)),
    folders: row.folders === 1,
    recipes: JSON.parse(String(row.recipes)),
  };
}

/** Reads every worker's row and judges whether it lives. */
export function facts(db: Database, now = Date.now()): Facts {
  const moved = clockMoved(now);
  const rows = db.all('SELECT * FROM workers ORDER BY id').map(workerRow);
  return { workers: rows.map((row) => judge(row, row.lease_until > now || moved)) };
}

/** True when the worker is of this boot and pid namespace, so that its process can be looked at. */
export function isLocal(row: WorkerRow): boolean {
  const place = here();
  return row.boot === place.boot && row.pid_ns === place.pid_ns;
}

/**
 * A worker that can be looked at lives while its process does, any other by its lease. One that is starting needs both:
 * its process, at first that of its starter, may be alive and never get to work.
 */
function judge(row: WorkerRow, leased: boolean): WorkerFact {
  if (!isLocal(row)) return { row, alive: leased, claims: leased };
  const alive = isAlive(row.pid, row.start_time) && (leased || row.state !== 'starting');
  return { row, alive, claims: alive && leased };
}

/**
 * A lease compares wall times of two processes, so it says nothing just after this one slept or its clock was set:
 * when wall and monotonic clock part by over 2 s, nobody is judged by lease for the length of one.
 */
let base: { wall: number; mono: number } | undefined;
let trustedFrom = 0;

function clockMoved(now: number): boolean {
  const mono = performance.now();
  if (base === undefined) {
    base = { wall: now, mono };
  } else if (Math.abs(now - base.wall - (mono - base.mono)) > 2_000) {
    base = { wall: now, mono };
    trustedFrom = mono + LEASE;
  }
  return mono < trustedFrom;
}

/** The time of a process, and what the workers of a store keep of it: where wall and monotonic clock stand to each other. */
import { statSync } from 'node:fs';
import { IS_LINUX } from '../platform/system.ts';
import type { Database } from './database.ts';
import { here } from './process.ts';

/** The clocks of a process; all in milliseconds. */
export interface StoreClock {
  /** Wall time, since the epoch. */
  now(): number;
  /** Monotonic time. On Linux the same for all processes of one boot and time namespace, elsewhere this process' own. */
  mono(): number;
  /** When a file was last written, by the wall clock of the system, which is not always what this process is told. */
  writtenAt?(file: string): number | undefined;
}

export const systemClock: StoreClock = {
  now: () => Date.now(),
  mono: () => Number(process.hrtime.bigint() / 1_000_000n),
  writtenAt: (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs,
};

/** A lease lasts this long and is renewed every `RENEW_EVERY`; in milliseconds. */
export const LEASE = 30_000;
export const RENEW_EVERY = 5_000;

/** Wall time minus monotonic time differs by this much at most, in milliseconds, where two agree. */
const TOLERANCE = 2_000;

/** What is kept of the clock of one boot and time namespace: wall minus monotonic time, and when a worker last said so. */
interface Kept {
  wall_minus_mono: number;
  confirmed_mono: number;
  /** What workers that disagree say instead, and since when. */
  rival: number | null;
  rival_since: number | null;
}

/** One moment, and the clock that showed it. */
export interface Moment {
  db: Database;
  /** Milliseconds since the epoch, the same for a whole transaction. */
  now: number;
  /** Milliseconds of the monotonic clock at the same moment. */
  mono: number;
  clock: ClockWatch;
  /** It is of a transaction that only reads. */
  isSnapshot?: true;
}

/**
 * What one process remembers of its own clocks.
 *
 * 1. Wall and monotonic time part when the machine slept or the wall clock was set. For the length of a lease after that
 *    this process says nothing of others by their times.
 * 2. Nor does it while it parts from what the workers of its boot keep. What they keep is not changed at once by one that
 *    disagrees: only when nobody has confirmed it for the length of a lease, and those who disagree have agreed that long.
 */
export class ClockWatch {
  readonly source: StoreClock;
  #offset: number | undefined;
  #calmFrom = Number.NEGATIVE_INFINITY;

  constructor(source: StoreClock) {
    this.source = source;
  }

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

/** This very moment, for a look that remembers nothing. */
export function momentOf(db: Database, source: StoreClock = systemClock): Moment {
  return { db, now: source.now(), mono: source.mono(), clock: new ClockWatch(source) };
}

/** Whether a process of that row has the same monotonic clock as this one. */
export function sharesClock({ boot, time_ns }: { boot: string; time_ns: string }): boolean {
  const place = here();
  return IS_LINUX && boot === place.boot && time_ns === place.time_ns;
}

function kept({ db }: Moment): Kept | undefined {
  const { boot, time_ns } = here();
  const sql = 'SELECT wall_minus_mono, confirmed_mono, rival, rival_since FROM clocks WHERE boot = ? AND time_ns = ?';
  return db.get<Kept>(sql, boot, time_ns);
}

const offsetOf = ({ now, mono }: Moment): number => now - mono;

const isSame = (moment: Moment, offset: number): boolean => Math.abs(offsetOf(moment) - offset) <= TOLERANCE;

/** Whether this process may say that a time of others is over: its clock is calm, and agrees with what the workers keep. */
export function isTrusted(moment: Moment): boolean {
  if (!moment.clock.isCalm(moment.mono)) return false;
  const known = kept(moment);
  return known === undefined || isSame(moment, known.wall_minus_mono);
}

/**
 * Wall time for what is remembered of others, in milliseconds since the epoch: by the clock that the workers of this boot
 * keep, where this process parts from it; where none is kept, never before the last renewal of any worker.
 */
export function agreedNow(moment: Moment): number {
  const known = kept(moment);
  if (known !== undefined && isSame(moment, known.wall_minus_mono)) return moment.now;
  if (known !== undefined) return known.wall_minus_mono + moment.mono;
  const last = moment.db.get<{ at: number | null }>(
    "SELECT max(lease_until) AS at FROM workers WHERE state <> 'starting'",
  );
  return Math.max(moment.now, (last?.at ?? 0) - LEASE);
}

/** A worker says where its clocks stand. */
export function keepClock(moment: Moment): void {
  const { mono } = moment;
  const known = kept(moment);
  if (known !== undefined && isSame(moment, known.wall_minus_mono)) {
    write(moment, { ...known, confirmed_mono: mono, rival: null, rival_since: null });
  } else if (isSystemTime(moment)) {
    write(moment, known === undefined || isOutdated(moment, known) ? fresh(moment) : contested(moment, known));
  }
}

const fresh = (moment: Moment): Kept => ({
  wall_minus_mono: offsetOf(moment),
  confirmed_mono: moment.mono,
  rival: null,
  rival_since: null,
});

function contested(moment: Moment, known: Kept): Kept {
  const { rival } = known;
  return rival !== null && isSame(moment, rival)
    ? known
    : { ...known, rival: offsetOf(moment), rival_since: moment.mono };
}

/** For a lease nobody has confirmed it, and all who came have said the same as this process. */
function isOutdated(moment: Moment, { confirmed_mono, rival, rival_since }: Kept): boolean {
  if (rival === null || rival_since === null || !isSame(moment, rival)) return false;
  return moment.mono - confirmed_mono >= LEASE && moment.mono - rival_since >= LEASE;
}

/**
 * Whether the system, which dates the log's last commit, has the same wall time. A worker commits when it registers and at
 * each renewal, so that is not long ago; at worst the next renewal tells.
 */
function isSystemTime({ db, now, clock }: Moment): boolean {
  const { writtenAt } = clock.source;
  if (writtenAt === undefined) return true;
  const at = writtenAt(`${db.path}-wal`);
  return at !== undefined && now - at > -TOLERANCE && now - at < RENEW_EVERY + TOLERANCE;
}

/** Those of other boots go when no worker has them. */
function write({ db }: Moment, { wall_minus_mono, confirmed_mono, rival, rival_since }: Kept): void {
  const { boot, time_ns } = here();
  db.run(
    `INSERT OR REPLACE INTO clocks (boot, time_ns, wall_minus_mono, confirmed_mono, rival, rival_since)
     VALUES (?, ?, ?, ?, ?, ?)`,
    boot,
    time_ns,
    wall_minus_mono,
    confirmed_mono,
    rival,
    rival_since,
  );
  db.run(
    `DELETE FROM clocks WHERE (boot <> ?1 OR time_ns <> ?2) AND NOT EXISTS (
       SELECT 1 FROM workers WHERE workers.boot = clocks.boot AND workers.time_ns = clocks.time_ns)`,
    boot,
    time_ns,
  );
}

/**
 * What can be known about the workers right now.
 *
 * 1. One whose process can be looked at lives while that does, and is never judged by its lease.
 * 2. Any other is judged by its lease: of the same boot and time namespace by the clock that they share, else only when
 *    this process itself has seen it unrenewed for as long as it lasts.
 * 3. A process whose clock is not to be trusted judges nobody by lease.
 */

import type { Program, Row } from '../ports/backend.ts';
import { isTrusted } from './clock.ts';
import { type ClockWatch, LEASE, RENEW_EVERY } from './clock-watch.ts';
import { once } from './notes.ts';
import type { Context } from './operation-context.ts';
import { allWorkers } from './sql/workers.ts';
import type { WorkerRow } from './types.ts';

export { LEASE, RENEW_EVERY } from './clock-watch.ts';

/** Milliseconds that a started process has to take its row over; then others may start another one. */
export const START_LEASE = 15_000;

export interface Facts {
  /** Milliseconds since the epoch. */
  now: number;
  workers: WorkerFact[];
}

export interface WorkerFact {
  /** `lease_until` is told in this process' wall time where it knows better than the row. */
  row: WorkerRow;
  /** Nobody may take its attempts away. */
  alive: boolean;
  /** It lives and its lease is not over: one that is stopped keeps what it has, but will not claim anything. */
  claims: boolean;
  /** Whether this process itself knows how its lease stands; else there is only the wall time of another machine. */
  certain: boolean;
}

/** A worker's row with what others judge its lease by. */
interface LeasedRow extends WorkerRow {
  /** When the lease ends on the monotonic clock of the worker. */
  lease_mono: number;
  /** Grows with each renewal. */
  renewals: number;
}

function workerRow(row: Row): LeasedRow {
  return {
    ...(row as unknown as LeasedRow),
    env: namesOf(String(row.env)),
    folders: row.folders === 1,
    recipes: namesOf(String(row.recipes)),
    found: namesOf(String(row.found)),
  };
}

/** A worker's row is read by nearly every operation, and its lists hardly ever change. */
function namesOf(text: string): readonly string[] {
  let names = lists.get(text);
  if (names === undefined) {
    names = JSON.parse(text) as string[];
    if (lists.size >= MOST_LISTS) lists.clear();
    lists.set(text, names);
  }
  return names;
}

const lists = new Map<string, readonly string[]>();
const MOST_LISTS = 100;

/** Reads every worker's row and judges whether it lives: one verdict a transaction, as long as no row changes. */
export const facts = (context: Context): Program<Facts> => once(context, 'facts', () => judgeAll(context));

function* judgeAll(context: Context): Program<Facts> {
  const found: Facts = { now: context.now, workers: [] };
  for (const one of yield* leases(context)) found.workers.push(yield* judge(context, one));
  return found;
}

/** The ids of the workers that are not known to be stopped or dead. */
export function* leased(context: Context): Program<string[]> {
  return (yield* leases(context)).flatMap(({ row, over }) => (over ? [] : [row.id]));
}

/** How a worker's lease stands. */
interface Lease {
  row: LeasedRow;
  /** It seems to be over. */
  over: boolean;
  /** And that is known. */
  certain: boolean;
}

const leases = (context: Context): Program<Lease[]> => once(context, 'leases', () => look(context));

function* look(context: Context): Program<Lease[]> {
  const { now, mono, clock, sight } = context;
  const watched = watchOf(clock);
  if (clock.look(now, mono)) watched.clear();
  const rows = (yield* allWorkers()).map(workerRow);
  watched.keep(new Set(rows.map(({ id }) => id)));
  return rows.map((row) => (sight.sharesClock(row) ? sharedLease(row, context) : foreignLease(row, context, watched)));
}

function sharedLease(row: LeasedRow, { now, mono }: Context): Lease {
  const left = row.lease_mono - mono;
  return { row: { ...row, lease_until: now + left }, over: left <= 0, certain: true };
}

/** Of a row that holds nothing yet the wall time will do: who is removed wrongly registers anew. */
function foreignLease(row: LeasedRow, { now, mono }: Context, watched: Watched): Lease {
  const { unrenewed, renewed } = watched.look(row, mono);
  const left = LEASE - unrenewed;
  if (row.state !== 'starting' && (renewed || left <= 0)) {
    return { row: { ...row, lease_until: now + left }, over: left <= 0, certain: true };
  }
  return { row, over: row.lease_until <= now, certain: row.state === 'starting' };
}

/**
 * One that is starting needs both: its process, at first that of its starter, may be alive and never get to work.
 */
function* judge(context: Context, { row, over, certain }: Lease): Program<WorkerFact> {
  const isSeen = context.sight.canSee(row);
  const mayBeLost = over && certain && (!isSeen || row.state === 'starting');
  const lost = mayBeLost && (yield* isTrusted(context));
  const alive = isSeen ? context.sight.isAlive(row) && !lost : !lost;
  return { row, alive, claims: alive && !over, certain };
}

/** The longest time, in milliseconds, between two looks that counts as having watched: this process may have stood still. */
const LONGEST_GAP = RENEW_EVERY;

/** For how long this process has seen each lease unrenewed. */
class Watched {
  #workers = new Map<string, { renewals: number; at: number; unrenewed: number; renewed: boolean }>();

  /** `renewed`: it was seen to renew its lease. */
  look({ id, renewals }: LeasedRow, mono: number): { unrenewed: number; renewed: boolean } {
    const before = this.#workers.get(id);
    const same = before?.renewals === renewals;
    const unrenewed = same ? before.unrenewed + Math.min(mono - before.at, LONGEST_GAP) : 0;
    const seen = { renewals, at: mono, unrenewed, renewed: before !== undefined && (before.renewed || !same) };
    this.#workers.set(id, seen);
    return seen;
  }

  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#workers.keys()) if (!ids.has(id)) this.#workers.delete(id);
  }

  clear(): void {
    this.#workers.clear();
  }
}

const all = new WeakMap<ClockWatch, Watched>();

function watchOf(clock: ClockWatch): Watched {
  let watched = all.get(clock);
  if (watched === undefined) {
    watched = new Watched();
    all.set(clock, watched);
  }
  return watched;
}

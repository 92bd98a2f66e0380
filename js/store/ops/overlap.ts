/** What becomes of the moments of a schedule while the task of one before is live. */
import type { Overlap } from '../types.ts';

export interface Standing {
  overlap: Overlap;
  /** How many of its tasks are live. */
  live: number;
  /** Moments that wait already, the oldest first. */
  queued: readonly number[];
  /** Moments that have come, the oldest first. */
  moments: readonly number[];
}

export interface Decision {
  /** Are submitted now. */
  run: readonly number[];
  /** Wait for the end of what is live then. */
  queued: readonly number[];
  skipped: number;
  /** What is live is cancelled. */
  cancels: boolean;
}

/** Several that have come at once, as after a sleep, run one after the other, unless they may all run at once. */
export function decideOverlap({ overlap, live, queued, moments }: Standing): Decision {
  if (overlap === 'allow') return { run: [...queued, ...moments], queued: [], skipped: 0, cancels: false };
  if (overlap === 'cancel') return newestOnly(live, [...queued, ...moments], moments.length > 0);
  const isBusy = live > 0 || queued.length > 0;
  const room = overlap === 'queue' && queued.length === 0 ? 1 : 0;
  const kept = isBusy ? moments.slice(Math.max(0, moments.length - room)) : moments;
  const waiting = [...queued, ...kept];
  const run = live > 0 ? [] : waiting.slice(0, 1);
  const skipped = moments.length + queued.length - waiting.length;
  return { run, queued: waiting.slice(run.length), skipped, cancels: false };
}

function newestOnly(live: number, all: readonly number[], cancels: boolean): Decision {
  const newest = all.slice(-1);
  const isFree = live === 0;
  return {
    run: isFree ? newest : [],
    queued: isFree ? [] : newest,
    skipped: all.length - newest.length,
    cancels: cancels && !isFree,
  };
}

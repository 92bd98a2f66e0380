/** What became of a try, and when the next one is. */
import type { PostAnswer } from './post.ts';

/** `why` holds no secret. `after`: not before so many ms have passed. */
export type Sent = { as: 'delivered' } | { as: 'dead'; why: string } | { as: 'failed'; why: string; after?: number };

export const DELIVERED: Sent = { as: 'delivered' };

/** Seconds before the second try, the third, and so on; after the last one it is given up. */
const WAITS = [5, 30, 120, 600, 1800, 7200, 18_000, 36_000, 50_400, 72_000];
/** The share by which a wait is shorter or longer. */
const JITTER = 0.2;

/**
 * When to try again, in ms from now, after so many tries; undefined: not any more. `random` is from 0 up to 1. Who says how long to
 * wait is not asked before.
 */
export function waitAfter(attempts: number, after = 0, random = Math.random()): number | undefined {
  const seconds = WAITS[attempts - 1];
  if (seconds === undefined) return undefined;
  return Math.round(Math.max(after, seconds * 1000 * (1 + JITTER * (2 * random - 1))));
}

/** What the statuses of an answer mean; `final`: those after which trying again is of no use. */
export function judged({ status, retryAfter }: PostAnswer, final: readonly number[]): Sent {
  if (status >= 200 && status < 300) return DELIVERED;
  const why = status >= 300 && status < 400 ? `it answered with a redirect (${status})` : `it answered ${status}`;
  if (final.includes(status)) return { as: 'dead', why };
  return { as: 'failed', why, ...(retryAfter === undefined ? {} : { after: retryAfter }) };
}

/** What the workers of a store keep of their clocks: where wall and monotonic clock stand to each other. */
import type { Program } from '../ports/backend.ts';
import { LEASE, RENEW_EVERY, TOLERANCE } from './clock-watch.ts';
import { forget, once } from './notes.ts';
import type { Context } from './operation-context.ts';
import { dropClocks, type KeptClock, keptClock, putClock } from './sql/clocks.ts';
import { lastLease } from './sql/workers.ts';

const kept = (context: Context) => once(context, 'clock', () => read(context));

function* read({ sight }: Context): Program<KeptClock | undefined> {
  return yield* keptClock(sight.boot, sight.time_ns);
}

const offsetOf = ({ now, mono }: Context): number => now - mono;

const isSame = (context: Context, offset: number): boolean => Math.abs(offsetOf(context) - offset) <= TOLERANCE;

/** Whether this process may say that a time of others is over: its clock is calm, and agrees with what the workers keep. */
export function* isTrusted(context: Context): Program<boolean> {
  if (!context.clock.isCalm(context.mono)) return false;
  const known = yield* kept(context);
  return known === undefined || isSame(context, known.wall_minus_mono);
}

/**
 * Wall time for what is remembered of others, in milliseconds since the epoch: by the clock that the workers of this boot
 * keep, where this process parts from it; where none is kept, never before the last renewal of any worker.
 */
export function* agreedNow(context: Context): Program<number> {
  const known = yield* kept(context);
  if (known !== undefined && isSame(context, known.wall_minus_mono)) return context.now;
  if (known !== undefined) return known.wall_minus_mono + context.mono;
  const last = yield* lastLease();
  return Math.max(context.now, (last?.at ?? 0) - LEASE);
}

/** A worker says where its clocks stand. */
export function* keepClock(context: Context): Program<void> {
  const { mono } = context;
  const known = yield* kept(context);
  if (known !== undefined && isSame(context, known.wall_minus_mono)) {
    yield* write(context, { ...known, confirmed_mono: mono, rival: null, rival_since: null });
  } else if (isSystemTime(context)) {
    yield* write(
      context,
      known === undefined || isOutdated(context, known) ? fresh(context) : contested(context, known),
    );
  }
}

const fresh = (context: Context): KeptClock => ({
  wall_minus_mono: offsetOf(context),
  confirmed_mono: context.mono,
  rival: null,
  rival_since: null,
});

function contested(context: Context, known: KeptClock): KeptClock {
  const { rival } = known;
  return rival !== null && isSame(context, rival)
    ? known
    : { ...known, rival: offsetOf(context), rival_since: context.mono };
}

/** For a lease nobody has confirmed it, and all who came have said the same as this process. */
function isOutdated(context: Context, { confirmed_mono, rival, rival_since }: KeptClock): boolean {
  if (rival === null || rival_since === null || !isSame(context, rival)) return false;
  return context.mono - confirmed_mono >= LEASE && context.mono - rival_since >= LEASE;
}

/**
 * Whether the system, which dates the last commit, has the same wall time. A worker commits when it registers and at each
 * renewal, so that is not long ago; at worst the next renewal tells.
 */
function isSystemTime(context: Context): boolean {
  const { now } = context;
  if (context.writtenAt === undefined) return true;
  const at = context.writtenAt();
  return at !== undefined && now - at > -TOLERANCE && now - at < RENEW_EVERY + TOLERANCE;
}

/** Those of other boots go when no worker has them. */
function* write(context: Context, clock: KeptClock): Program<void> {
  const { boot, time_ns } = context.sight;
  forget(context, 'clock');
  yield* putClock(boot, time_ns, clock.wall_minus_mono, clock.confirmed_mono, clock.rival, clock.rival_since);
  yield* dropClocks(boot, time_ns);
}

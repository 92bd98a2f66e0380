/**
 * What somebody is to be told of tasks, from whoever can tell it.
 *
 * 1. A claim is for so long; who is too late with what came of it changes nothing: whoever was next has claimed it anew.
 * 2. Of one task and address the first is told first, and the next when that was or is given up.
 */
import { decide } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { writeDecided } from '../rows/decided.ts';
import { isReadable } from '../rows/task.ts';
import {
  claimDeliveries,
  dropDeliveries,
  isAnyRemoved,
  knownDeliveries,
  listDeliveries,
  nextDelivery,
  putOffFollowing,
  removeDeliveries,
  retryDead,
  retryDeliveries,
  runningSequels,
  settleDelivery,
} from '../sql/deliveries.ts';
import { taskById } from '../sql/tasks.ts';
import type { Sequel, SettledDelivery } from '../types.ts';
import type { Context, Operation } from './operation.ts';

const DAY = 86_400_000;
/** How long what was told is kept, and what is given up: milliseconds. */
const KEPT = { delivered: 7 * DAY, dead: 30 * DAY };

export const claimed: Operation<'claimDeliveries'> = {
  kind: 'write',
  silent: true,
  *prepare({ now, isCurrent }, { channels }) {
    if (!isCurrent || channels.length === 0) return false;
    return ((yield* nextDelivery(JSON.stringify(channels)))?.at ?? Number.POSITIVE_INFINITY) <= now;
  },
  idle: [],
  bestEffort: 'current',
  *run({ now }, { channels, limit, lease }) {
    return yield* claimDeliveries(now + lease, now, JSON.stringify(channels), limit);
  },
};

export const next: Operation<'nextDelivery'> = {
  kind: 'read',
  *run(_, { channels }) {
    if (channels.length === 0) return null;
    return (yield* nextDelivery(JSON.stringify(channels)))?.at ?? null;
  },
};

export const settled: Operation<'settleDelivery'> = {
  kind: 'write',
  *run(context, { id, attempts, outcome, error = null, at }) {
    const { now } = context;
    const state = outcome === 'retry' || outcome === 'returned' ? 'pending' : outcome;
    const until = state === 'pending' ? (at ?? now) : now;
    const back = outcome === 'returned' ? 1 : 0;
    const row = yield* settleDelivery(state, until, state === 'pending' ? null : now, error, back, id, attempts);
    if (row === undefined) return false;
    if (state === 'pending') yield* putOffFollowing(until, row.task, row.address, row.n);
    else yield* tell(context, row.task, { id, address: row.address, attempts }, state);
    yield* dropDeliveries(now - KEPT.delivered, now - KEPT.dead);
    return true;
  },
};

/** How long what waits for a channel that is not there any more is kept for it: as long as one that fails is tried, in ms. */
const PATIENCE = 52 * 3_600_000;
/** So many are given up in one go. */
const MOST_REMOVED = 100;
const REMOVED = 'its channel is not in the configuration any more (channel_removed)';

export const removed: Operation<'removeDeliveries'> = {
  kind: 'write',
  *prepare({ now, isCurrent }, { channels }) {
    return isCurrent && (yield* isAnyRemoved(now - PATIENCE, JSON.stringify(channels))) !== undefined;
  },
  idle: 0,
  bestEffort: 'current',
  *run(context, { channels }) {
    const { now } = context;
    const gone = yield* removeDeliveries(now - PATIENCE, JSON.stringify(channels), now, REMOVED, MOST_REMOVED);
    for (const { task, ...delivery } of gone) yield* tell(context, task, delivery, 'dead');
    return gone.length;
  },
};

/** A task that is gone, or cannot be read, is told nothing. */
function* tell(
  context: Context,
  task: string,
  delivery: { id: string; address: string; attempts: number },
  state: SettledDelivery['outcome'],
): Program<void> {
  const row = yield* taskById(task);
  if (row === undefined || !isReadable(row)) return;
  const command = { command: 'tell', delivery, failed: state === 'dead' } as const;
  yield* writeDecided(context, row, decide(row.record, command, context.now));
}

export const listed: Operation<'deliveries'> = {
  kind: 'read',
  *run(_, { state, task, before, limit }) {
    const rows = yield* listDeliveries(state, task, before, limit + 1);
    const page = rows.slice(0, limit);
    return { deliveries: page, next: rows.length > limit ? (page.at(-1)?.n ?? null) : null };
  },
};

export const again: Operation<'retryDeliveries'> = {
  kind: 'write',
  *run({ now }, { ids }) {
    if (ids === 'dead') return { ids: (yield* retryDead(now)).map(({ id }) => id), unknown: [], delivered: [] };
    const text = JSON.stringify(ids);
    const known = yield* knownDeliveries(text);
    return {
      ids: (yield* retryDeliveries(now, text)).map(({ id }) => id),
      unknown: ids.filter((id) => !known.some((one) => one.id === id)),
      delivered: known.filter(({ state }) => state === 'delivered').map(({ id }) => id),
    };
  },
};

export const typing: Operation<'typing'> = {
  kind: 'read',
  *run({ sight }, { pid }) {
    const all = (yield* runningSequels(pid, sight.boot)).map(({ data }) => (JSON.parse(data) as Sequel).deliver);
    return [...new Set(all.flatMap((one) => (one?.typing ? one.to.map(({ address }) => address) : [])))];
  },
};

/** What a task has told, and the results of its finished steps. */
import type { Program } from '../../ports/backend.ts';
import {
  cancelledEvent,
  countMore,
  eventsAfter,
  eventsOfSession,
  lastEvent,
  stepOf,
  toldBy,
  traceStart,
} from '../sql/events.ts';
import type { EventPage } from '../types.ts';
import type { Operation } from './operation.ts';

export const events: Operation<'events'> = {
  kind: 'read',
  run: (_, { id, after, limit }) => pageOf(id, after, limit),
};

function* pageOf(id: string, after: number, limit: number): Program<EventPage | null> {
  const task = yield* toldBy(id);
  if (task === undefined) return null;
  const last = yield* lastEvent(task.seq);
  return {
    events: yield* eventsAfter(task.seq, after, limit),
    firstSeq: task.first_seq,
    lastSeq: last?.seq ?? 0,
    over: task.over === 1,
  };
}

export const eventsOfAll: Operation<'eventsOfAll'> = {
  kind: 'read',
  *run(_, { of }) {
    const pages: (EventPage | null)[] = [];
    for (const { id, after } of of) pages.push(yield* pageOf(id, after, Number.MAX_SAFE_INTEGER));
    return pages;
  },
};

/** Within a task time never runs backwards, so that its events stay in the order of their `seq`. */
export const sessionEvents: Operation<'sessionEvents'> = {
  kind: 'read',
  *run(_, { session, limit }) {
    return (yield* eventsOfSession(session, limit)).reverse();
  },
};

export const cancellation: Operation<'cancellation'> = {
  kind: 'read',
  *run(_, { id }) {
    return (yield* cancelledEvent(id))?.data ?? null;
  },
};

export const traced: Operation<'traced'> = {
  kind: 'write',
  silent: true,
  *run(_, { id, epoch, trace }) {
    const json = JSON.stringify(trace);
    const task = yield* traceStart(json, id, epoch);
    if (task !== undefined) yield* countMore(Buffer.byteLength(`,"trace":${json}`), task.seq);
  },
};

export const step: Operation<'step'> = {
  kind: 'read',
  *run(_, { id, key }) {
    const found = yield* stepOf(id, key);
    return found === undefined ? null : { ...found };
  },
};

/**
 * Who reads the feed, and up to where: one process at a time, by a lease that is fenced by (owner, epoch). The cursor stands
 * in the file that it is of, so its number alone counts, also after that was restored.
 */
import type { Program } from '../../ports/backend.ts';
import { agreedNow } from '../clock.ts';
import { addConsumer, type ConsumerRow, consumerOf, keepConsumer, takeConsumer } from '../sql/consumers.ts';
import { feedState } from '../sql/feed.ts';
import type { Operation } from './operation.ts';

export const takeOver: Operation<'takeOver'> = {
  kind: 'write',
  silent: true,
  *run(context, { name, owner, from, lease }) {
    const now = yield* agreedNow(context);
    const { cursor, ...known } = (yield* consumerOf(name)) ?? (yield* begin(name, from));
    const isHeld = known.owner !== null && known.owner !== owner && known.lease_until > now;
    if (isHeld) return { heldFor: known.lease_until - now };
    yield* takeConsumer(owner, now + lease, name);
    return { epoch: known.epoch + 1, after: numberOf(cursor) };
  },
};

function* begin(name: string, from: 'now' | 'start'): Program<ConsumerRow> {
  const state = yield* feedState();
  const cursor = `${state?.store}.${from === 'now' ? (state?.last ?? 0) : 0}`;
  yield* addConsumer(name, cursor);
  return { cursor, owner: null, epoch: 0, lease_until: 0 };
}

const numberOf = (cursor: string): number => Number(cursor.slice(cursor.lastIndexOf('.') + 1));

export const holdOn: Operation<'holdOn'> = {
  kind: 'write',
  silent: true,
  *run(context, { name, owner, epoch, after, lease }) {
    const cursor = after === null ? null : `${(yield* feedState())?.store}.${after}`;
    const until = lease === 0 ? 0 : (yield* agreedNow(context)) + lease;
    return (yield* keepConsumer(cursor, until, name, owner, epoch)) > 0;
  },
};

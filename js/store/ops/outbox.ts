/** What somebody is to be told of tasks is written in the commit that it tells of: what has gone then loses nothing. */
import { createHash } from 'node:crypto';
import type { Program } from '../../ports/backend.ts';
import { notificationOf } from '../../wire/notification.ts';
import { isSealed } from '../envelope.ts';
import { addDelivery, type ToldRow, toldEvent } from '../sql/deliveries.ts';
import type { Sequel } from '../types.ts';
import type { Context } from './operation.ts';

/** Of all that this program has noted. */
export function* deliver(context: Context): Program<void> {
  const noted = context.told.splice(0);
  for (const { task, seq } of noted) {
    const row = yield* toldEvent(task, seq);
    if (row !== undefined) yield* add(context, row);
  }
}

function* add({ now }: Context, row: ToldRow): Program<void> {
  const { deliver: delivering } = JSON.parse(row.sequel) as Sequel;
  const { task, seq, store } = row;
  const told = delivering && notificationOf(eventOf(row));
  if (told === undefined) return;
  const body = JSON.stringify(told.body);
  for (const { address, on } of delivering?.to ?? []) {
    if (!on.includes(told.on)) continue;
    const id = messageId(`${store}`, task, seq, address);
    yield* addDelivery(id, task, address, channelOf(address), told.body.type, body, now, now);
  }
}

function eventOf(row: ToldRow) {
  const { name, recipe = '', attempt = 0 } = JSON.parse(row.record) as RecordFacts;
  const { kind, at, data, task, session_id: session } = row;
  const sealed = row.result !== null && isSealed(row.result);
  const input = row.input === null || isSealed(row.input) ? null : row.input;
  const result = sealed ? null : row.result;
  return { kind, at, data, task, name, recipe, session, attempt, input, result, isSealed: sealed };
}

interface RecordFacts {
  name: string;
  recipe?: string;
  attempt?: number;
}

/** The same at each repeat, and in each copy of the store. */
function messageId(...parts: readonly (string | number)[]): string {
  return `msg_${createHash('sha256').update(parts.join('.')).digest('hex').slice(0, 32)}`;
}

/** The name of the channel that an address is of. */
export const channelOf = (address: string): string => address.split(':', 1)[0] as string;

/** What somebody is to be told of tasks: shown, and tried anew. */
import { InvalidArgumentError, invalid } from '../../errors/argument.ts';
import type { StoredDelivery } from '../../store/types.ts';
import { checkObject } from '../../wire/check.ts';
import {
  DELIVERY_STATES,
  type DeliveriesPage,
  type DeliveriesQuery,
  type DeliveryJson,
} from '../../wire/deliveries.ts';
import type { VerbContext } from '../verb-context.ts';

const KEYS: Record<keyof DeliveriesQuery, true> = { state: true, task: true, limit: true, after: true };
const MOST = 1000;

export async function deliveries(context: VerbContext, query: DeliveriesQuery = {}): Promise<DeliveriesPage> {
  checkObject('query', query, KEYS);
  const { state = null, task = null, limit = 100, after } = query;
  if (state !== null && !DELIVERY_STATES.includes(state)) throw invalid('state', state, DELIVERY_STATES.join(', '));
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) throw invalid('limit', limit, `1 to ${MOST}`);
  if (after !== undefined && !/^\d{1,15}$/.test(after)) throw invalid('after', after, 'the next of a page');
  const before = after === undefined ? null : Number(after);
  const page = await context.run('deliveries', { state, task, before, limit });
  return { deliveries: page.deliveries.map(shown), next: page.next === null ? null : String(page.next) };
}

function shown({ id, task, address, type, state, attempts, next_at, last_error }: StoredDelivery): DeliveryJson {
  const next = state === 'pending' ? new Date(next_at).toISOString() : null;
  return { id, task_id: task, address, type, state, attempts, next_at: next, last_error };
}

/** Answers with those that are tried anew. Nothing is done where one is not there, or was delivered. */
export async function retryDeliveries(
  context: VerbContext,
  which: readonly string[] | { dead: true },
): Promise<string[]> {
  if (!Array.isArray(which)) return (await context.run('retryDeliveries', { ids: 'dead' })).ids;
  const { ids, unknown, delivered } = await context.run('retryDeliveries', { ids: which });
  if (unknown.length > 0) throw new InvalidArgumentError(`no delivery ${unknown.join(', ')}`, { unknown });
  if (delivered.length > 0) throw new InvalidArgumentError(`delivered already: ${delivered.join(', ')}`, { delivered });
  return ids;
}

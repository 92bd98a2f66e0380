import { parseReference } from '../core/index.ts';
import { InvalidArgumentError } from '../errors/argument.ts';
import { isTerminal, type TaskJson } from '../wire/task.ts';
import type { Context } from './context.ts';
import { storedJson, WHOLE } from './task.ts';
import type { Cancellation } from './verbs.ts';

/** The task as it is now, after what is due was decided. Its outcome counts as seen. */
export async function get(context: Context, id: string): Promise<TaskJson> {
  await context.run('due', {});
  return look(context, id);
}

/** The small facts of a task as it is stored, without its input and result; nothing counts as seen. */
export async function glance(context: Context, id: string): Promise<TaskJson> {
  const stored = await context.run('get', { id, payloads: [] });
  if (stored === null) throw context.notFound(id);
  return storedJson(stored);
}

/** The whole task as it is stored. Its outcome counts as seen. */
export async function look(context: Context, id: string): Promise<TaskJson> {
  const stored = await context.run('get', { id, payloads: WHOLE });
  if (stored === null) throw context.notFound(id);
  const seenNow = isTerminal(stored.status) && !stored.seen;
  // Where the look cannot be written down, what was there before it holds on.
  const drop_at = (seenNow ? await context.run('see', { id }) : null) ?? stored.drop_at;
  return storedJson({ ...stored, drop_at });
}

/** Who cancelled it, and why; nothing of a task that was not cancelled. */
export async function cancellation(context: Context, id: string): Promise<Cancellation | undefined> {
  const data = await context.run('cancellation', { id });
  if (data === null) return undefined;
  const { by, reason = null } = JSON.parse(data) as Partial<Cancellation>;
  return { by: by ?? 'caller', reason };
}

/** Turns an id or an unambiguous prefix of one into the id. */
export async function resolve(context: Context, reference: string): Promise<string> {
  const parsed = parseReference(reference);
  if ('id' in parsed) return parsed.id;
  const ids = await context.run('find', { prefix: parsed.prefix });
  const [id] = ids;
  if (id === undefined) throw context.notFound(reference);
  if (ids.length === 1) return id;
  throw new InvalidArgumentError(
    `id '${reference}' is ambiguous: it begins ${ids.join(', ')}${ids.length > 2 ? ', …' : ''}`,
    {
      option: 'id',
      matches: ids,
    },
  );
}

import { parseReference } from '../../core/index.ts';
import { InvalidArgumentError } from '../../errors/argument.ts';
import { unreadOf } from '../../store/envelope.ts';
import { atEndOfTurn } from '../../store/turn.ts';
import type { PayloadKind, StoredTask } from '../../store/types.ts';
import type { Cancellation } from '../../wire/answers.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';
import { storedJson, WHOLE } from './stored-json.ts';

/** The tasks as they are at one moment, after what is due was decided. Their outcomes count as seen. */
export async function get(context: VerbContext, ids: readonly string[]): Promise<TaskJson[]> {
  await context.due();
  return lookAll(context, ids);
}

/** The whole task, for who looks only: its outcome does not count as seen, and no record goes for it. */
export async function peekAt(context: VerbContext, id: string): Promise<TaskJson> {
  await context.due({ dropNothing: true });
  return storedJson((await context.run('get', { id, payloads: WHOLE })) ?? notThere(context, id));
}

/** The same without what is large or private; nothing counts as seen. */
export async function glances(context: VerbContext, ids: readonly string[]): Promise<TaskJson[]> {
  await context.due();
  return glanceAll(context, ids);
}

/** The small facts of a task as it is stored, without its input and result; nothing counts as seen. */
export async function glance(context: VerbContext, id: string): Promise<TaskJson> {
  const stored = await context.run('get', { id, payloads: [] });
  return storedJson(stored ?? notThere(context, id));
}

/** The small facts of a task that lives, with `kinds` of one that has ended; nothing counts as seen. */
export async function peek(
  context: VerbContext,
  id: string,
  kinds: readonly PayloadKind[] = WHOLE,
): Promise<StoredTask> {
  return (await context.run('get', { id, payloads: [], ended: kinds })) ?? notThere(context, id);
}

/** The small facts of several, as they were at one moment, in the order of the ids. */
export async function glanceAll(context: VerbContext, ids: readonly string[]): Promise<TaskJson[]> {
  if (ids.length === 0) return [];
  const found = await context.run('getAll', { ids, payloads: [] });
  return ids.map((id, index) => storedJson(found[index] ?? notThere(context, id)));
}

/** The whole task as it is stored. Its outcome counts as seen. */
export async function look(context: VerbContext, id: string): Promise<TaskJson> {
  const stored = await context.run('get', { id, payloads: WHOLE });
  return seen(context, stored ?? notThere(context, id));
}

/** Several whole tasks, as they were at one moment, in the order of the ids. Their outcomes count as seen. */
export async function lookAll(context: VerbContext, ids: readonly string[]): Promise<TaskJson[]> {
  if (ids.length === 0) return [];
  const found = await context.run('getAll', { ids, payloads: WHOLE });
  const stored = ids.map((id, index) => found[index] ?? notThere(context, id));
  return Promise.all(stored.map((one) => seen(context, one)));
}

export function notThere(context: VerbContext, id: string): never {
  throw context.notFound(id);
}

/** The outcome of a task counts as seen, if it can be read here. */
export async function seen(context: VerbContext, stored: StoredTask): Promise<TaskJson> {
  const { id } = stored;
  const seenNow = isTerminal(stored.status) && !stored.seen && unreadOf(stored.payloads) === undefined;
  // Where the look cannot be written down, what was there before it holds on.
  const drop_at = (seenNow ? await context.run('see', { id }) : null) ?? stored.drop_at;
  return storedJson({ ...stored, drop_at });
}

/** The same for who shows the outcome alone, not until when it is kept: nobody waits for that to be stored. */
export function seenLater(
  context: VerbContext,
  { id, payloads, seen }: Pick<StoredTask, 'id' | 'payloads' | 'seen'>,
): void {
  if (seen || unreadOf(payloads) !== undefined) return;
  const known = shown.get(context);
  if (known !== undefined) return void known.push(id);
  const ids = [id];
  shown.set(context, ids);
  atEndOfTurn(() => {
    shown.delete(context);
    context.run('seeAll', { ids }).catch(() => {}); // then they count as unread
  });
}

/** What was shown in this turn of the event loop. */
const shown = new WeakMap<VerbContext, string[]>();

/** Who cancelled it, and why; nothing of a task that was not cancelled. */
export async function cancellation(context: VerbContext, id: string): Promise<Cancellation | undefined> {
  const data = await context.run('cancellation', { id });
  if (data === null) return undefined;
  const { by, reason = null } = JSON.parse(data) as Partial<Cancellation>;
  return { by: by ?? 'caller', reason };
}

/** Turns an id or an unambiguous prefix of one into the id. */
export async function resolve(context: VerbContext, reference: string): Promise<string> {
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

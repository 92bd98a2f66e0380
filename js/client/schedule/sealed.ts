/** What of a schedule's request goes through a codec: what of a task does. */
import { readable, unreadable } from '../../store/envelope.ts';
import { messageOf } from '../../wire/message.ts';
import type { ScheduledRequest } from '../../wire/schedule.ts';
import { serialize } from '../../wire/serialize.ts';
import type { Undecoded } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';

/** Of a request; its metadata stays as it is, as that of tasks does. */
const SEALED: readonly string[] = ['input', 'config', 'prompt'] satisfies (keyof ScheduledRequest)[];

/** What begins the reason why a request could not be opened. */
const WHAT = "the schedule's request";

interface Stored {
  /** Without what is sealed. */
  request: ScheduledRequest | null;
  sealed?: string;
}

/** As it is stored; without a codec as it was given. */
export async function sealedRequest(context: VerbContext, request: ScheduledRequest | null): Promise<Stored> {
  if (request === null) return { request };
  const all = Object.entries(request).filter(([, value]) => value !== undefined);
  const hidden = all.filter(([option]) => SEALED.includes(option));
  const sealer = hidden.length === 0 ? undefined : await context.sealer();
  if (sealer === undefined) return { request };
  const clear = all.filter(([option]) => !SEALED.includes(option));
  const text = serialize(Object.fromEntries(hidden), 'request');
  return { request: Object.fromEntries(clear), sealed: await sealer.encode(text, 'request', false) };
}

/** As it was given; null where there is none. `CodecError` where it cannot be decoded here. */
export async function openedRequest(context: VerbContext, stored: Stored): Promise<ScheduledRequest | null> {
  const { request, sealed } = stored;
  if (request === null || sealed === undefined) return request;
  return { ...request, ...JSON.parse(readable(await decoded(context, sealed), WHAT)) };
}

/** Why nobody could open it who has tried, as it stands in `last_error`. */
export function unopenedReason(error: unknown): string {
  const text = messageOf(error);
  return isUnopened(text) ? text : `${WHAT}: ${text}`;
}

/** Whether a `last_error` says that: what it is for is still to come. */
export const isUnopened = (lastError: string | null): boolean => lastError?.startsWith(`${WHAT}: `) ?? false;

/** As it is shown: what cannot be decoded is left out, with the reason beside. */
export async function shownRequest(
  context: VerbContext,
  { request, sealed }: Stored,
): Promise<{ request: Record<string, unknown> | null; undecoded?: Undecoded }> {
  const clear = request as Record<string, unknown> | null;
  if (clear === null || sealed === undefined) return { request: clear };
  const text = await decoded(context, sealed);
  const why = unreadable(text);
  if (why !== undefined) return { request: clear, undecoded: { ...why, kinds: ['request'] } };
  return { request: { ...clear, ...JSON.parse(text) } };
}

async function decoded(context: VerbContext, sealed: string): Promise<string> {
  return (await context.sealer())?.decode(sealed) ?? sealed;
}

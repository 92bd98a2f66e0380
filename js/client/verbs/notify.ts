/** Tells from this process: a message that tries a channel, and what is due. */
import { randomUUID } from 'node:crypto';
import { invalid } from '../../errors/argument.ts';
import { channelOf, lacking } from '../../notify/channels.ts';
import { sent } from '../../notify/sender.ts';
import { addressProblem, type ChannelConfig, partsOfAddress } from '../../wire/channels.ts';
import type { ChannelTest } from '../../wire/deliveries.ts';
import type { AbortSignal } from '../../wire/globals.ts';
import type { Notification } from '../../wire/notification.ts';
import { pause } from '../../wire/pause.ts';
import { removedOf, senderOf } from '../staff/tell.ts';
import type { VerbContext } from '../verb-context.ts';
import { configOfStore } from './deliver-to.ts';

/** Sends a message that is of no task to the address, now. `InvalidArgumentError` where it is none. */
export async function testChannel(context: VerbContext, address: string): Promise<ChannelTest> {
  const { channels = {} } = await configOfStore(context);
  const problem = addressProblem(address, channels);
  if (problem !== undefined) throw invalid('address', address, problem);
  const { channel: name, target } = partsOfAddress(address);
  const config = channels[name] as ChannelConfig; // it would be a problem
  const missing = lacking(config, context.env);
  if (missing.length > 0) return { address, delivered: false, error: `it needs ${missing.join(', ')}, not set here` };
  const around = { env: context.env };
  const answer = await sent(channelOf(config, around), {
    id: `msg_${randomUUID().replaceAll('-', '')}`,
    body: message(name),
    target,
  });
  return answer.as === 'delivered'
    ? { address, delivered: true, error: null }
    : { address, delivered: false, error: answer.why };
}

function message(channel: string): Notification {
  const none = { task_id: '', recipe: '', status: '', session_id: null, attempt: 0 };
  const data = { ...none, name: `channel ${channel}` };
  return { type: 'task.test', timestamp: new Date().toISOString(), data };
}

/** Milliseconds between two looks. */
const LOOK_EVERY = 1000;

/** Tells what is due, with `once` only what is due now, else until the signal is aborted. Answers how often it was tried. */
export async function tellDue(
  context: VerbContext,
  { once = false, signal }: { once?: boolean; signal: AbortSignal },
): Promise<number> {
  const sender = await senderOf(context);
  const removed = await removedOf(context);
  let count = 0;
  while (!signal.aborted) {
    const now = Date.now();
    if (((await removed.nextAt(now)) ?? now) <= now) await removed.run(now);
    const at = await sender.nextAt(now);
    const begun = at !== null && at <= now ? await sender.run(now, signal) : 0;
    count += begun;
    if (begun === 0 && once) break;
    if (begun === 0) await pause(LOOK_EVERY, signal);
  }
  return count;
}

/** Tells what is due to be told of tasks, by the channels of the configuration that the store's folder leads to. */
import { Removed } from '../../notify/removed.ts';
import { Sender, type SenderOptions } from '../../notify/sender.ts';
import { Typing } from '../../notify/typing.ts';
import type { Sweep } from '../../ports/sweep.ts';
import { MEMORY } from '../../store/address.ts';
import type { ChannelsConfig } from '../../wire/channels.ts';
import { readConfigOfStore } from '../config.ts';
import type { VerbContext } from '../verb-context.ts';

/** Milliseconds after which the configuration is read again: a worker may live long. */
const READ_EVERY = 10_000;

/** Finds the value of a variable that a submitter has handed to the worker. */
export type Handed = (name: string) => string | undefined;

export const senderOf = async (context: VerbContext, handed?: Handed): Promise<Sweep> =>
  new Sender(optionsOf(context, handed));

export const typingOf = async (context: VerbContext, handed?: Handed): Promise<Sweep> =>
  new Typing(optionsOf(context, handed));

export const removedOf = async (context: VerbContext): Promise<Sweep> => new Removed(optionsOf(context));

/** Variables of channels are those of this process, else what was handed to its worker. */
export function optionsOf(context: VerbContext, handed: Handed = () => undefined): SenderOptions {
  return {
    store: { run: (op, args) => context.run(op, args) },
    channels: reading(context),
    around: { env: context.env, variable: handed },
    onTrouble: (error) =>
      process.emitWarning(`notifications: ${(error as Error).message}`, { code: 'OFFSTAGE_NOTIFY' }),
  };
}

/** The very same object while nothing of it has changed. */
function reading(context: VerbContext): () => Promise<ChannelsConfig> {
  let known: ChannelsConfig = context.path === MEMORY ? (context.config.channels ?? {}) : {};
  let readAt = context.path === MEMORY ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() < readAt + READ_EVERY) return known;
    readAt = performance.now();
    const { channels = {} } = await readConfigOfStore(context.path);
    if (JSON.stringify(channels) !== JSON.stringify(known)) known = channels;
    return known;
  };
}

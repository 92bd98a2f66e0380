/** Tells what is due to be told of tasks, by the channels of the configuration that the store's folder leads to. */
import { Removed, type RemovedOptions } from '../../notify/removed.ts';
import { Sender, type SenderOptions } from '../../notify/sender.ts';
import { Typing } from '../../notify/typing.ts';
import type { Sweep } from '../../ports/sweep.ts';
import { MEMORY } from '../../store/address.ts';
import type { ChannelsConfig } from '../../wire/channels.ts';
import { findConfigOfStore } from '../config.ts';
import type { VerbContext } from '../verb-context.ts';

/** Milliseconds after which the configuration is read again: a worker may live long. */
const READ_EVERY = 10_000;

/** Finds the value of a variable that a submitter has handed to the worker. */
export type Handed = (name: string) => string | undefined;

export const senderOf = async (context: VerbContext, handed?: Handed): Promise<Sweep> =>
  new Sender(optionsOf(context, handed));

export const typingOf = async (context: VerbContext, handed?: Handed): Promise<Sweep> =>
  new Typing(optionsOf(context, handed));

export const removedOf = async (context: VerbContext): Promise<Sweep> => new Removed(removedOptionsOf(context));

export const removedOptionsOf = (context: VerbContext): RemovedOptions => ({
  store: storeOf(context),
  configured: reading(context),
});

const storeOf = (context: VerbContext): SenderOptions['store'] => ({ run: (op, args) => context.run(op, args) });

/** Of a store that no configuration leads to. */
const NONE: ChannelsConfig = {};

/** Variables of channels are those of this process, else what was handed to its worker. */
export function optionsOf(context: VerbContext, handed: Handed = () => undefined): SenderOptions {
  const configured = reading(context);
  return {
    store: storeOf(context),
    channels: async () => (await configured()) ?? NONE,
    around: { env: context.env, variable: handed },
    onTrouble: (error) =>
      process.emitWarning(`notifications: ${(error as Error).message}`, { code: 'OFFSTAGE_NOTIFY' }),
  };
}

/**
 * The very same object while nothing of it has changed; undefined where there is no configuration. Nothing is known before a
 * reading has succeeded; when a later one fails, what was known counts until the next.
 */
function reading({ path, config }: VerbContext): () => Promise<ChannelsConfig | undefined> {
  let known: { channels: ChannelsConfig | undefined } | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  if (path === MEMORY) return async () => config.channels ?? NONE;
  return async () => {
    if (known !== undefined && performance.now() < readAt + READ_EVERY) return known.channels;
    readAt = performance.now();
    const found = await findConfigOfStore(path);
    const channels = found && (found.channels ?? NONE);
    if (known === undefined || JSON.stringify(channels) !== JSON.stringify(known.channels)) known = { channels };
    return known.channels;
  };
}

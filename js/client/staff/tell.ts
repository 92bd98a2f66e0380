/** Tells what is due to be told of tasks, by the channels of the configuration that the store's folder leads to. */
import { Sender, type SenderOptions } from '../../notify/sender.ts';
import { Typing } from '../../notify/typing.ts';
import type { Sweep } from '../../ports/sweep.ts';
import { MEMORY } from '../../store/address.ts';
import type { ChannelsConfig } from '../../wire/channels.ts';
import { readConfigOfStore } from '../config.ts';
import type { VerbContext } from '../verb-context.ts';

/** Milliseconds after which the configuration is read again: a worker may live long. */
const READ_EVERY = 10_000;

export const senderOf = async (context: VerbContext): Promise<Sweep> => new Sender(optionsOf(context));

export const typingOf = async (context: VerbContext): Promise<Sweep> => new Typing(optionsOf(context));

export function optionsOf(context: VerbContext): SenderOptions {
  return {
    store: { run: (op, args) => context.run(op, args) },
    channels: reading(context),
    around: { env: context.env },
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

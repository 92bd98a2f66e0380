/** The channels of a configuration, as far as this process has what they need. */
import { type ChannelConfig, type ChannelsConfig, variablesOf } from '../wire/channels.ts';
import type { Channel, Surroundings } from './channel.ts';
import { discord, slack, telegram } from './chats.ts';
import { command, sendmail } from './programs.ts';
import { webhook } from './webhook.ts';

/** Those that this process can tell by; of the others another one may have the variables. */
export function channelsHere(config: ChannelsConfig, around: Surroundings): Map<string, Channel> {
  const here = new Map<string, Channel>();
  for (const [name, channel] of Object.entries(config)) {
    const env = envOf(channel, around);
    if (lacking(channel, env).length === 0) here.set(name, channelOf(channel, { ...around, env }));
  }
  return here;
}

/** The environment, with the variables of the channel that were handed to this process. */
function envOf(channel: ChannelConfig, { env, variable }: Surroundings): Surroundings['env'] {
  const handed = lacking(channel, env).flatMap((name) => {
    const value = variable?.(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return handed.length === 0 ? env : { ...env, ...Object.fromEntries(handed) };
}

/** The variables that it needs and that are not here. */
export const lacking = (channel: ChannelConfig, env: Surroundings['env']): string[] =>
  variablesOf(channel).filter((name) => !env[name]);

export function channelOf(config: ChannelConfig, around: Surroundings): Channel {
  switch (config.type) {
    case 'webhook':
      return webhook(config, around);
    case 'command':
      return command(config, around);
    case 'slack':
      return slack(config, around);
    case 'discord':
      return discord(config, around);
    case 'telegram':
      return telegram(config, around);
    case 'sendmail':
      return sendmail(config, around);
  }
}

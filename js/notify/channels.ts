/** The channels of a configuration, as far as this process has what they need. */
import { type ChannelConfig, type ChannelsConfig, variablesOf } from '../wire/channels.ts';
import type { Channel, Surroundings } from './channel.ts';
import { discord, slack, telegram } from './chats.ts';
import { command, sendmail } from './programs.ts';
import { webhook } from './webhook.ts';

/** Those that this process can tell by; of the others another one may have the variables. */
export function channelsHere(config: ChannelsConfig, around: Surroundings): Map<string, Channel> {
  const has = (channel: ChannelConfig): boolean => lacking(channel, around.env).length === 0;
  return new Map(
    Object.entries(config)
      .filter(([, channel]) => has(channel))
      .map(([name, channel]) => [name, channelOf(channel, around)]),
  );
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

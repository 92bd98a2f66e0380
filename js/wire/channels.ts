/** Channels, as the configuration names them: who can be told of tasks, and where the secrets for it are. */
import { InvalidArgumentError } from '../errors/argument.ts';
import { isObject } from './check.ts';
import { hintFor } from './nearest.ts';
import { NOTIFY_ON, type NotifyOn } from './notification.ts';

/** What every channel may have. */
export interface AnyChannel {
  /** Of what it is told by tasks that do not say. Default: `input_required`, `completed`, `failed`, `cancelled`. */
  on?: NotifyOn[];
  /** What may stand behind `:` in an address: `["*"]` anything. Default: nothing. */
  targets?: string[];
  /** Seconds that a try may take, from 1 to 50. Default 15; of a command 10. */
  timeout?: number;
}

/** Told over HTTP: by `https:` to public addresses. */
export interface HttpChannel extends AnyChannel {
  /** Also `http:`, and addresses of this machine and its networks, so that a developer can try it. Default false. */
  allowPrivate?: boolean;
}

/** Is posted what happened, signed as Standard Webhooks say. */
export interface WebhookChannel extends HttpChannel {
  type: 'webhook';
  /** Where to; or, where the address is a secret itself, the variable that has it. */
  url?: string;
  urlEnv?: string;
  /** The variable that has the secret to sign with, `whsec_` and base64; two of them with a space between while it changes. */
  secretEnv?: string;
  /** How the body is written. Default `standard`. */
  format?: 'standard' | 'cloudevents';
}

/** A program that is run; `{title}`, `{text}`, `{type}`, `{task_id}`, `{status}`, `{id}`, `{target}` are replaced in its arguments. */
export interface CommandChannel extends AnyChannel {
  type: 'command';
  argv: string[];
}

/** An incoming webhook of Slack. */
export interface SlackChannel extends HttpChannel {
  type: 'slack';
  /** The variable that has its address. */
  urlEnv: string;
}

/** A webhook of Discord, or a bot in one of its channels. */
export interface DiscordChannel extends HttpChannel {
  type: 'discord';
  /** The variable that has the webhook's address. */
  urlEnv?: string;
  /** The variable that has the bot's token. */
  tokenEnv?: string;
  /** Its id; an address' target stands for it. */
  channel?: string;
  /** Default `https://discord.com/api/v10`. */
  baseUrl?: string;
}

/** A bot of Telegram. */
export interface TelegramChannel extends HttpChannel {
  type: 'telegram';
  /** The variable that has its token. */
  tokenEnv: string;
  /** The id of a chat; an address' target stands for it. */
  chat?: string;
  /** Default `https://api.telegram.org`. */
  baseUrl?: string;
}

/** Mail, by the program that sends it here. */
export interface SendmailChannel extends AnyChannel {
  type: 'sendmail';
  /** Default `["sendmail", "-t", "-i"]`: it reads the mail with its headers. */
  argv?: string[];
  from: string;
  /** An address' target stands for it. */
  to?: string;
}

export type ChannelConfig =
  | WebhookChannel
  | CommandChannel
  | SlackChannel
  | DiscordChannel
  | TelegramChannel
  | SendmailChannel;

/** Channels by their names. */
export type ChannelsConfig = Record<string, ChannelConfig>;

/** The address of a session, which is none of a channel. */
export const SESSION = 'session';

type Rule = readonly [isRight: (value: unknown) => boolean, expected: string];

const isLine = (value: unknown): boolean => typeof value === 'string' && value !== '' && !/[\0\r\n]/.test(value);
const areLines = (value: unknown): boolean => Array.isArray(value) && value.every(isLine);
const TEXT: Rule = [isLine, 'a text of one line'];
const VARIABLE: Rule = [
  (value) => typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value),
  'the name of an environment variable',
];
const ARGV: Rule = [(value) => areLines(value) && (value as []).length > 0, 'a program and its arguments, as an array'];
const FLAG: Rule = [(value) => typeof value === 'boolean', 'true or false'];
const WEB: Rule = [isWeb, 'an https address without user and password'];

const ANY: Record<keyof AnyChannel, Rule> = {
  on: [(value) => Array.isArray(value) && value.every(isNotifyOn), `an array of ${NOTIFY_ON.join(', ')}`],
  targets: [areLines, 'an array of texts'],
  timeout: [(value) => typeof value === 'number' && value >= 1 && value <= 50, 'seconds, from 1 to 50'],
};
const HTTP = { ...ANY, allowPrivate: FLAG };

const FORMS: { readonly [Type in ChannelConfig['type']]: Readonly<Record<string, Rule>> } = {
  webhook: {
    ...HTTP,
    url: WEB,
    urlEnv: VARIABLE,
    secretEnv: VARIABLE,
    format: [(value) => value === 'standard' || value === 'cloudevents', "'standard' or 'cloudevents'"],
  },
  command: { ...ANY, argv: ARGV },
  slack: { ...HTTP, urlEnv: VARIABLE },
  discord: { ...HTTP, urlEnv: VARIABLE, tokenEnv: VARIABLE, channel: TEXT, baseUrl: WEB },
  telegram: { ...HTTP, tokenEnv: VARIABLE, chat: TEXT, baseUrl: WEB },
  sendmail: { ...ANY, argv: ARGV, from: TEXT, to: TEXT },
};

const isNotifyOn = (value: unknown): boolean => (NOTIFY_ON as readonly unknown[]).includes(value);

function isWeb(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}

/** Of these exactly one is needed. */
const ONE_OF: { readonly [Type in ChannelConfig['type']]?: readonly string[] } = {
  webhook: ['url', 'urlEnv'],
  command: ['argv'],
  slack: ['urlEnv'],
  discord: ['urlEnv', 'tokenEnv'],
  telegram: ['tokenEnv'],
  sendmail: ['from'],
};

/** What people write where a variable is to be named. */
const SECRETS: Readonly<Record<string, string>> = {
  token: 'tokenEnv',
  secret: 'secretEnv',
  url: 'urlEnv',
  password: 'secretEnv',
};

/**
 * `InvalidArgumentError` for what are no channels: it names file and key, never a value, since that may be a secret that was
 * written where a variable is to be named.
 */
export function checkChannels(value: unknown, file: string): asserts value is ChannelsConfig {
  if (!isObject(value)) throw wrong(file, 'channels', 'an object');
  for (const [name, channel] of Object.entries(value)) checkChannel(`channels.${name}`, name, channel, file);
}

function checkChannel(key: string, name: string, channel: unknown, file: string): void {
  const isName = /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && name !== SESSION;
  if (!isName) throw wrong(file, key, `a name of a-z, 0-9, '.', '_' and '-' that is not '${SESSION}'`);
  if (!isObject(channel)) throw wrong(file, key, 'an object');
  const { type, ...rest } = channel as { type?: unknown };
  const form =
    typeof type === 'string' && Object.hasOwn(FORMS, type) ? FORMS[type as ChannelConfig['type']] : undefined;
  if (form === undefined) throw wrong(file, `${key}.type`, Object.keys(FORMS).join(', '));
  for (const [part, given] of Object.entries(rest)) checkPart(`${key}.${part}`, part, given, form, file);
  checkWhole(key, channel as unknown as ChannelConfig, file);
}

function checkPart(
  key: string,
  part: string,
  given: unknown,
  form: Readonly<Record<string, Rule>>,
  file: string,
): void {
  const rule = Object.hasOwn(form, part) ? form[part] : undefined;
  if (rule?.[0](given)) return;
  if (rule !== undefined) throw wrong(file, key, rule[1]);
  const named = SECRETS[part];
  const why =
    named !== undefined && Object.hasOwn(form, named)
      ? `a secret never stands here: name the environment variable that has it, as ${named}`
      : hintFor(part, Object.keys(form));
  throw new InvalidArgumentError(`${file}: unknown key '${key}'; ${why}`);
}

function checkWhole(key: string, channel: ChannelConfig, file: string): void {
  const wanted = ONE_OF[channel.type] ?? [];
  if (wanted.filter((one) => one in channel).length !== 1) throw wrong(file, key, `${wanted.join(' or ')}`);
  const isOpen = 'allowPrivate' in channel && channel.allowPrivate === true;
  for (const part of ['url', 'baseUrl'] as const) {
    const url = (channel as { url?: string; baseUrl?: string })[part];
    if (url?.startsWith('http:') && !isOpen)
      throw wrong(file, `${key}.${part}`, 'https, or allowPrivate: true to try it');
  }
  const isOfOne = channel.type === 'webhook' || channel.type === 'slack';
  if ((isOfOne || 'urlEnv' in channel) && channel.targets !== undefined) {
    throw wrong(file, `${key}.targets`, 'none, as its address is the only one it has');
  }
}

const wrong = (file: string, key: string, expected: string): InvalidArgumentError =>
  new InvalidArgumentError(`${file}: ${key}: expected ${expected}`);

/** The variables that have what a channel needs. */
export function variablesOf(channel: ChannelConfig): string[] {
  const { urlEnv, tokenEnv, secretEnv } = channel as { urlEnv?: string; tokenEnv?: string; secretEnv?: string };
  return [urlEnv, tokenEnv, secretEnv].filter((name) => name !== undefined);
}

/** The name of the channel that an address is of, and what stands behind it. */
export function partsOfAddress(address: string): { channel: string; target: string | undefined } {
  const at = address.indexOf(':');
  return at < 0
    ? { channel: address, target: undefined }
    : { channel: address.slice(0, at), target: address.slice(at + 1) };
}

/** Why an address cannot be told; undefined: it can. */
export function addressProblem(address: string, channels: ChannelsConfig): string | undefined {
  const { channel: name, target } = partsOfAddress(address);
  const channel = Object.hasOwn(channels, name) ? channels[name] : undefined;
  const names = Object.keys(channels);
  if (channel === undefined) {
    return `a channel of the configuration; ${names.length === 0 ? 'it has none' : hintFor(name, names)}`;
  }
  const { targets = [] } = channel;
  if (target === undefined) return hasOwnTarget(channel) ? undefined : `'${name}:' and a target, as it names none`;
  if (target === '' || /[\0\r\n]/.test(target)) return 'a target of one line';
  if (targets.includes('*') || targets.includes(target)) return undefined;
  return targets.length === 0 ? `'${name}' without a target` : `a target of '${name}': ${targets.join(', ')}`;
}

function hasOwnTarget(channel: ChannelConfig): boolean {
  if (channel.type === 'telegram') return channel.chat !== undefined;
  if (channel.type === 'sendmail') return channel.to !== undefined;
  return channel.type !== 'discord' || channel.tokenEnv === undefined || channel.channel !== undefined;
}

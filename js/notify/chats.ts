/** Slack, Discord and Telegram, by their own HTTP interfaces. */
import type { DiscordChannel, HttpChannel, SlackChannel, TelegramChannel } from '../wire/channels.ts';
import { cutAtCharacter } from '../wire/graphemes.ts';
import type { Channel, Surroundings } from './channel.ts';
import { type PostAnswer, post } from './post.ts';
import { judged, type Sent } from './sent.ts';
import { textOf } from './text.ts';

/** What they answer to what will never be right: a wrong token, a chat that is not there. */
const FINAL = [400, 401, 403, 404, 410];

/** In UTF-16 code units, as they count. */
const LONGEST = { discord: 2000, telegram: 4096 };

const DISCORD = 'https://discord.com/api/v10';
const TELEGRAM = 'https://api.telegram.org';

/** Milliseconds for which each shows that somebody is typing, less a second. */
const TYPING = { discord: 8000, telegram: 4000 };

/** Posts JSON there. */
type Ask = (url: string, body: object, signal?: AbortSignal, headers?: Record<string, string>) => Promise<PostAnswer>;

function asking({ allowPrivate = false, timeout = 15 }: HttpChannel, { lookup }: Surroundings): Ask {
  return (url, body, signal, headers = {}) =>
    post({
      url,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      allowPrivate,
      timeout: timeout * 1000,
      ...(signal && { signal }),
      ...(lookup && { lookup }),
    });
}

export function slack(config: SlackChannel, around: Surroundings): Channel {
  const ask = asking(config, around);
  const url = around.env[config.urlEnv] ?? '';
  return {
    send: async ({ body, signal }) => judged(await ask(url, { text: escaped(textOf(body)) }, signal), FINAL),
  };
}

/** These three have a meaning there, and no others. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function discord(config: DiscordChannel, around: Surroundings): Channel {
  const ask = asking(config, around);
  const { tokenEnv, urlEnv = '', baseUrl = DISCORD } = config;
  const said = (body: Parameters<typeof textOf>[0]) => ({
    content: cutAtCharacter(textOf(body), LONGEST.discord),
    allowed_mentions: { parse: [] },
  });
  if (tokenEnv === undefined) {
    const url = around.env[urlEnv] ?? '';
    return { send: async ({ body, signal }) => limited(await ask(url, said(body), signal)) };
  }
  const headers = { authorization: `Bot ${around.env[tokenEnv]}` };
  const to = (target: string | undefined) =>
    `${baseUrl}/channels/${encodeURIComponent(target ?? config.channel ?? '')}`;
  return {
    async send({ id, body, target, signal }) {
      // Within some minutes it posts one of these once.
      const once = { nonce: id.slice(-24), enforce_nonce: true };
      return limited(await ask(`${to(target)}/messages`, { ...said(body), ...once }, signal, headers));
    },
    type: (target) => ask(`${to(target)}/typing`, {}, undefined, headers),
    typeEvery: TYPING.discord,
  };
}

export function telegram(config: TelegramChannel, around: Surroundings): Channel {
  const ask = asking(config, around);
  const { baseUrl = TELEGRAM } = config;
  const to = `${baseUrl}/bot${around.env[config.tokenEnv]}`;
  const chat = (target: string | undefined) => ({ chat_id: target ?? config.chat });
  return {
    async send({ body, target, signal }) {
      const text = cutAtCharacter(textOf(body), LONGEST.telegram);
      return limited(await ask(`${to}/sendMessage`, { ...chat(target), text }, signal));
    },
    type: (target) => ask(`${to}/sendChatAction`, { ...chat(target), action: 'typing' }),
    typeEvery: TYPING.telegram,
  };
}

/** Who is asked too often says in the body, too, for how many seconds not to ask. */
function limited(answer: PostAnswer): Sent {
  const retryAfter =
    answer.status === 429 ? Math.max(answer.retryAfter ?? 0, secondsIn(answer.text) * 1000) : undefined;
  return judged({ ...answer, retryAfter: retryAfter ?? answer.retryAfter }, FINAL);
}

function secondsIn(text: string): number {
  try {
    const { retry_after, parameters } = JSON.parse(text) as Limit;
    const seconds = retry_after ?? parameters?.retry_after;
    return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, 86_400) : 0;
  } catch {
    return 0;
  }
}

/** Discord says it at the top, Telegram below. */
interface Limit {
  retry_after?: unknown;
  parameters?: { retry_after?: unknown };
}

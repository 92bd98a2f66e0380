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
      reads: true,
      ...(signal && { signal }),
      ...(lookup && { lookup }),
    });
}

export function slack(config: SlackChannel, around: Surroundings): Channel {
  const ask = asking(config, around);
  const url = around.env[config.urlEnv] ?? '';
  return {
    send: async ({ body, signal }) => meant(await ask(url, { text: escaped(textOf(body)) }, signal)),
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
    return { send: async ({ body, signal }) => meant(await ask(url, said(body), signal)) };
  }
  const headers = { authorization: `Bot ${around.env[tokenEnv]}` };
  const to = (target: string | undefined) =>
    `${baseUrl}/channels/${encodeURIComponent(target ?? config.channel ?? '')}`;
  return {
    async send({ id, body, target, signal }) {
      // Within some minutes it posts one of these once.
      const once = { nonce: id.slice(-24), enforce_nonce: true };
      return meant(await ask(`${to(target)}/messages`, { ...said(body), ...once }, signal, headers));
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
      return meant(await ask(`${to}/sendMessage`, { ...chat(target), text }, signal));
    },
    type: (target) => ask(`${to}/sendChatAction`, { ...chat(target), action: 'typing' }),
    typeEvery: TYPING.telegram,
  };
}

/** What is said of an answer: its status, a wait, and one of the words that are known. */
function meant(answer: PostAnswer): Sent {
  const said = readAnswer(answer.text);
  const isRefused = answer.status >= 200 && answer.status < 300 && said.ok === false; // as their other interfaces have it
  const word = WORDS.find((one) => answer.text.includes(one));
  const status = isRefused ? refusedAs(said, word) : answer.status;
  const retryAfter = status === 429 ? Math.max(answer.retryAfter ?? 0, secondsOf(said) * 1000) : answer.retryAfter;
  const sent = judged({ ...answer, status, retryAfter }, FINAL);
  return word === undefined || sent.as === 'delivered' ? sent : { ...sent, why: `${sent.why}: ${word}` };
}

/** A code of theirs counts as the status that it is; a word that is known is final, and what is not known may pass. */
function refusedAs({ error_code }: Said, word: string | undefined): number {
  if (typeof error_code === 'number' && error_code >= 400 && error_code < 600) return error_code;
  return word === undefined ? 502 : 400;
}

/** What they say of what will never be right. Nothing else of an answer is repeated: it may hold what was sent. */
const WORDS = [
  ...['invalid_auth', 'account_inactive', 'token_revoked', 'invalid_token', 'no_service', 'no_active_hooks'],
  ...['channel_not_found', 'channel_is_archived', 'is_archived', 'not_in_channel', 'user_not_found', 'no_text'],
  ...['action_prohibited', 'posting_to_general_channel_denied', 'team_disabled', 'invalid_payload', 'msg_too_long'],
  ...['chat not found', 'bot was blocked by the user', 'user is deactivated', 'bot was kicked', 'message is too long'],
  ...['group chat was upgraded to a supergroup chat', 'Unknown Channel', 'Missing Access', 'Missing Permissions'],
] as const;

/** Who is asked too often says in the body, too, for how many seconds not to ask. */
function secondsOf({ retry_after, parameters }: Said): number {
  const seconds = retry_after ?? parameters?.retry_after;
  return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, 86_400) : 0;
}

function readAnswer(text: string): Said {
  try {
    return (JSON.parse(text) ?? {}) as Said;
  } catch {
    return {};
  }
}

/** Discord says how long to wait at the top, Telegram below. */
interface Said {
  ok?: unknown;
  error_code?: unknown;
  retry_after?: unknown;
  parameters?: { retry_after?: unknown };
}

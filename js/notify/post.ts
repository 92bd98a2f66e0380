/**
 * Posts to addresses that somebody has written into a configuration: to the public internet only, unless it says otherwise.
 *
 * 1. A name is looked up once. All that it stands for must be public, and what is connected to is of that look; the address of the
 *    connection is checked once more.
 * 2. A redirect is an answer like any other: nobody follows it.
 * 3. So many bytes of an answer, so much time.
 * 4. What went wrong is said without the address and all that was sent: both may hold secrets.
 */
import { lookup as resolve } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as plain } from 'node:http';
import { request as secured } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublic } from '../platform/public-address.ts';

/** How the system looks names up; a test has one of its own. */
export type Lookup = typeof resolve;

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Also `http:`, and addresses that are not public. */
  allowPrivate: boolean;
  /** Milliseconds. */
  timeout: number;
  signal?: AbortSignal;
  /** What a 2xx says is read too, as far as it comes. Default: it is taken, whatever follows. */
  reads?: boolean;
  /** Of names. Default: the system's. */
  lookup?: Lookup;
}

export interface PostAnswer {
  status: number;
  /** In ms; undefined: it says nothing. */
  retryAfter: number | undefined;
  text: string;
}

/** Why there was no answer; its message holds no secret. `isFinal`: trying again is of no use. */
export class PostError extends Error {
  readonly isFinal: boolean;

  constructor(message: string, isFinal = false) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** Bytes of an answer. */
const MOST = 64 * 1024;

/** Rejects with a `PostError`; any answer is none. */
export async function post(asked: Post): Promise<PostAnswer> {
  const { timeout, signal } = asked;
  const url = checkedUrl(asked);
  const late = AbortSignal.timeout(timeout);
  const all = signal === undefined ? late : AbortSignal.any([signal, late]);
  try {
    const answer = await send(url, asked, all);
    const { statusCode: status = 0, headers } = answer;
    if (status >= 200 && status < 300) {
      const text = asked.reads ? await textOf(answer).catch(() => '') : '';
      answer.destroy(); // it was taken, whatever else is said
      return { status, retryAfter: undefined, text };
    }
    return { status, retryAfter: retryAfterOf(headers['retry-after']), text: await textOf(answer) };
  } catch (error) {
    if (late.aborted) throw new PostError(`no answer within ${timeout / 1000} s`);
    throw error instanceof PostError ? error : new PostError(reasonOf(error));
  }
}

function checkedUrl({ url: text, allowPrivate }: Post): URL {
  if (!URL.canParse(text)) throw new PostError('its address is none', true);
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    throw new PostError('its address is not https', true);
  }
  if (url.username !== '' || url.password !== '') throw new PostError('its address has a user in it', true);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && !isPublic(host)) throw notPublic();
  return url;
}

const notPublic = (): PostError => new PostError('its address is of this machine or its networks', true);

function send(url: URL, asked: Post, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? secured : plain;
  const headers = { 'user-agent': 'offstage', ...asked.headers };
  const options = { method: 'POST', signal, agent: false as const, headers, lookup: guarded(asked) };
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = request(url, options, resolve);
    if (!asked.allowPrivate) guardConnection(sent);
    sent.on('error', reject);
    sent.end(asked.body);
  });
}

function guardConnection(sent: ClientRequest): void {
  sent.once('socket', (socket) => {
    socket.once('connect', () => {
      if (!isPublic(socket.remoteAddress ?? '')) sent.destroy(notPublic());
    });
  });
}

/** Looks a name up, and answers with all it found, where all may be connected to. */
function guarded({ allowPrivate, lookup = resolve }: Post): LookupFunction {
  return (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error || first === undefined) return callback(error ?? new PostError('its name stands for nothing'), '');
      if (!allowPrivate && !found.every(({ address }) => isPublic(address))) return callback(notPublic(), '');
      if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}

/** The code of the system says enough; a message would name the address. */
function reasonOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  return name === 'AbortError' ? 'it was given up' : `no connection, or a broken one (${code ?? 'unknown'})`;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MOST) throw new PostError(`its answer is longer than ${MOST / 1024} KiB`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Nobody is waited for longer than this, in ms. */
const LONGEST = 86_400_000;

/** Seconds, or a date. */
function retryAfterOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(LONGEST, Math.max(0, ms));
}

/**
 * Requests to addresses that a model gave: to the public internet only.
 *
 * 1. A name is looked up once, and what is connected to is an address of that look: none of this machine or its networks. The
 *    address of the connection is checked once more.
 * 2. Each redirect is another request under the same rules.
 * 3. So many bytes, so many redirects, so much time.
 */
import { lookup as resolve } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as plain, type RequestOptions } from 'node:http';
import { request as secured } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublic } from '../../../platform/public-address.ts';

export { isPublic };

/** Tells whether an address may be connected to. */
export type Guard = (address: string) => boolean;

export interface Page {
  url: string;
  type: string;
  body: Buffer;
}

const MOST_REDIRECTS = 5;
/** Bytes. */
const MOST = 2 * 1024 * 1024;
/** Milliseconds. */
const TIME = 20_000;

/** Reads a page. Rejects with what is wrong, in words for a model. */
export async function getPage(address: string, signal: AbortSignal, guard: Guard = isPublic): Promise<Page> {
  const time = AbortSignal.any([signal, AbortSignal.timeout(TIME)]);
  let url = checkedUrl(address, guard);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await get(url, time, guard);
    const { statusCode: status = 0, headers } = answer;
    if (status >= 300 && status < 400 && headers.location !== undefined) {
      answer.destroy();
      url = checkedUrl(new URL(headers.location, url).href, guard);
      continue;
    }
    const body = await bodyOf(answer);
    if (status >= 400) throw new Error(`${url.href} answered ${status}`);
    return { url: url.href, type: headers['content-type'] ?? '', body };
  }
  throw new Error(`more than ${MOST_REDIRECTS} redirects`);
}

function checkedUrl(address: string, guard: Guard): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) throw new Error('it is no http(s) address');
  if (url.username !== '' || url.password !== '') throw new Error('an address with a user in it is refused');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !guard(host)) throw new Error(`${host} is an address of this machine or its networks`);
  return url;
}

function get(url: URL, signal: AbortSignal, guard: Guard): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? secured : plain;
  const options: RequestOptions = {
    signal,
    agent: false,
    lookup: guarded(guard),
    headers: { accept: 'text/html, text/*;q=0.9, */*;q=0.1', 'user-agent': 'offstage' },
  };
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = request(url, options, resolve);
    sent.once('socket', (socket) => {
      socket.once('connect', () => {
        const at = socket.remoteAddress ?? '';
        if (!guard(at)) sent.destroy(new Error(`${at} is an address of this machine or its networks`));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Looks a name up, and answers with public addresses only. */
function guarded(guard: Guard): LookupFunction {
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const [first, ...others] = found.filter(({ address }) => guard(address));
      if (first === undefined) {
        return callback(
          Object.assign(new Error(`${name} is on this machine or its networks`), { code: 'EPRIVATE' }),
          '',
        );
      }
      if (options.all) callback(null, [first, ...others]);
      else callback(null, first.address, first.family);
    });
  };
}

async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MOST) throw new Error(`it is longer than ${MOST} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

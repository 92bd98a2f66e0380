/** Where a channel may post to: nothing of this machine or its networks, by whatever name, unless it says otherwise. */
import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createListener } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Lookup, type Post, PostError, post } from '#offstage/notify/post.js';
import { heard } from '../../waiting.js';
import { rejection } from '../recipe/helpers.js';

const asked = (url: string, more: Partial<Post> = {}): Post => ({
  url,
  headers: {},
  body: '{}',
  allowPrivate: false,
  timeout: 15_000,
  ...more,
});

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await heard(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Counts connections, and the bytes that come by them. */
async function listen(t: TestContext): Promise<{ port: number; connections: number; bytes: number }> {
  const seen = { port: 0, connections: 0, bytes: 0 };
  const server = createListener((socket) => {
    seen.connections += 1;
    socket.on('data', (data) => {
      seen.bytes += data.length;
    });
    socket.on('error', () => {});
  });
  server.listen(0);
  await heard(server, 'listening');
  t.after(() => server.close());
  seen.port = (server.address() as AddressInfo).port;
  return seen;
}

/** What names stand for, in place of the system's answer. */
const lookingUp = (found: LookupAddress[], told: { times: number } = { times: 0 }): Lookup =>
  ((_name: string, _options: object, callback: (error: null, found: LookupAddress[]) => void) => {
    told.times += 1;
    callback(null, found);
  }) as unknown as Lookup;

const BLOCKED = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f.1',
  '0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '203.0.113.9',
  '224.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[fe80::1]',
  '[fc00::1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:db8::1]',
];

test('an address that is not public is refused for good, in whatever form, and nothing connects to it', async (t) => {
  const seen = await listen(t);
  for (const host of [...BLOCKED, 'localhost']) {
    const error = await rejection(post(asked(`https://${host}:${seen.port}/`)));
    assert.ok(error instanceof PostError && error.isFinal, host);
    assert.match(error.message, /of this machine or its networks/, host);
  }
  assert.deepEqual([seen.connections, seen.bytes], [0, 0]);
});

test('a name is refused when anything that it stands for is not public', async (t) => {
  const seen = await listen(t);
  const far = { address: '93.184.216.34', family: 4 };
  const near = { address: '127.0.0.1', family: 4 };
  for (const found of [[near], [far, near], [{ address: '::1', family: 6 }, far]]) {
    const url = `https://rebind.example:${seen.port}/`;
    const error = await rejection(post(asked(url, { lookup: lookingUp(found) })));
    assert.match(error.message, /of this machine or its networks/);
  }
  assert.equal(seen.connections, 0);
});

test('a name is looked up once, so that it cannot stand for something else when it is connected to', async () => {
  const given = new AbortController();
  const told = { times: 0 };
  const look = lookingUp([{ address: '93.184.216.34', family: 4 }], told);
  const lookup = ((...args: Parameters<typeof look>) => {
    (look as (...all: unknown[]) => void)(...args);
    given.abort(); // nothing goes out of a test
  }) as Lookup;
  await rejection(post(asked('https://rebind.example/', { lookup, signal: given.signal })));
  assert.equal(told.times, 1);
});

test('a connection that ends up elsewhere all the same is cut before a byte was sent', async (t) => {
  const seen = await listen(t);
  let reads = 0;
  const changing = {
    family: 4,
    get address() {
      reads += 1;
      return reads === 1 ? '93.184.216.34' : '127.0.0.1';
    },
  };
  const url = `https://rebind.example:${seen.port}/`;
  const error = await rejection(post(asked(url, { lookup: lookingUp([changing]) })));
  assert.match(error.message, /of this machine or its networks/);
  assert.equal(seen.bytes, 0);
});

test('http, users in an address, and what is none are refused', async () => {
  for (const url of ['http://example.org/', 'https://user:pass@example.org/', 'ftp://example.org/', 'none', '']) {
    const error = await rejection(post(asked(url)));
    assert.ok(error instanceof PostError && error.isFinal, url);
  }
});

test('a redirect is an answer, and is not followed', async (t) => {
  const paths: string[] = [];
  const url = await serve(t, (request, response) => {
    paths.push(request.url ?? '');
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  assert.equal((await post(asked(url, { allowPrivate: true }))).status, 302);
  assert.deepEqual(paths, ['/']);
});

test('an answer that is too long, that never comes, or that is cut is no answer, and its error names no address', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.url?.startsWith('/long')) response.writeHead(500).end(Buffer.alloc(65 * 1024));
    if (request.url?.startsWith('/cut')) response.socket?.destroy();
  });
  const wrong = async (path: string): Promise<string> =>
    (await rejection(post(asked(`${url}${path}?token=canary`, { allowPrivate: true, timeout: 300 })))).message;
  const all = [await wrong('/long'), await wrong('/cut'), await wrong('/hang'), await wrong('/cut')];
  assert.match(all[0] ?? '', /longer than 64 KiB/);
  assert.match(all[1] ?? '', /broken/);
  assert.match(all[2] ?? '', /no answer within 0.3 s/);
  for (const text of all) assert.doesNotMatch(text, /canary|127\.0\.0\.1/);
});

test('what was taken was taken, however long or broken the rest of the answer is', async (t) => {
  for (const listener of [
    (_, answer) => answer.writeHead(200).end('x'.repeat(100_000)),
    (_, answer) => answer.writeHead(202).write('x'),
  ] satisfies RequestListener[]) {
    const { status, text } = await post(asked(await serve(t, listener), { allowPrivate: true }));
    assert.deepEqual([status >= 200 && status < 300, text], [true, '']);
  }
});

test('when to ask again is read in seconds and as a date', async (t) => {
  const inAMinute = new Date(Date.now() + 60_000).toUTCString();
  const url = await serve(t, (request, response) => {
    response.writeHead(429, { 'retry-after': request.url === '/date' ? inAMinute : '7' }).end();
  });
  assert.equal((await post(asked(url, { allowPrivate: true }))).retryAfter, 7000);
  const { retryAfter = 0 } = await post(asked(`${url}/date`, { allowPrivate: true }));
  assert.ok(retryAfter > 50_000 && retryAfter <= 60_000, String(retryAfter));
});

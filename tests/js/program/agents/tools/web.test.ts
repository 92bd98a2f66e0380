/** Pages whose addresses come from a model: none of this machine or its networks. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { getPage, isPublic } from '#offstage/program/agents/tools/guarded-request.js';
import { plainText, searchWeb, webCrawl } from '#offstage/program/agents/tools/web-tools.js';
import { rejection } from '../../../recipe/helpers.js';

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const { signal } = new AbortController();
/** The one address that counts as public in these tests. */
const one = (address: string): boolean => address === '127.0.0.1';

test('which addresses are public', () => {
  for (const address of ['93.184.216.34', '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])
    assert.ok(isPublic(address), address);
  const others = [
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
  ];
  const six = [
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
  ];
  for (const address of [...others, ...six, '224.0.0.1', '255.255.255.255', 'localhost', '']) {
    assert.equal(isPublic(address), false, address);
  }
});

test('nothing of this machine is connected to, by whatever name', async (t) => {
  let asked = 0;
  const url = await serve(t, (_request, response) => {
    asked += 1;
    response.end('secret');
  });
  const { port } = new URL(url);
  const hosts = ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '127.1', '0'];
  for (const host of hosts) {
    assert.match(
      (await rejection(getPage(`http://${host}:${port}/`, signal))).message,
      /this machine or its networks/,
      host,
    );
  }
  for (const odd of ['file:///etc/passwd', 'ftp://x', 'http://u:p@example.org/', 'no address']) {
    await rejection(getPage(odd, signal));
  }
  assert.equal(asked, 0);
});

test('a redirect is another request under the same rules', async (t) => {
  const url = await serve(t, ({ url: path = '' }, response) => {
    const { port } = response.req.socket.address() as AddressInfo;
    if (path === '/out') response.writeHead(302, { location: `http://127.0.0.2:${port}/secret` }).end();
    else if (path === '/round') response.writeHead(302, { location: '/round' }).end();
    else if (path === '/on') response.writeHead(301, { location: '/page' }).end();
    else response.writeHead(200, { 'content-type': 'text/plain' }).end('page');
  });
  assert.match(
    (await rejection(getPage(`${url}/out`, signal, one))).message,
    /127\.0\.0\.2 is an address of this machine/,
  );
  assert.match((await rejection(getPage(`${url}/round`, signal, one))).message, /more than 5 redirects/);
  assert.equal((await getPage(`${url}/on`, signal, one)).body.toString(), 'page');
});

test('a page is told as text; what is no text, is missing or too long is refused', async (t) => {
  const url = await serve(t, ({ url: path }, response) => {
    if (path === '/image') response.writeHead(200, { 'content-type': 'image/png' }).end('x');
    else if (path === '/none') response.writeHead(404).end();
    else if (path === '/long')
      response.writeHead(200, { 'content-type': 'text/plain' }).end('x'.repeat(2 * 1024 * 1024 + 1));
    else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<head><title>t</title></head><p>One &amp; two<script>no</script></p><p>3 &lt; 4');
  });
  const crawl = webCrawl(one);
  assert.equal(await crawl.run({ url }, signal), 'One & two\n3 < 4');
  assert.match((await rejection(crawl.run({ url: `${url}/image` }, signal))).message, /it is no text: image\/png/);
  assert.match((await rejection(crawl.run({ url: `${url}/none` }, signal))).message, /answered 404/);
  assert.match((await rejection(crawl.run({ url: `${url}/long` }, signal))).message, /longer than 2097152 bytes/);
  assert.equal(plainText('a&#x41;&#66;&nope;<br>b'), 'aAB&nope;\nb');
});

test('a search is asked for with the key, and tells its results', async (t) => {
  process.env.TAVILY_API_KEY = 'tvly-test';
  t.after(() => delete process.env.TAVILY_API_KEY);
  const seen: (string | undefined)[] = [];
  const url = await serve(t, (request, response) => {
    seen.push(request.url, request.headers.authorization);
    if (seen.length > 2) response.writeHead(401).end('bad key');
    else response.end('{"results":[{"title":"T","url":"u"}]}');
  });
  assert.equal(await searchWeb(url).run({ query: 'x' }, signal), '[{"title":"T","url":"u"}]');
  assert.deepEqual(seen, ['/search', 'Bearer tvly-test']);
  assert.match((await rejection(searchWeb(url).run({ query: 'x' }, signal))).message, /answered 401: bad key/);
});

/** How each channel is told, and that no secret of it shows where it should not. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { channelOf } from '#offstage/notify/channels.js';
import { sent } from '#offstage/notify/sender.js';
import type { ChannelConfig } from '#offstage/wire/channels.js';
import type { Notification } from '#offstage/wire/notification.js';
import { heard } from '../../waiting.js';
import { tempFolder } from '../store/helpers.js';
import { Loopback, slackWebhook, telegramApi } from './loopback.js';

const told = (more: Partial<Notification['data']> = {}, type = 'task.completed'): Notification => ({
  type: type as Notification['type'],
  timestamp: '2026-11-28T00:00:00.000Z',
  data: {
    task_id: 'task_1',
    name: 'report',
    recipe: 'report',
    status: 'completed',
    session_id: 's',
    attempt: 1,
    result: 'a < b & "c"',
    ...more,
  },
});

const ID = 'msg_0123456789abcdef0123456789abcdef';

const tell = (config: ChannelConfig, env: Record<string, string>, body = told(), target?: string) =>
  sent(channelOf(config, { env: { ...process.env, ...env } }), { id: ID, body, target });

const secretOf = (text: string): string => `whsec_${Buffer.from(text).toString('base64')}`;

test('a webhook is signed so that any receiver of Standard Webhooks takes it, with the old secret and the new', async (t) => {
  const server = await Loopback.start(t);
  const [old, next] = [secretOf('the old secret, 24 bytes'), secretOf('the new secret, 24 bytes')];
  const config: ChannelConfig = { type: 'webhook', url: server.url, secretEnv: 'S', allowPrivate: true };
  assert.deepEqual(await tell(config, { S: `${old} ${next}` }), { as: 'delivered' });
  const { headers, text } = server.received[0] ?? assert.fail('nothing came');
  for (const secret of [old, next]) {
    assert.deepEqual(new Webhook(secret).verify(text, headers as Record<string, string>), told());
  }
  assert.throws(() =>
    new Webhook(secretOf('another one, 24 bytes ok')).verify(text, headers as Record<string, string>),
  );
  assert.deepEqual([headers['webhook-id'], headers['content-type']], [ID, 'application/json']);
});

test('the same as a CloudEvent', async (t) => {
  const server = await Loopback.start(t);
  await tell({ type: 'webhook', url: server.url, format: 'cloudevents', allowPrivate: true }, {});
  const { headers, text } = server.received[0] ?? assert.fail('nothing came');
  const { specversion, id, type, subject, data } = JSON.parse(text);
  assert.deepEqual([specversion, id, type, subject], ['1.0', ID, 'task.completed', 'task_1']);
  assert.deepEqual(data, told().data);
  assert.equal(headers['content-type'], 'application/cloudevents+json');
});

test('what each answer means: only 410 is the end for a webhook, and a redirect is a failure', async (t) => {
  const server = await Loopback.start(t);
  const config: ChannelConfig = { type: 'webhook', url: server.url, allowPrivate: true, timeout: 1 };
  const as = async (answer: Parameters<Loopback['answers']>[0]) => {
    server.answers(answer);
    return tell(config, {});
  };
  assert.deepEqual(await as(() => ({ status: 299 })), { as: 'delivered' });
  assert.deepEqual(await as(() => ({ status: 410 })), { as: 'dead', why: 'it answered 410' });
  for (const status of [400, 401, 404, 500, 503]) {
    assert.deepEqual(await as(() => ({ status })), { as: 'failed', why: `it answered ${status}` });
  }
  assert.deepEqual(await as(() => ({ status: 429, headers: { 'retry-after': '7' } })), {
    as: 'failed',
    why: 'it answered 429',
    after: 7000,
  });
  assert.deepEqual(await as(() => ({ status: 302, headers: { location: server.url } })), {
    as: 'failed',
    why: 'it answered with a redirect (302)',
  });
  assert.equal((await as(() => 'cut')).as, 'failed');
  assert.deepEqual(await as(() => undefined), { as: 'failed', why: 'no answer within 1 s' });
});

test('Slack is told with its three characters escaped, and what it refuses is final', async (t) => {
  const server = await Loopback.start(t, slackWebhook);
  const config: ChannelConfig = { type: 'slack', urlEnv: 'U', allowPrivate: true };
  assert.deepEqual(await tell(config, { U: `${server.url}/services/T/B/canary` }), { as: 'delivered' });
  assert.deepEqual(server.bodies('/services/T/B/canary'), [
    { text: 'Background task completed: report\nResult: a &lt; b &amp; "c"' },
  ]);
  const wrong = await tell(config, { U: `${server.url}/canary` });
  assert.deepEqual(wrong, { as: 'dead', why: 'it answered 404: no_service' });
});

test('Telegram is told as plain text of 4,096 at most, waits as long as it says, and names no token', async (t) => {
  const server = await Loopback.start(t, telegramApi('1:canary', [], 1));
  const config: ChannelConfig = {
    type: 'telegram',
    tokenEnv: 'T',
    chat: '5',
    baseUrl: server.url,
    allowPrivate: true,
  };
  assert.deepEqual(await tell(config, { T: '1:canary' }), { as: 'failed', why: 'it answered 429', after: 1000 });
  assert.deepEqual(await tell(config, { T: '1:canary' }, told(), '6'), { as: 'delivered' });
  const [first, second] = server.bodies('/bot1:canary/sendMessage');
  assert.deepEqual([first?.chat_id, second?.chat_id, first?.parse_mode], ['5', '6', undefined]);
  assert.deepEqual(await tell(config, { T: 'canary' }), { as: 'dead', why: 'it answered 401' });
});

/** What Slack, Telegram and Discord are documented to answer, and what that means. */
const ANSWERS: [status: number, body: unknown, headers: Record<string, string>, as: string, why: string][] = [
  [404, 'channel_not_found', {}, 'dead', 'it answered 404: channel_not_found'],
  [410, 'channel_is_archived', {}, 'dead', 'it answered 410: channel_is_archived'],
  [403, 'action_prohibited', {}, 'dead', 'it answered 403: action_prohibited'],
  [403, 'invalid_token', {}, 'dead', 'it answered 403: invalid_token'],
  [400, 'invalid_payload', {}, 'dead', 'it answered 400: invalid_payload'],
  [429, 'rate_limited', { 'retry-after': '30' }, 'failed 30000', 'it answered 429'],
  [500, 'rollup_error', {}, 'failed', 'it answered 500'],
  [200, { ok: false, error: 'invalid_auth' }, {}, 'dead', 'it answered 400: invalid_auth'],
  [200, { ok: false, error: 'internal_error' }, {}, 'failed', 'it answered 502'],
  [200, { ok: true }, {}, 'delivered', ''],
  [200, 'ok', {}, 'delivered', ''],
  [
    400,
    { ok: false, error_code: 400, description: 'Bad Request: chat not found' },
    {},
    'dead',
    'it answered 400: chat not found',
  ],
  [
    403,
    { ok: false, error_code: 403, description: 'Forbidden: bot was blocked by the user' },
    {},
    'dead',
    'it answered 403: bot was blocked by the user',
  ],
  [
    400,
    { ok: false, error_code: 400, description: 'Bad Request: message is too long' },
    {},
    'dead',
    'it answered 400: message is too long',
  ],
  [429, { ok: false, error_code: 429, parameters: { retry_after: 7 } }, {}, 'failed 7000', 'it answered 429'],
  [200, { ok: false, error_code: 429, parameters: { retry_after: 7 } }, {}, 'failed 7000', 'it answered 429'],
  [502, '<html>Bad Gateway</html>', {}, 'failed', 'it answered 502'],
  [403, { message: 'Missing Access', code: 50001 }, {}, 'dead', 'it answered 403: Missing Access'],
  [
    429,
    { message: 'You are being rate limited.', retry_after: 0.5, global: false },
    {},
    'failed 500',
    'it answered 429',
  ],
];

test('what chats are documented to answer is told with words that are known, and with no others', async (t) => {
  const server = await Loopback.start(t);
  const open = { allowPrivate: true, baseUrl: server.url } as const;
  const channels: ChannelConfig[] = [
    { type: 'slack', urlEnv: 'U', allowPrivate: true },
    { type: 'telegram', tokenEnv: 'T', chat: '5', ...open },
    { type: 'discord', tokenEnv: 'T', channel: '5', ...open },
  ];
  for (const [status, body, headers, as, why] of ANSWERS) {
    server.answers(() => ({ status, headers, body }));
    for (const config of channels) {
      const one = await tell(config, { U: server.url, T: 'canary' });
      const after = one.as === 'failed' && one.after !== undefined ? ` ${one.after}` : '';
      assert.deepEqual(
        [`${one.as}${after}`, 'why' in one ? one.why : ''],
        [as, why],
        JSON.stringify([config.type, body]),
      );
    }
  }
});

test('a chat that takes a message and then says nothing, or breaks off, has taken it', async (t) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"ok"', () => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await heard(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.deepEqual(await tell({ type: 'slack', urlEnv: 'U', allowPrivate: true }, { U: url }), { as: 'delivered' });
});

test('many questions are cut to what Telegram and Discord take, which count in UTF-16 code units', async (t) => {
  const server = await Loopback.start(t, () => ({ status: 200, body: { ok: true } }));
  const open = { allowPrivate: true, baseUrl: server.url, tokenEnv: 'T' } as const;
  const entries = Array.from({ length: 40 }, (_, index) => [`key ${index}`, { message: '👩‍👩‍👧'.repeat(100) }]);
  const body = told({ input_requests: Object.fromEntries(entries) }, 'task.input_required');
  await tell({ type: 'telegram', chat: '5', ...open }, { T: '1' }, body);
  await tell({ type: 'discord', channel: '5', ...open }, { T: '1' }, body);
  const [text, content] = server.received.map((one) => JSON.parse(one.text)).map((one) => one.text ?? one.content);
  assert.ok(text.length > 4000 && text.length <= 4096, `${text.length}`);
  assert.ok(content.length > 1900 && content.length <= 2000, `${content.length}`);
  for (const one of [text, content]) assert.ok(one.isWellFormed?.() ?? true);
});

test('Discord is told with nobody mentioned, once for an id', async (t) => {
  const server = await Loopback.start(t, () => ({ status: 429, body: { retry_after: 2.5 } }));
  const base = { type: 'discord', allowPrivate: true } as const;
  const bot: ChannelConfig = { ...base, tokenEnv: 'T', channel: '9', baseUrl: server.url };
  assert.deepEqual(await tell(bot, { T: 'canary' }, told({ result: '@everyone'.repeat(400) })), {
    as: 'failed',
    why: 'it answered 429',
    after: 2500,
  });
  const [{ content, allowed_mentions, nonce, enforce_nonce } = {}] = server.bodies('/channels/9/messages');
  assert.deepEqual([allowed_mentions, nonce, enforce_nonce], [{ parse: [] }, ID.slice(-24), true]);
  assert.ok(String(content).length <= 2000);
  assert.equal(server.received[0]?.headers.authorization, 'Bot canary');
  await tell({ ...base, urlEnv: 'U' }, { U: `${server.url}/hook` });
  assert.equal(server.bodies('/hook').length, 1);
});

/** A program that writes down its arguments, what is on its stdin, and its environment. */
function program(t: TestContext): { argv: string[]; read(): { args: string[]; input: string; env: object } } {
  const folder = tempFolder(t);
  const file = join(folder, 'program.mjs');
  writeFileSync(
    file,
    `import { readFileSync, writeFileSync } from 'node:fs';
     const input = readFileSync(0, 'utf8');
     const said = { args: process.argv.slice(2), input, env: process.env };
     writeFileSync(${JSON.stringify(join(folder, 'said'))}, JSON.stringify(said));`,
  );
  return {
    argv: [process.execPath, file],
    read: () => JSON.parse(readFileSync(join(folder, 'said'), 'utf8')),
  };
}

test('a command is run without a shell, with the JSON on its stdin and no secrets', async (t) => {
  const { argv, read } = program(t);
  const config: ChannelConfig = { type: 'command', argv: [...argv, '{title}', '$(id) {text}', '{nothing}'] };
  const body = told({ name: '$(touch x) `y` {text}' });
  assert.deepEqual(await tell(config, { TOKEN: 'canary' }, body), { as: 'delivered' });
  const { args, input, env } = read();
  assert.deepEqual(args, [
    'Background task completed: $(touch x) `y` {text}',
    '$(id) Result: a < b & "c"',
    '{nothing}',
  ]);
  assert.deepEqual(JSON.parse(input), { id: ID, ...body });
  assert.doesNotMatch(JSON.stringify(env), /canary/);
});

test('a command that fails, is not there, or takes too long has not delivered', async () => {
  const of = (argv: string[]) => tell({ type: 'command', argv, timeout: 1 }, {});
  assert.deepEqual(await of(['sh', '-c', 'exit 3']), { as: 'failed', why: 'it ended with exit code 3' });
  assert.deepEqual(await of(['/no/such/program']), { as: 'failed', why: 'it cannot be run (ENOENT)' });
  assert.deepEqual(await of(['sh', '-c', 'sleep 100 & sleep 100']), {
    as: 'failed',
    why: 'it had not ended after 1 s',
  });
});

test('a mail has no header that a name could have put there', async (t) => {
  const { argv, read } = program(t);
  const config: ChannelConfig = { type: 'sendmail', argv, from: 'a@example.org', to: 'b@example.org' };
  const name = 'Grüße\r\nBcc: evil@example.org';
  assert.deepEqual(await tell(config, {}, told({ name }), 'c@example.org\r\nBcc: evil@example.org'), {
    as: 'delivered',
  });
  const [head = '', body = ''] = read().input.split('\n\n');
  const names = head.split('\n').flatMap((line) => /^([\w-]+):/.exec(line)?.[1] ?? []);
  assert.deepEqual(names, [
    'From',
    'To',
    'Subject',
    'Date',
    'Message-ID',
    'Auto-Submitted',
    'MIME-Version',
    'Content-Type',
    'Content-Transfer-Encoding',
  ]);
  assert.match(Buffer.from(body, 'base64').toString(), /^Background task completed: Grüße Bcc/);
});

test('what people read', async (t) => {
  const server = await Loopback.start(t, slackWebhook);
  const config: ChannelConfig = { type: 'slack', urlEnv: 'U', allowPrivate: true };
  const url = `${server.url}/services/x`;
  const read = async (type: string, more: Partial<Notification['data']>) => {
    await tell(config, { U: url }, told({ result: null, ...more }, `task.${type}`));
    return server.bodies('/services/x').at(-1)?.text;
  };
  const error = { code: 'failed', name: 'Error', message: 'no disk', retryable: true } as const;
  assert.equal(await read('completed', { result: { a: 1 } }), 'Background task completed: report\nResult: {"a":1}');
  assert.equal(await read('failed', { error }), 'Background task failed: report\nError: no disk');
  assert.equal(await read('cancelled', {}), 'Background task cancelled: report');
  assert.equal(await read('cancelled', { reason: 'late' }), 'Background task cancelled: report\nReason: late');
  assert.equal(await read('started', {}), 'Background task started: report');
  assert.equal(
    await read('input_required', { input_requests: { ok: { message: 'Go on?' } } }),
    'Background task needs an answer: report\nGo on?\nAnswer: offstage background respond task_1 ok --accept …',
  );
  const long = 'x'.repeat(600);
  const [title = '', result = ''] = String(await read('completed', { name: long, result: long })).split('\n');
  assert.equal(title.length, 'Background task completed: '.length + 50);
  assert.equal(result.length, 'Result: '.length + 500);
  assert.match(String(await read('started', { name: 'prompt', recipe: 'prompt', prompt: 'Hi' })), /started: Hi$/);
});

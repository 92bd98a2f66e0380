/** docs/NOTIFICATIONS.md: its examples, against servers on loopback that answer as the real ones do. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { Loopback, telegramApi } from '../../js/notify/loopback.ts';
import { Models } from '../../js/program/agents/models.ts';
import { ROOT } from '../../js/root.ts';
import { heard, until } from '../../waiting.ts';
import { examplesOf } from '../examples.ts';
import { Project } from '../tarball.ts';
import { STRICT, TSC } from './folder.ts';

const EXAMPLES = examplesOf('docs/NOTIFICATIONS.md');
const SECRET = `whsec_${Buffer.from('a secret of 24 bytes ok.').toString('base64')}`;
let project: Project;

before(() => {
  project = new Project();
  symlinkSync(join(ROOT, 'node_modules/standardwebhooks'), join(project.folder, 'node_modules/standardwebhooks'));
});
after(() => project?.remove());

type Channels = Record<string, Record<string, unknown>>;

/**
 * A folder with a store and workers of its own, and the page's configuration: with servers of here in place of those of the
 * world.
 */
function placed(name: string, change: (channels: Channels) => void): string {
  const folder = join(project.folder, name);
  mkdirSync(folder);
  const config = JSON.parse(EXAMPLES.get('config') ?? '') as { channels: Channels };
  Object.assign(config.channels.ops ?? {}, { url: 'http://127.0.0.1:1/', allowPrivate: true });
  change(config.channels);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  writeFileSync(join(folder, 'offstage.config.json'), JSON.stringify(config));
  return folder;
}

interface Running {
  process: ChildProcess;
  out(): string;
}

type Command = readonly [command: string, ...args: string[]];

function start(t: TestContext, cwd: string, [command, ...args]: Command, env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(command, args, { cwd, env: { ...project.env, ...env } });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      out += data;
    });
  }
  t.after(() => child.kill('SIGKILL'));
  return { process: child, out: () => out };
}

async function ended(t: TestContext, cwd: string, command: Command, env: NodeJS.ProcessEnv = {}) {
  const running = start(t, cwd, command, env);
  const [code] = await heard(running.process, 'close');
  return { code, out: running.out() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await heard(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

test('there is no example beside those that are run here', () => {
  assert.deepEqual([...EXAMPLES.keys()].sort(), ['bot', 'config', 'receiver', 'submit']);
});

test('the receiver is told, by a worker that has the secret', async (t) => {
  const port = await freePort();
  const cwd = placed('told', ({ ops }) => Object.assign(ops ?? {}, { url: `http://127.0.0.1:${port}/` }));
  writeFileSync(join(cwd, 'receiver.mjs'), EXAMPLES.get('receiver') ?? '');
  const receiver = start(t, cwd, [process.execPath, 'receiver.mjs'], { OPS_SECRET: SECRET, PORT: String(port) });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.status === 401, {
    what: 'the receiver to refuse what is not signed',
  });
  const env = { OPS_SECRET: SECRET };
  const tested = await ended(t, cwd, ['offstage', 'notify', 'test', 'ops'], env);
  assert.deepEqual([tested.code, tested.out], [0, 'ops: delivered\n']);
  const submitted = await ended(t, cwd, ['offstage', 'background', 'submit', '--quiet', '--', 'echo', '42 pages'], env);
  assert.equal(submitted.code, 0, submitted.out);
  const line = 'task.completed echo 42 pages\n';
  assert.equal(await until(() => receiver.out().includes(line) && line), line, receiver.out());
});

test('a submit says who is told', async (t) => {
  const cwd = placed('submits', () => {});
  mkdirSync(join(cwd, 'recipes/report'), { recursive: true });
  writeFileSync(join(cwd, 'recipes/report/TEMPLATE.yaml'), 'name: report\n');
  writeFileSync(join(cwd, 'recipes/report/recipe.mjs'), "export default () => '42 pages';\n");
  writeFileSync(join(cwd, 'submit.ts'), EXAMPLES.get('submit') ?? '');
  const compiled = project.run(TSC, [...STRICT, '--skipLibCheck', 'submit.ts'], {}, cwd);
  assert.deepEqual([compiled.code, compiled.stdout], [0, '']);
  const { code, out } = await ended(t, cwd, [process.execPath, 'submit.js']);
  assert.deepEqual([code, out], [0, "[ 'ops', 'tg:12345' ]\n"]);
});

test('the bot has 40 lines at most: what is written to it is answered there, while it shows somebody typing', async (t) => {
  const bot = EXAMPLES.get('bot') ?? '';
  assert.ok(bot.trimEnd().split('\n').length <= 40);
  const message = (id: number, text: string) => ({ chat: { id }, text, message_id: 1, date: 0 });
  const updates = [
    { update_id: 7, message: message(12345, 'Write a haiku') },
    { update_id: 8, message: message(666, 'Let me in') },
  ];
  const api = await Loopback.start(t, telegramApi('123:canary', updates, 1));
  const typed = until(() => api.bodies('/bot123:canary/sendChatAction').length > 0);
  const models = await Models.start(t, () => ({ text: 'an old silent pond', before: typed }));
  const cwd = placed('asked', ({ tg }) => Object.assign(tg ?? {}, { baseUrl: api.url, allowPrivate: true }));
  writeFileSync(join(cwd, 'bot.mjs'), bot);
  const running = start(t, cwd, [process.execPath, 'bot.mjs'], {
    TELEGRAM_API: api.url,
    TELEGRAM_TOKEN: '123:canary',
    OPENAI_BASE_URL: models.url,
    OFFSTAGE_MODEL: 'local',
  });
  const sent = (chat: string | number) =>
    api.bodies('/bot123:canary/sendMessage').filter(({ chat_id }) => chat_id === chat);
  await until(() => sent(666).length > 0, { what: `the stranger to be refused: ${running.out()}` });
  assert.deepEqual(
    sent(666).map(({ text }) => text),
    ['Not for you.'],
  );
  // The server has refused one as too many: which one, the refusal or the result, is sent again.
  const result = 'Background task completed: Write a haiku\nResult: an old silent pond';
  await until(() => sent('12345').some(({ text }) => text === result), { what: 'the result' });
  assert.deepEqual(models.said('user'), ['Write a haiku']);
  assert.doesNotMatch(running.out(), /canary/);
});

/** docs/NOTIFICATIONS.md: its examples, against servers on loopback that answer as the real ones do. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
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

/** The page's configuration, with servers of here in place of those of the world. */
function configure(change: (channels: Channels) => void): void {
  const config = JSON.parse(EXAMPLES.get('config') ?? '') as { channels: Channels };
  change(config.channels);
  project.write('offstage.config.json', JSON.stringify(config));
}

interface Running {
  process: ChildProcess;
  out(): string;
}

function start(t: TestContext, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(command, args, { cwd: project.folder, env: { ...project.env, ...env } });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      out += data;
    });
  }
  t.after(() => child.kill('SIGKILL'));
  return { process: child, out: () => out };
}

async function ended(t: TestContext, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const running = start(t, command, args, env);
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
  configure(({ ops }) => Object.assign(ops ?? {}, { url: `http://127.0.0.1:${port}/`, allowPrivate: true }));
  project.write('receiver.mjs', EXAMPLES.get('receiver') ?? '');
  const receiver = start(t, process.execPath, ['receiver.mjs'], { OPS_SECRET: SECRET, PORT: String(port) });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.status === 401, {
    what: 'the receiver to refuse what is not signed',
  });
  const env = { OPS_SECRET: SECRET };
  const tested = await ended(t, 'offstage', ['notify', 'test', 'ops'], env);
  assert.deepEqual([tested.code, tested.out], [0, 'ops: delivered\n']);
  const submitted = await ended(t, 'offstage', ['background', 'submit', '--quiet', '--', 'echo', '42 pages'], env);
  assert.equal(submitted.code, 0, submitted.out);
  const line = 'task.completed echo 42 pages\n';
  assert.equal(await until(() => receiver.out().includes(line) && line), line, receiver.out());
});

test('a submit says who is told', async (t) => {
  configure(() => {});
  const folder = join(project.folder, 'recipes/report');
  mkdirSync(folder, { recursive: true });
  cpSync(join(project.folder, 'offstage.config.json'), join(project.folder, 'page.config.json'));
  project.write('recipes/report/TEMPLATE.yaml', 'name: report\n');
  project.write('recipes/report/recipe.mjs', "export default () => '42 pages';\n");
  project.write('submit.ts', EXAMPLES.get('submit') ?? '');
  const compiled = project.run(TSC, [...STRICT, '--skipLibCheck', 'submit.ts']);
  assert.deepEqual([compiled.code, compiled.stdout], [0, '']);
  const { code, out } = await ended(t, process.execPath, ['submit.js']);
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
  configure(({ tg }) => Object.assign(tg ?? {}, { baseUrl: api.url, allowPrivate: true }));
  project.write('bot.mjs', bot);
  const running = start(t, process.execPath, ['bot.mjs'], {
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

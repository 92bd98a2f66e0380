/** `notify run`, `list` and `retry` as processes: for where no worker has the variables of a channel. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { DeliveryJson } from '#offstage/wire/deliveries.js';
import { Loopback, telegramApi } from '../js/notify/loopback.js';
import { set } from './agents-stage.js';
import { Cli } from './process.js';
import { Scene, until } from './scene.js';

interface Answer {
  ok: boolean;
  code?: string;
  error?: string;
  exit: number;
  tries: number;
  ids: string[];
  deliveries: DeliveryJson[];
  next: string | null;
}

const TOKEN = '1:token';

/** A bot whose token the workers do not have. */
async function staged(t: TestContext) {
  const server = await Loopback.start(t, telegramApi(TOKEN));
  const scene = new Scene(t);
  const tg = { type: 'telegram', tokenEnv: 'TG', targets: ['*'], baseUrl: server.url, allowPrivate: true };
  writeFileSync(scene.file('offstage.config.json'), JSON.stringify({ channels: { tg } }));
  const notify = (...args: string[]) => scene.project.json<Answer>('notify', ...args);
  const told = async (chat: string) => {
    const { task_id, status } = await scene.cli('submit', '--deliver-to', `tg:${chat}`, '--wait', '--', 'true');
    assert.equal(status, 'completed');
    return task_id;
  };
  const texts = () => server.bodies(`/bot${TOKEN}/sendMessage`).map(({ chat_id, text }) => `${chat_id} ${text}`);
  return { scene, server, notify, told, texts };
}

test('run --once tells what no worker could; list and retry show and repeat what became of it', async (t) => {
  const { scene, server, notify, told, texts } = await staged(t);
  const first = await told('1');
  assert.equal((await notify('run', '--once')).tries, 0, 'nor can who lacks the token');
  set(scene, { TG: TOKEN });
  assert.equal((await notify('run', '--once')).tries, 1);
  assert.deepEqual(texts(), ['1 Background task completed: true\nResult: ']);
  server.answers(() => ({ status: 403, body: { ok: false, description: 'Forbidden: bot was blocked by the user' } }));
  const second = await told('2');
  await until(async () => (await notify('list', '--state', 'dead')).deliveries.length === 1, { what: 'the refusal' });
  const { deliveries, next } = await notify('list', '--limit', '1');
  assert.deepEqual(deliveries, [
    {
      id: deliveries[0]?.id,
      task_id: second,
      address: 'tg:2',
      type: 'task.completed',
      state: 'dead',
      attempts: 1,
      next_at: null,
      last_error: 'it answered 403: bot was blocked by the user',
    },
  ]);
  const rest = (await notify('list', '--after', String(next))).deliveries;
  assert.deepEqual(
    rest.map(({ task_id, state }) => [task_id, state]),
    [[first, 'delivered']],
  );
  assert.deepEqual((await notify('list', '--task', first)).deliveries, rest);
  const refused = await notify('retry', rest[0]?.id ?? '');
  assert.deepEqual([refused.exit, refused.code], [2, 'invalid_argument']);
  assert.match(refused.error ?? '', /^delivered already: msg_/);
  assert.match((await notify('retry', 'msg_none')).error ?? '', /^no delivery msg_none/);
  server.answers(telegramApi(TOKEN));
  assert.deepEqual((await notify('retry', '--dead')).ids, [deliveries[0]?.id]);
  await notify('run', '--once');
  await until(() => texts().length >= 2 && texts(), { what: 'the repeat' });
  assert.deepEqual((await notify('list', '--state', 'dead')).deliveries, []);
});

test('run tells until it is interrupted, and says how much it was', async (t) => {
  const { scene, told, texts, notify } = await staged(t);
  const without = scene.project.env;
  set(scene, { TG: TOKEN });
  const running = new Cli(t, scene.project, ['notify', 'run', '--json']);
  Object.defineProperty(scene.project, 'env', { value: without, configurable: true });
  await told('1');
  await told('2');
  await until(() => texts().length === 2, { what: 'both to be told' });
  await until(async () => (await notify('list', '--state', 'delivered')).deliveries.length === 2, {
    what: 'both stored',
  });
  running.child.kill('SIGINT');
  const { stdout, code } = await running.ended;
  assert.deepEqual([JSON.parse(stdout), code], [{ ok: true, tries: 2 }, 0]);
});

/** A secret of every kind of channel, each failing in a way that says it again: afterwards it is readable nowhere. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { DeliveryJson } from '#offstage/wire/deliveries.js';
import { type Answer, Loopback, type Received } from '../js/notify/loopback.js';
import { set } from './agents-stage.js';
import { CANARY, FORMS, Watched } from './canaries.js';
import { Scene, until } from './scene.js';

const IN_ADDRESS = encodeURIComponent(CANARY);
const ALL_FORMS = Object.values(FORMS).join('\n');

/** Each as its server may answer, with what it was sent. */
function answer({ path }: Received): Answer {
  if (path.startsWith('/redirected')) return { status: 302, headers: { location: `/elsewhere/${IN_ADDRESS}` } };
  if (path.startsWith('/gone')) return { status: 410, body: ALL_FORMS };
  if (path.startsWith('/limited')) return { status: 429, body: { error: ALL_FORMS, retry_after: CANARY } };
  if (path.startsWith('/cut')) return 'cut';
  if (path.startsWith('/bot')) return { status: 401, body: { ok: false, description: ALL_FORMS } };
  return { status: 403, body: ALL_FORMS };
}

const prints = (more: string): string[] => ['sh', '-c', `env; env >&2; cat; ${more}`];

/** A channel of each type and failure, and the variables that they need. */
function channelsAt(url: string) {
  const open = { allowPrivate: true, timeout: 5 };
  const hook = (urlEnv: string) => ({ type: 'webhook', urlEnv, secretEnv: 'SIGN', ...open });
  const channels = {
    redirected: hook('REDIRECTED'),
    gone: hook('GONE'),
    cut: hook('CUT'),
    refused: hook('REFUSED'),
    none: hook('NONE'),
    unsigned: { type: 'webhook', url: `${url}/limited`, secretEnv: 'TOKEN', ...open },
    team: { type: 'slack', urlEnv: 'SLACK', ...open },
    guild: { type: 'discord', tokenEnv: 'TOKEN', channel: '1', baseUrl: url, ...open },
    wall: { type: 'discord', urlEnv: 'LIMITED', ...open },
    tg: { type: 'telegram', tokenEnv: 'TOKEN', chat: '1', baseUrl: url, ...open },
    desk: { type: 'command', argv: prints('exit 3') },
    mail: { type: 'sendmail', argv: prints('kill -9 $$'), from: 'a@example.org', to: 'b@example.org' },
  };
  const at = (path: string) => `${url}/${path}/${IN_ADDRESS}`;
  const env = {
    REDIRECTED: at('redirected'),
    GONE: at('gone'),
    CUT: at('cut'),
    LIMITED: at('limited'),
    SLACK: at('services'),
    REFUSED: `http://127.0.0.1:1/${IN_ADDRESS}`,
    NONE: CANARY,
    TOKEN: CANARY,
    SIGN: `whsec_${Buffer.from(CANARY).toString('base64')}`,
  };
  return { channels, env };
}

/** A project whose worker has tried every channel, and failed. */
async function failed(t: TestContext, log: string) {
  const server = await Loopback.start(t, answer);
  const scene = new Scene(t);
  const { channels, env } = channelsAt(server.url);
  writeFileSync(scene.file('offstage.config.json'), JSON.stringify({ channels }));
  set(scene, { ...env, UNNAMED: CANARY, ...(log === '' ? {} : { OFFSTAGE_LOG: log }) });
  const watch = new Watched(scene);
  const to = Object.keys(channels).flatMap((name) => ['--deliver-to', name]);
  const input = ['--input', '{"value":"fine"}'];
  const { task_id: id } = await watch.cli<{ task_id: string }>('submit', '--recipe', 'echo', ...input, ...to);
  const list = async () => (await watch.document<{ deliveries: DeliveryJson[] }>('notify', 'list')).deliveries;
  const tried = async () => {
    const all = await list();
    return all.length === to.length / 2 && all.every(({ last_error }) => last_error !== null) && all;
  };
  await until(tried, { what: 'a try of every channel' });
  return { server, scene, watch, id, names: Object.keys(channels), list };
}

/** The requests that came have it: what is not found was there to be found. */
function assertUsed(server: Loopback): void {
  const inAddress = server.received.filter(({ path }) => path.includes(IN_ADDRESS)).length;
  assert.ok(inAddress >= 5, `${inAddress}`);
  assert.ok(server.received.some(({ headers }) => headers.authorization === `Bot ${CANARY}`));
  assert.equal(server.received.filter(({ path }) => path.startsWith('/elsewhere')).length, 0);
}

const logOf = (scene: Scene): string => readFileSync(scene.file('.offstage/worker.log'), 'utf8');

test('no secret of a channel is in what commands print, in the store, or in a log of JSON', async (t) => {
  const { server, scene, watch, id, names, list } = await failed(t, 'json');
  assertUsed(server);
  const states = Object.fromEntries((await list()).map(({ address, state }) => [address, state]));
  const dead = ['gone', 'none', 'team', 'guild', 'tg'];
  assert.deepEqual(states, Object.fromEntries(names.map((name) => [name, dead.includes(name) ? 'dead' : 'pending'])));
  for (const name of names) {
    const { delivered, error } = await watch.document<{ delivered: boolean; error: string }>('notify', 'test', name);
    assert.ok(!delivered && error.length > 0, name);
  }
  await watch.asPeopleDo('notify', 'test', 'tg');
  assert.equal((await watch.document<{ ids: string[] }>('notify', 'retry', '--dead')).ids.length, dead.length);
  assert.equal((await watch.document('notify', 'run', '--once')).ok, true);
  const [pending = ''] = (await list()).filter(({ state }) => state === 'pending').map((one) => one.id);
  assert.equal((await watch.document('notify', 'retry', pending)).ok, true);
  for (const state of ['pending', 'dead']) await watch.document('notify', 'list', '--state', state);
  for (const words of [['notify', 'list'], ['notify', 'retry', '--dead'], ['notify', 'run', '--once'], ['doctor']]) {
    await watch.asPeopleDo(...words);
  }
  await watch.document('doctor');
  await watch.document('config');
  await watch.asPeopleDo('metrics');
  await watch.cli('events', id);
  const events = logOf(scene)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(events.map(({ event }) => event).slice(0, 3), ['worker_ready', 'attempt_started', 'attempt_ended']);
  assert.deepEqual(await watch.readable(id), []);
});

test('nor in a log as text, nor in that of a worker that is not asked', async (t) => {
  for (const [log, begins] of [
    ['text', /^\S+Z info worker_ready worker_\w+: the worker is ready$/m],
    ['', /^\{"event":"ready"/m],
  ] as const) {
    const { server, scene, watch, id } = await failed(t, log);
    assertUsed(server);
    assert.match(logOf(scene), begins);
    assert.deepEqual(await watch.readable(id), []);
  }
});

test('a form of log that there is not keeps no task waiting: the worker says so in its own form, and goes on', async (t) => {
  const scene = new Scene(t);
  set(scene, { OFFSTAGE_LOG: 'xml' });
  const { task_id: id } = await scene.cli('submit', '--', 'true');
  const { code, stdout, stderr } = await scene.project.run('background', 'wait', id, '--timeout', '60');
  assert.equal(code, 0, stdout + stderr);
  const [trouble, ready] = logOf(scene)
    .split('\n', 2)
    .map((line) => JSON.parse(line));
  assert.equal(trouble.event, 'trouble');
  assert.match(trouble.text, /OFFSTAGE_LOG: got "xml", expected text, json or off/);
  assert.deepEqual([ready.event, ready.worker_id], ['ready', trouble.worker_id]);
});

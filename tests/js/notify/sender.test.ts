/** What is due is told, tried again as the table says, and given up. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Removed } from '#offstage/notify/removed.js';
import { Sender } from '#offstage/notify/sender.js';
import { waitAfter } from '#offstage/notify/sent.js';
import { Typing } from '#offstage/notify/typing.js';
import type { Store } from '#offstage/store/index.js';
import type { ChannelsConfig } from '#offstage/wire/channels.js';
import { until } from '../../waiting.js';
import { claim, enter, tempFolder } from '../store/helpers.js';
import { Loopback, telegramApi } from './loopback.js';
import { ended, told } from './stores.js';

interface Stage {
  store: Store;
  clock: { now: number };
  server: Loopback;
  sender: Sender;
  channels: { now: ChannelsConfig };
  /** Runs the sender at the moment of the clock. */
  run(): Promise<number>;
  states(): Promise<[state: string, attempts: number, error: string | null, next: number][]>;
}

async function staged(t: TestContext, env: Record<string, string> = {}): Promise<Stage> {
  const clock = { now: Date.now() };
  const store = await told(join(tempFolder(t), '.offstage', 'tasks.db'), () => clock.now);
  t.after(() => store.close());
  const server = await Loopback.start(t);
  const channels = { now: { ops: { type: 'webhook', url: server.url, allowPrivate: true } } as ChannelsConfig };
  const options = {
    store,
    channels: async () => channels.now,
    around: { env },
    onTrouble: (error: unknown) => assert.fail(String(error)),
    now: () => clock.now,
  };
  const sender = new Sender(options);
  const states = async (): ReturnType<Stage['states']> => {
    const query = { state: null, task: null, before: null, limit: 100 };
    const { deliveries } = await store.run('deliveries', query);
    return deliveries
      .reverse()
      .map(({ state, attempts, last_error, next_at }) => [state, attempts, last_error, next_at]);
  };
  return { store, clock, server, sender, channels, run: () => sender.run(clock.now), states };
}

test('what is due is told once, and there is nothing more to do', async (t) => {
  const { store, server, sender, run, states, clock } = await staged(t);
  await ended(store, ['ops']);
  assert.ok(((await sender.nextAt()) ?? 0) <= clock.now);
  assert.equal(await sender.stays(clock.now), true);
  assert.equal(await run(), 1);
  assert.deepEqual(
    server.received.map(({ text }) => JSON.parse(text).data.result),
    ['done'],
  );
  assert.deepEqual((await states())[0]?.slice(0, 3), ['delivered', 1, null]);
  assert.equal(await run(), 0);
  assert.deepEqual([await sender.nextAt(), await sender.stays(clock.now)], [null, false]);
});

test('it is tried ten times more, ever later, with the same id, and then given up', async (t) => {
  const { store, server, clock, run, states } = await staged(t);
  server.answers(() => ({ status: 500 }));
  await ended(store, ['ops']);
  const waits: number[] = [];
  for (let tries = 1; tries <= 11; tries += 1) {
    assert.equal(await run(), 1, `try ${tries}`);
    const [state, attempts, error, next] = (await states())[0] ?? assert.fail('it is gone');
    assert.deepEqual([state, attempts, error], [tries === 11 ? 'dead' : 'pending', tries, 'it answered 500']);
    if (tries < 11) waits.push((next - clock.now) / 1000);
    assert.equal(await run(), 0, 'it is not due yet');
    clock.now = next;
  }
  const table = [5, 30, 120, 600, 1800, 7200, 18_000, 36_000, 50_400, 72_000];
  for (const [index, wait] of waits.entries()) {
    const standard = table[index] ?? 0;
    assert.ok(wait >= standard * 0.8 && wait <= standard * 1.2, `${wait} after try ${index + 1}`);
  }
  assert.equal(new Set(server.received.map(({ headers }) => headers['webhook-id'])).size, 1);
});

test('who says how long to wait is not asked before', () => {
  assert.equal(waitAfter(1, 0, 0.5), 5000);
  assert.equal(waitAfter(1, 60_000, 0.5), 60_000);
  assert.equal(waitAfter(2, 1000, 0.5), 30_000);
  assert.equal(waitAfter(11), undefined);
  assert.deepEqual([waitAfter(1, 0, 0), waitAfter(1, 0, 1)], [4000, 6000]);
});

test('messages of one task and address come in order, whatever fails', async (t) => {
  const { store, server, clock, run } = await staged(t);
  const types = () => server.received.map(({ text }) => JSON.parse(text).type);
  server.answers((_received, index) => ({ status: index === 0 ? 503 : 200 }));
  await ended(store, ['ops'], ['started', 'completed']);
  await run();
  assert.deepEqual(types(), ['task.started']);
  clock.now += 10_000;
  await run();
  assert.deepEqual(types(), ['task.started', 'task.started', 'task.completed']);
});

test('one that is hung up holds up no other', async (t) => {
  const { store, server, channels, run, states } = await staged(t);
  channels.now = { ops: { type: 'webhook', url: server.url, allowPrivate: true, timeout: 1 } };
  server.answers((_received, index) => (index === 0 ? undefined : { status: 200 }));
  for (let count = 0; count < 40; count += 1) await ended(store, ['ops']);
  assert.equal(await run(), 40);
  const all = (await states()).map(([state]) => state);
  assert.equal(all.filter((state) => state === 'delivered').length, 39);
  assert.equal(all.filter((state) => state === 'pending').length, 1);
});

test('where a variable is missing nothing is claimed, and a target that is not allowed is the end', async (t) => {
  const { store, server, channels, run, states } = await staged(t);
  const open = { type: 'telegram', chat: '1', baseUrl: server.url, allowPrivate: true } as const;
  channels.now = {
    tg: { ...open, tokenEnv: 'NOT_HERE' },
    ops: { type: 'webhook', url: server.url, allowPrivate: true },
  };
  await ended(store, ['tg', 'ops:x']);
  assert.equal(await run(), 1);
  const [first, second] = await states();
  assert.deepEqual(first?.slice(0, 3), ['pending', 0, null]);
  assert.deepEqual(second?.slice(0, 3), ['dead', 1, "it is no address: expected 'ops' without a target"]);
});

test('what waits for a channel that is gone is given up after 52 hours, and told when the channel is back', async (t) => {
  const { store, server, channels, clock, run, states } = await staged(t);
  const all = channels.now;
  const removed = new Removed({ store, configured: async () => channels.now });
  const id = await ended(store, ['ops']);
  channels.now = { desk: { type: 'command', argv: ['true'] } };
  assert.equal(await removed.nextAt(clock.now), clock.now);
  assert.equal(await removed.run(clock.now), 0);
  assert.equal(await removed.nextAt(clock.now), clock.now + 60_000, 'no more than once a minute');
  clock.now += 11 * 60_000;
  const shown = await store.run('get', { id, payloads: [] });
  assert.equal(shown?.undelivered, true);
  clock.now += 52 * 3_600_000;
  channels.now = all;
  assert.equal(await removed.run(clock.now), 0, 'it is there again: whoever has its variables tells it');
  channels.now = {};
  assert.equal(await removed.run(clock.now), 0, 'it was there a look before');
  assert.equal(await removed.run(clock.now), 1);
  const why = 'its channel is not in the configuration any more (channel_removed)';
  assert.deepEqual((await states())[0]?.slice(0, 3), ['dead', 0, why]);
  const events = (await store.run('events', { id, after: 0, limit: 100 }))?.events ?? [];
  assert.deepEqual(events.at(-1)?.kind, 'delivery_failed');
  channels.now = all;
  await store.run('retryDeliveries', { ids: 'dead' });
  assert.equal(await removed.run(clock.now), 0);
  await run();
  assert.deepEqual((await states())[0]?.slice(0, 2), ['delivered', 1]);
  assert.equal(server.received.length, 1);
});

test('a configuration that is away, or cannot be read, gives nothing up; nor does the first look after it', async (t) => {
  const { store, clock, states } = await staged(t);
  await ended(store, ['ops']);
  clock.now += 53 * 3_600_000;
  const looks: (() => ChannelsConfig | undefined)[] = [
    () => ({}),
    () => undefined,
    () => ({}),
    () => {
      throw new Error('it is not JSON');
    },
    () => ({}),
  ];
  const left = [...looks];
  const removed = new Removed({ store, configured: async () => left.shift()?.() });
  const seen: (number | string)[] = [];
  for (const _ of looks) seen.push(await removed.run(clock.now).catch((error: Error) => error.message));
  assert.deepEqual(seen, [0, 0, 0, 'it is not JSON', 0]);
  assert.deepEqual((await states())[0]?.slice(0, 2), ['pending', 0]);
});

test('what is given up with its worker is tried again by the next one', async (t) => {
  const { store, server, sender, clock, states } = await staged(t);
  const stopped = new AbortController();
  server.answers(() => {
    stopped.abort();
    return undefined;
  });
  await ended(store, ['ops']);
  await sender.run(clock.now, stopped.signal);
  assert.deepEqual((await states())[0]?.slice(0, 3), ['pending', 0, null], 'no try was lost');
});

test('no address or token of a channel is in the store, whatever came of it', async (t) => {
  const { store, server, channels, run } = await staged(t, {
    T: '9:canary',
    U: `https://canary.invalid/canary`,
    S: 'canary',
  });
  const open = { baseUrl: server.url, allowPrivate: true } as const;
  channels.now = {
    tg: { type: 'telegram', tokenEnv: 'T', chat: '1', timeout: 1, ...open },
    guild: { type: 'discord', tokenEnv: 'T', channel: '1', timeout: 1, ...open },
    ops: { type: 'webhook', url: server.url, secretEnv: 'S', allowPrivate: true, timeout: 1 },
  };
  const answers = [{ status: 404 }, { status: 500, body: 'canary' }, 'cut', undefined] as const;
  server.answers((_received, index) => answers[index % answers.length]);
  for (let count = 0; count < 4; count += 1) await ended(store, ['tg', 'guild', 'ops']);
  await run();
  const folder = dirname(store.path);
  for (const file of readdirSync(folder)) {
    assert.equal(readFileSync(join(folder, file), 'latin1').includes('canary'), false, file);
  }
});

test('while a task runs somebody is shown typing, every four seconds, and no longer', async (t) => {
  const { store, server, channels, clock } = await staged(t);
  server.answers(telegramApi('1:x'));
  channels.now = { tg: { type: 'telegram', tokenEnv: 'T', targets: ['*'], baseUrl: server.url, allowPrivate: true } };
  const env = { T: '1:x' };
  const typing = new Typing({ store, channels: async () => channels.now, around: { env }, onTrouble: () => {} });
  const deliver = { to: [{ address: 'tg:5', on: ['completed' as const] }], typing: true };
  const { id } = await enter(store, { carried: { deliver: ['tg:5'] } }, { sequel: { deliver } });
  assert.equal(await typing.run(clock.now), 0, 'it does not run yet');
  const { attempt, epoch } = (await claim(store, 'w'))[0] ?? assert.fail('not started');
  const shown: number[] = [];
  for (let second = 0; second <= 8; second += 1)
    if ((await typing.run(clock.now + second * 1000)) > 0) shown.push(second);
  assert.deepEqual(shown, [0, 4, 8]);
  await store.run('change', { changes: [{ id, command: { command: 'succeed', attempt, epoch } }] });
  assert.equal(await typing.run(clock.now + 60_000), 0);
  channels.now = { ops: { type: 'command', argv: ['true'] } };
  assert.equal(await typing.nextAt(clock.now), null, 'no channel can show it');
});

test('a Discord bot is shown typing every eight seconds while a task runs, and no longer', async (t) => {
  const { store, server, channels, clock } = await staged(t);
  const open = { baseUrl: server.url, allowPrivate: true } as const;
  channels.now = { disc: { type: 'discord', tokenEnv: 'T', targets: ['*'], ...open } };
  const around = { env: { T: 'secret' } };
  const typing = new Typing({ store, channels: async () => channels.now, around, onTrouble: () => {} });
  const deliver = { to: [{ address: 'disc:7', on: ['completed' as const] }], typing: true };
  const { id } = await enter(store, { carried: { deliver: ['disc:7'] } }, { sequel: { deliver } });
  assert.equal(await typing.run(clock.now), 0, 'it does not run yet');
  const { attempt, epoch } = (await claim(store, 'w'))[0] ?? assert.fail('not started');
  const shown: number[] = [];
  for (let second = 0; second <= 24; second += 1) {
    const count = shown.length;
    if ((await typing.run(clock.now + second * 1000)) > 0) shown.push(second);
    if (shown.length > count) await until(() => server.received.length === shown.length, { what: 'the request' });
  }
  assert.deepEqual(shown, [0, 8, 16, 24]);
  const change = { id, command: { command: 'succeed', attempt, epoch } } as const;
  await store.run('change', { changes: [change] });
  assert.equal(await typing.run(clock.now + 60_000), 0, 'its end is the end of it');
  assert.deepEqual(
    server.received.map(({ path, text, headers }) => [path, text, headers.authorization]),
    shown.map(() => ['/channels/7/typing', '{}', 'Bot secret']),
  );
});

test('a Discord webhook has no typing, and a task that wants none has none', async (t) => {
  const { store, server, channels, clock } = await staged(t);
  const env = { T: 'secret', U: `${server.url}/hook` };
  const open = { baseUrl: server.url, allowPrivate: true } as const;
  const hook = { type: 'discord', urlEnv: 'U', ...open } as const;
  const typing = new Typing({ store, channels: async () => channels.now, around: { env }, onTrouble: () => {} });
  channels.now = { hook };
  assert.equal(await typing.nextAt(clock.now), null);
  channels.now = { hook, disc: { type: 'discord', tokenEnv: 'T', channel: '7', ...open } };
  for (const [address, types] of [
    ['hook', true],
    ['disc', false],
  ] as const) {
    const deliver = { to: [{ address, on: ['completed' as const] }], typing: types };
    await enter(store, { carried: { deliver: [address] } }, { sequel: { deliver } });
  }
  assert.equal((await claim(store, 'w')).length > 0, true);
  assert.equal(await typing.run(clock.now), 0);
  assert.equal(server.received.length, 0);
});

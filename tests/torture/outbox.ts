/**
 * Tells of tasks by several processes that are killed with -9 at random moments, to a server that answers in every way there is,
 * then holds what it received against what must be true however it went. `SEED=…` replays the choices.
 *
 * 1. Nothing is lost: each message was accepted by the server, or it was told that it is gone for good.
 * 2. A message that comes again has the same id and the same body, and each is signed.
 * 3. Of one task and address the messages come in order: none comes after a later one.
 * 4. No redirect is followed.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import type { Store } from '#offstage/store/index.js';
import type { Notification } from '#offstage/wire/notification.js';
import { type Answer, Loopback, type Received } from '../js/notify/loopback.js';
import { ended, told } from '../js/notify/stores.js';
import { tempFolder } from '../js/store/helpers.js';
import { heard, pause, until } from '../waiting.js';
import { randomOf } from './kill.js';
import { fast, SECRET } from './outbox-scene.js';

const SENDER = fileURLToPath(new URL('./outbox-sender.js', import.meta.url));
const SENDERS = 4;
/** Of each task: that it has started, and that it has ended, to two addresses. */
const EACH = 4;

/** One round: so many messages, senders killed so many times. */
export async function outboxRound(t: TestContext, seed: number, messages: number, kills: number): Promise<void> {
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  const receiver = new Receiver(random);
  const server = await Loopback.start(t, (received) => receiver.answer(received));
  const began = Date.now();
  const path = join(tempFolder(t), '.offstage', 'tasks.db');
  const store = await told(path, fast(began));
  const start = (): Promise<ChildProcess> => started(t, [path, server.url, String(began)]);
  const senders = await Promise.all(Array.from({ length: SENDERS }, start));
  const killing = kill(senders, start, { random, kills });
  for (let count = 0; count < messages; count += EACH) await ended(store, ['ops', 'desk'], ['started', 'completed']);
  await killing;
  await until(async () => (await left(store)) === 0, { what: 'all to be settled', patience: 240_000 });
  await judge(store, receiver, messages);
  t.diagnostic(`${messages} messages, ${kills} kills, ${server.received.length} tries`);
  await store.close();
}

async function started(t: TestContext, args: string[]): Promise<ChildProcess> {
  const sender = fork(SENDER, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  t.after(() => sender.kill('SIGKILL'));
  await heard(sender, 'message');
  return sender;
}

async function kill(
  senders: ChildProcess[],
  start: () => Promise<ChildProcess>,
  { random, kills }: { random: () => number; kills: number },
): Promise<void> {
  for (let done = 0; done < kills; done += 1) {
    await pause(random() * 150);
    const at = Math.floor(random() * senders.length);
    senders[at]?.kill('SIGKILL');
    senders[at] = await start();
  }
}

async function left(store: Store): Promise<number> {
  const query = { state: 'pending', task: null, before: null, limit: 1000 } as const;
  return (await store.run('deliveries', query)).deliveries.length;
}

/** Decides for each message how often it goes wrong, and in which way, before it is taken; some are refused for good. */
class Receiver {
  readonly all: { id: string; path: string; text: string; taken: boolean; gone: boolean }[] = [];
  readonly #random: () => number;
  readonly #fates = new Map<string, Answer[]>();
  readonly #webhook = new Webhook(SECRET);

  constructor(random: () => number) {
    this.#random = random;
  }

  answer({ path, headers, text }: Received): Answer {
    this.#webhook.verify(text, headers as Record<string, string>);
    const id = String(headers['webhook-id']);
    const fate = this.#fates.get(id) ?? this.#fate();
    this.#fates.set(id, fate);
    const answer = fate.length > 1 ? fate.shift() : fate[0];
    const status = typeof answer === 'object' ? answer.status : 0;
    this.all.push({ id, path, text, taken: status === 200, gone: status === 410 });
    return answer;
  }

  #fate(): Answer[] {
    const failures = Math.floor(this.#random() * 3);
    const last = this.#random() < 0.05 ? { status: 410 } : { status: 200 };
    return [...Array.from({ length: failures }, () => this.#failure()), last];
  }

  #failure(): Answer {
    const all: Answer[] = [
      { status: 500 },
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 302, headers: { location: '/elsewhere' } },
      'cut',
      undefined,
    ];
    return all[Math.floor(this.#random() * all.length)];
  }
}

async function judge(store: Store, { all }: Receiver, messages: number): Promise<void> {
  const found = await everything(store);
  assert.equal(found.length, messages, 'as many as came about');
  for (const { id, state, task, address } of found) {
    const tries = all.filter((one) => one.id === id);
    const wanted = state === 'delivered' ? tries.some(({ taken }) => taken) : tries.some(({ gone }) => gone);
    assert.ok(wanted, `${id} is ${state} after ${tries.length} tries`);
    assert.equal(new Set(tries.map(({ text }) => text)).size, 1, `${id} is the same at each try`);
    assert.equal(new Set(tries.map(({ path }) => path)).size, 1);
    assert.ok(tries[0]?.path === `/${address}` && tries[0].text.includes(task));
  }
  assert.deepEqual(
    all.filter(({ path }) => path === '/elsewhere'),
    [],
  );
  assert.deepEqual(disordered(all), []);
}

async function everything(store: Store) {
  const found = [];
  let before: number | null = null;
  do {
    const page: Awaited<ReturnType<typeof pageOf>> = await pageOf(store, before);
    found.push(...page.deliveries);
    before = page.next;
  } while (before !== null);
  return found;
}

const pageOf = (store: Store, before: number | null) =>
  store.run('deliveries', { state: null, task: null, before, limit: 1000 });

/** Tasks and addresses that were told of a start after they were told of an end. */
function disordered(all: readonly { path: string; text: string }[]): string[] {
  const over = new Set<string>();
  const wrong: string[] = [];
  for (const { path, text } of all) {
    const { type, data } = JSON.parse(text) as Notification;
    const key = `${data.task_id} ${path}`;
    if (type === 'task.completed') over.add(key);
    else if (over.has(key)) wrong.push(key);
  }
  return wrong;
}

/** A checker is shown a planted fault. */
export const isDisorderSeen = (): boolean => {
  const told = (type: string) => ({ path: '/ops', text: JSON.stringify({ type, data: { task_id: 't' } }) });
  const inOrder = disordered([told('task.started'), told('task.started'), told('task.completed')]);
  return inOrder.length === 0 && disordered([told('task.completed'), told('task.started')]).length === 1;
};

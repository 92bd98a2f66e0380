/**
 * Many who wait in one process for what another one ends, without any safety net: neither do they look once a second, nor does
 * the store look whether others have committed. `SEED=…` replays the choices (not the scheduler's).
 *
 * 1. Without kills each is told by the commit itself: a wake that were lost would leave its wait hanging.
 * 2. Where whoever ends tasks is killed at any moment, between its commit and the ring also, the store's look every 250 ms
 *    finds it; those who wait look no more than before.
 * 3. Who registers while commits come misses none: half of them do.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type BackgroundTaskHandle, type Client, makeClient, openVerbs } from '#offstage/client/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { Project } from '../js/client/project.js';
import { heard, pause, within } from '../waiting.js';
import { randomOf } from './kill.js';

const ENDER = fileURLToPath(new URL('./ender.js', import.meta.url));
/** Milliseconds. */
const PATIENCE = 240_000;

export interface WaitRound {
  seed: number;
  tasks: number;
  /** How often whoever ends tasks is killed. */
  kills: number;
  /** How many processes end them; one when not given. */
  enders?: number;
  /** The store of those who wait. Default: one in a thread of its own, which looks only where somebody is killed. */
  open?: (path: string) => Promise<Store>;
  /** Milliseconds until who was not told is said to have been forgotten. */
  patience?: number;
}

/** What was seen, in milliseconds between the commit of an end and its wait's answer, and µs of processor a task. */
export interface Seen {
  half: number;
  /** 99 % of them. */
  most: number;
  all: number;
  processor: number;
}

/** One round; throws when one of them was not told. */
export async function waitRound(
  t: TestContext,
  { seed, tasks, kills, enders: processes = 1, open, patience = PATIENCE }: WaitRound,
): Promise<Seen> {
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  const project = new Project(t);
  const client = await clientWithoutNet(t, project, kills > 0 ? 250 : Number.POSITIVE_INFINITY, open);
  const spec = { recipe: 'echo', onLost: 'retry', retries: 100 } as const;
  const handles = await client.submitMany(Array.from({ length: tasks }, () => spec));
  const told: Told = new Map();
  const before = process.cpuUsage();
  const late = Math.floor(tasks / 2);
  const waits = waitAll(client, handles.slice(late), told, random);
  const enders = new Enders(project, random, processes);
  t.after(() => enders.stop());
  await enders.start();
  const killing = enders.kill(kills);
  for (let next = 0; next < late; ) {
    const count = 1 + Math.floor(random() * 200);
    waits.push(...waitAll(client, handles.slice(next, Math.min(late, next + count)), told, random));
    next += count;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await within(Promise.all(waits), { what: `${tasks} waits`, patience }).catch(async (error) => {
    const lost = handles.filter(({ id }) => !told.has(id));
    const seen = await Promise.all(lost.slice(0, 5).map(({ id }) => client.get(id)));
    const states = seen.map((task) => `${task?.taskId} ${task?.status}`).join(', ');
    throw new Error(`SEED=${seed}: ${lost.length} were not told, ${states}`, { cause: error });
  });
  const { user, system } = process.cpuUsage(before);
  await killing;
  return { ...delays(project, told), processor: (user + system) / tasks };
}

export async function clientWithoutNet(
  t: TestContext,
  project: Project,
  lookEvery: number,
  open = (path: string): Promise<Store> => openStore(path, { mount: 'thread', lookEvery }),
): Promise<Client> {
  const verbs = await openVerbs({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    worker: 'none',
    lookEvery: Number.POSITIVE_INFINITY,
    openStore: open,
  });
  t.after(() => verbs.close());
  return makeClient(verbs);
}

/** Most wait for their own task, some for several, some follow what happens. */
function waitAll(
  client: Client,
  handles: readonly BackgroundTaskHandle[],
  told: Told,
  random: () => number,
): Promise<void>[] {
  const waits: Promise<void>[] = [];
  for (let next = 0; next < handles.length; ) {
    const kind = random();
    const count = kind < 0.02 ? 1 + Math.floor(random() * 50) : 1;
    const some = handles.slice(next, next + count);
    waits.push(kind < 0.02 ? severalOf(client, some, told) : kind < 0.04 ? followed(some, told) : waited(some, told));
    next += count;
  }
  return waits;
}

/** When each wait began, and was answered; null: it waited for others, too, and says nothing of one. */
type Told = Map<string, { since: number | null; at: number }>;

const note = (told: Told, { id }: BackgroundTaskHandle, since: number | null): void =>
  void told.set(id, { since, at: Date.now() });

async function waited([handle]: readonly BackgroundTaskHandle[], told: Told): Promise<void> {
  if (handle === undefined) return;
  const since = Date.now();
  assert.equal(await handle.wait(), 1);
  note(told, handle, since);
}

async function severalOf(client: Client, handles: readonly BackgroundTaskHandle[], told: Told): Promise<void> {
  const tasks = await client.wait(handles.map(({ id }) => id));
  assert.ok(tasks.every(({ result }) => result === 1));
  for (const handle of handles) note(told, handle, null);
}

async function followed([handle]: readonly BackgroundTaskHandle[], told: Told): Promise<void> {
  if (handle === undefined) return;
  const since = Date.now();
  const kinds: string[] = [];
  for await (const { kind } of handle.events({ follow: true })) kinds.push(kind);
  assert.equal(kinds.at(-1), 'completed');
  note(told, handle, since);
}

/** How long it took from the end of a task, or from when he began to wait for it, to who waited for that alone. */
function delays(project: Project, told: Told): Omit<Seen, 'processor'> {
  const db = connect(project.store);
  const rows = db.prepare('SELECT id, completed_at AS at FROM tasks').all() as { id: string; at: number }[];
  db.close();
  const all = rows
    .flatMap(({ id, at: ended }) => {
      const { since, at } = told.get(id) ?? assert.fail(`${id} was not told`);
      return since === null ? [] : [at - Math.max(since, Number(ended))];
    })
    .sort((a, b) => a - b);
  const of = (share: number): number => all[Math.ceil(share * all.length) - 1] as number;
  return { half: of(0.5), most: of(0.99), all: of(1) };
}

/** The processes that end tasks; one after the other is killed and started anew. */
class Enders {
  readonly #project: Project;
  readonly #random: () => number;
  readonly #all: (ChildProcess | undefined)[];

  constructor(project: Project, random: () => number, count: number) {
    this.#project = project;
    this.#random = random;
    this.#all = Array.from({ length: count }, () => undefined);
  }

  async start(): Promise<void> {
    for (const which of this.#all.keys()) await this.#start(which);
  }

  async #start(which: number): Promise<void> {
    const args = [this.#project.store, String(Math.floor(this.#random() * 2 ** 31))];
    const ender = fork(ENDER, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#all[which] = ender;
    await heard(ender, 'message');
  }

  async kill(times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      await pause(this.#random() * 300);
      const which = n % this.#all.length;
      const ender = this.#all[which] as ChildProcess;
      const gone = heard(ender, 'exit');
      ender.kill('SIGKILL');
      await gone;
      await this.#start(which);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map(stopped));
  }
}

async function stopped(ender: ChildProcess | undefined): Promise<void> {
  if (ender?.connected !== true) return;
  const gone = heard(ender, 'exit');
  ender.disconnect();
  await gone;
}

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
import { openStore } from '#offstage/store/index.js';
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
}

/** What was seen, in milliseconds between the commit of an end and its wait's answer, and µs of processor a task. */
export interface Seen {
  half: number;
  most: number;
  processor: number;
}

/** One round; throws when one of them was not told. */
export async function waitRound(t: TestContext, { seed, tasks, kills }: WaitRound): Promise<Seen> {
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  const project = new Project(t);
  const client = await clientWithoutNet(t, project, kills > 0 ? 250 : Number.POSITIVE_INFINITY);
  const spec = { recipe: 'echo', onLost: 'retry', retries: 100 } as const;
  const handles = await client.submitMany(Array.from({ length: tasks }, () => spec));
  const told = new Map<string, number>();
  const before = process.cpuUsage();
  const late = Math.floor(tasks / 2);
  const waits = waitAll(client, handles.slice(late), told, random);
  const enders = new Enders(project, random);
  t.after(() => enders.stop());
  await enders.start();
  const killing = enders.kill(kills);
  for (let next = 0; next < late; ) {
    const count = 1 + Math.floor(random() * 200);
    waits.push(...waitAll(client, handles.slice(next, Math.min(late, next + count)), told, random));
    next += count;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await within(Promise.all(waits), { what: `${tasks} waits`, patience: PATIENCE }).catch((error) => {
    const lost = handles.filter(({ id }) => !told.has(id)).map(({ id }) => id);
    throw new Error(`SEED=${seed}: ${lost.length} were not told, ${lost.slice(0, 5).join(', ')}`, { cause: error });
  });
  const { user, system } = process.cpuUsage(before);
  await killing;
  return { ...delays(project, told), processor: (user + system) / tasks };
}

async function clientWithoutNet(t: TestContext, project: Project, lookEvery: number): Promise<Client> {
  const verbs = await openVerbs({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    worker: 'none',
    lookEvery: Number.POSITIVE_INFINITY,
    openStore: (path) => openStore(path, { mount: 'thread', lookEvery }),
  });
  t.after(() => verbs.close());
  return makeClient(verbs);
}

/** Most wait for their own task, some for several, some follow what happens. */
function waitAll(
  client: Client,
  handles: readonly BackgroundTaskHandle[],
  told: Map<string, number>,
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

const note = (told: Map<string, number>, { id }: BackgroundTaskHandle): void => void told.set(id, Date.now());

async function waited([handle]: readonly BackgroundTaskHandle[], told: Map<string, number>): Promise<void> {
  if (handle === undefined) return;
  assert.equal(await handle.wait(), 1);
  note(told, handle);
}

async function severalOf(
  client: Client,
  handles: readonly BackgroundTaskHandle[],
  told: Map<string, number>,
): Promise<void> {
  const tasks = await client.wait(handles.map(({ id }) => id));
  assert.ok(tasks.every(({ result }) => result === 1));
  for (const handle of handles) note(told, handle);
}

async function followed([handle]: readonly BackgroundTaskHandle[], told: Map<string, number>): Promise<void> {
  if (handle === undefined) return;
  const kinds: string[] = [];
  for await (const { kind } of handle.events({ follow: true })) kinds.push(kind);
  assert.equal(kinds.at(-1), 'completed');
  note(told, handle);
}

/** How long it took from the end of a task to who waited for that alone; of several the last one counts, which is not known. */
function delays(project: Project, told: ReadonlyMap<string, number>): Omit<Seen, 'processor'> {
  const db = connect(project.store);
  const rows = db.prepare('SELECT id, completed_at AS at FROM tasks').all() as { id: string; at: number }[];
  db.close();
  const all = rows.map(({ id, at }) => (told.get(id) as number) - Number(at)).sort((a, b) => a - b);
  return { half: all[all.length >> 1] as number, most: all.at(-1) as number };
}

/** The process that ends tasks, killed and started anew. */
class Enders {
  readonly #project: Project;
  readonly #random: () => number;
  #now: ChildProcess | undefined;

  constructor(project: Project, random: () => number) {
    this.#project = project;
    this.#random = random;
  }

  async start(): Promise<void> {
    const args = [this.#project.store, String(Math.floor(this.#random() * 2 ** 31))];
    this.#now = fork(ENDER, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await heard(this.#now, 'message');
  }

  async kill(times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      await pause(this.#random() * 300);
      const gone = heard(this.#now as ChildProcess, 'exit');
      this.#now?.kill('SIGKILL');
      await gone;
      await this.start();
    }
  }

  async stop(): Promise<void> {
    const child = this.#now;
    if (child?.connected !== true) return;
    const gone = heard(child, 'exit');
    child.disconnect();
    await gone;
  }
}

/**
 * Several processes that submit, work, wait, answer and cancel at random, without any safety net: neither do workers and those who
 * wait look once a second, nor do stores look whether others have committed. A wake that were lost would leave what waits for it
 * hanging. `SEED=…` replays the choices (not the scheduler's).
 *
 * 1. Every task ends as it has to, wherever it ran, with one terminal event.
 * 2. Whoever waits is told: for an end, for an event, for a child of his that ran elsewhere, for a slot, a session, an answer.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BackgroundTaskHandle, Client } from '#offstage/client/index.js';
import { checkFile } from '#offstage/store/sqlite/check.js';
import { Project } from '../js/client/project.js';
import { heard, within } from '../waiting.js';
import { randomOf } from './kill.js';
import { clientWithoutNet } from './waits.js';
import { act, type Part } from './wakes-part.js';

const ACTOR = fileURLToPath(new URL('./wakes-actor.js', import.meta.url));
/** Milliseconds. */
const PATIENCE = 120_000;

export interface WakeRound {
  seed: number;
  tasks: number;
  /** How many processes work; this one submits, waits, answers and cancels. */
  processes: number;
  /** A planted fault: those who work are not told of any commit. */
  deaf?: boolean;
  /** Milliseconds until what has not ended is said to hang. */
  patience?: number;
}

/** Answers with how many tasks each process ran. */
export async function wakeRound(
  t: TestContext,
  { seed, tasks, processes, deaf = false, patience = PATIENCE }: WakeRound,
): Promise<number[]> {
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  const project = new Project(t);
  const client = await clientWithoutNet(t, project, Number.POSITIVE_INFINITY);
  const actors = await Promise.all(Array.from({ length: processes }, () => started(t, project, deaf)));
  const waits = new Map<string, Promise<void>>();
  for (let n = 0; n < tasks; ) {
    const parts = Array.from({ length: 1 + Math.floor(random() * 8) }, () => chosen(random));
    const handles = await client.submitMany(parts.map((part) => ({ recipe: act, input: part, ...how(part, random) })));
    handles.forEach((handle, index) => {
      waits.set(
        `${handle.id} ${JSON.stringify(parts[index])}`,
        watched(client, handle, parts[index] as Part, random()),
      );
    });
    for (const wait of waits.values()) wait.catch(() => {}); // told below
    n += parts.length;
    // Now it is quiet, now it is not.
    if (random() < 0.3) await within(Promise.race([...waits.values()].slice(-3)), { patience }).catch(() => {});
  }
  const left = new Set(waits.keys());
  for (const [name, wait] of waits) void wait.finally(() => left.delete(name)).catch(() => {});
  await within(Promise.all(waits.values()), { what: `${tasks} tasks`, patience }).catch(async (error) => {
    const seen = await Promise.all([...left].slice(0, 5).map(async (name) => [name, await stateOf(client, name)]));
    throw new Error(`SEED=${seed}: ${left.size} hang, ${JSON.stringify(seen)}: ${error.message}`, { cause: error });
  });
  const ran = await Promise.all(actors.map(stopped));
  const { problems, counts } = { ...(await checkFile(project.store)), counts: await client.summary() };
  assert.deepEqual([problems, counts.pending, counts.running, counts.input_required], [[], 0, 0, 0]);
  return ran;
}

const stateOf = async (client: Client, name: string): Promise<unknown> => {
  const task = await client.get(name.slice(0, name.indexOf(' ')));
  return [task?.status, task?.taskStatus];
};

const KINDS = ['quick', 'quick', 'slow', 'parent', 'hang', 'ask', 'again', 'later'] as const;

function chosen(random: () => number): Part {
  const kind = KINDS[Math.floor(random() * KINDS.length)] as Part['kind'];
  return { kind, ms: Math.floor(random() * 20), children: 1 + Math.floor(random() * 2) };
}

/** Some wait for each other in a session. */
function how({ kind }: Part, random: () => number): object {
  const session = random() < 0.3 ? { sessionId: `s${Math.floor(random() * 3)}`, onConflict: 'enqueue' } : {};
  if (kind === 'again') return { ...session, retries: 1, backoff: { initial: 0.01, jitter: 0 } };
  return kind === 'later' ? { ...session, delay: 0.05 } : session;
}

/** Does for a task what it needs, and waits for it in one way or another. */
async function watched(client: Client, handle: BackgroundTaskHandle, { kind }: Part, way: number): Promise<void> {
  if (kind === 'hang') {
    await untilKind(handle, 'started');
    const waiting = handle.wait().catch((error) => error);
    await handle.cancel('enough', { stopped: way < 0.5 });
    assert.equal(((await waiting) as { code?: string }).code, 'cancelled');
    return;
  }
  if (kind === 'ask') {
    await untilKind(handle, 'input_requested');
    await handle.respond('go', { action: 'accept' });
  }
  if (way < 0.2) await untilKind(handle, 'completed');
  else if (way < 0.4) assert.equal((await client.wait([handle.id]))[0]?.status, 'completed');
  else assert.equal(await handle.wait(), kind);
}

async function untilKind(handle: BackgroundTaskHandle, wanted: string): Promise<void> {
  for await (const { kind } of handle.events({ follow: true })) if (kind === wanted) return;
  assert.fail(`${handle.id} has ended without ${wanted}`);
}

async function started(t: TestContext, project: Project, deaf: boolean): Promise<ChildProcess> {
  const env = { ...project.env, OFFSTAGE_STORE: project.store };
  const actor = fork(ACTOR, deaf ? ['deaf'] : [], {
    cwd: project.folder,
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  t.after(() => actor.kill('SIGKILL'));
  await heard(actor, 'message');
  return actor;
}

/** How many tasks it ran. */
async function stopped(actor: ChildProcess): Promise<number> {
  const [told, gone] = [heard(actor, 'message'), heard(actor, 'exit')];
  actor.send('stop');
  const [ran] = await told;
  await gone;
  return ran as number;
}

/** Who runs what was stored: a detached worker, or one in this process. */
import { invalid } from '../../errors/index.ts';
import { whyNoGroups } from '../../platform/groups.ts';
import { startTime } from '../../platform/process.ts';
import { whyNoScripts } from '../../platform/program.ts';
import type { Binding, Wanted, WorkerRow } from '../../store/types.ts';
import { lazily } from '../../wire/lazily.ts';
import { type Soon, soon } from '../../wire/soon.ts';
import type { TaskJson } from '../../wire/task.ts';
import { DEFAULTS, WORKER_IDLE } from '../defaults.ts';
import type { VerbContext } from '../verb-context.ts';
import { glance } from '../verbs/read.ts';
import { Bell } from '../watch/bell.ts';
import { hubOf } from '../watch/hub.ts';
import type { WorkerEnd } from './spawn.ts';

/** Load what a start needs: the worker's row, processes of their own, whose values they get. */
export const loadRows = lazily(() => import('../../worker/index.ts'));
export const loadSpawn = lazily(() => import('./spawn.ts'));
export const loadEnvironment = lazily(() => import('./environment.ts'));

/** The row of a detached worker to start if none can run what is stored; null when none is to be started. */
export function rowToStart(context: VerbContext, binding: Binding | null): Soon<WorkerRow | null> {
  if (context.worker !== 'detached' || whyNoWorker() !== undefined) return null;
  return detachedRow(context, binding);
}

async function detachedRow(context: VerbContext, binding: Binding | null): Promise<WorkerRow> {
  idleSeconds(context.env.OFFSTAGE_WORKER_IDLE); // refused before anything is stored
  const { startingRow } = await loadRows();
  const limit = context.config.background?.maxConcurrentTasks;
  return startingRow(limit ?? DEFAULTS.maxConcurrentTasks, context.env, limit ?? null, binding);
}

/** Starts what is needed to run these tasks; `spawn` is the row that was inserted for a detached worker. */
export function afterStored(
  context: VerbContext,
  tasks: readonly Pick<TaskJson, 'recipe'>[],
  spawn: WorkerRow | null,
): Soon<void> {
  return spawn === null ? haveRun(context, tasks) : spawnWorker(context, spawn).then(() => haveRun(context, tasks));
}

/** By a worker in this process, where one is to run them. */
function haveRun(context: VerbContext, tasks: readonly Pick<TaskJson, 'recipe'>[]): Soon<void> {
  const ours = tasks.filter(({ recipe }) => context.recipes.has(recipe));
  if (context.worker === 'none' || (ours.length === 0 && context.worker === 'detached')) return;
  const folders = context.worker === 'app' && whyNoWorker() === undefined;
  return soon(context.staffHere(), (staff) => staff.ensure({ folders, recipes: ours.map(({ recipe }) => recipe) }));
}

/** Why no worker for recipes that are folders is started from here; undefined where one is. */
const whyNoWorker = (): string | undefined => whyNoGroups() ?? whyNoScripts();

/** Where none is started from here, whoever submits a folder is told so, unless some worker that lives can run it. */
export async function tellUnserved(
  context: VerbContext,
  tasks: readonly Pick<TaskJson, 'task_id' | 'recipe'>[],
): Promise<void> {
  const folder = tasks.find(({ recipe }) => !context.recipes.has(recipe));
  if (folder === undefined || context.worker === 'none') return;
  const why = whyNoWorker();
  if (why === undefined) return;
  const { needed } = await context.run('provision', { id: folder.task_id });
  if (needed) warnNoWorker(context, new Error(why));
}

/** What was done for a task that waits: nothing was needed or all is done, more can be done soon, or nothing from here. */
type Provided = 'done' | 'later' | 'never';

/**
 * Starts a worker when the pending task has none that can run it; hands its values to one that lacks them. Only values that
 * it is bound to already: whoever waits changes nothing.
 */
export async function ensureWorker(
  context: VerbContext,
  task: Pick<TaskJson, 'task_id' | 'recipe'>,
): Promise<Provided> {
  if (context.worker === 'none') return 'never';
  const provided = context.worker === 'detached' ? await provide(context, task.task_id) : 'done';
  if (context.starts.mayStart()) await afterStored(context, [task], null);
  return provided;
}

async function provide(context: VerbContext, id: string): Promise<Provided> {
  const { needed, hand } = await context.run('provision', { id });
  if (!needed) return 'done';
  if (hand !== null) return handed(context, hand);
  const why = whyNoWorker();
  if (why !== undefined) {
    warnNoWorker(context, new Error(why));
    return 'never';
  }
  if (!context.starts.mayStart()) return 'later';
  const { ownBinding } = await loadEnvironment();
  const start = await rowToStart(context, await ownBinding(context));
  if (start === null) return 'never';
  const provision = await context.run('needWorker', { id, start });
  if (!provision.needed) return 'later'; // decided otherwise meanwhile, or left undone while others held the store
  if (provision.spawn) {
    await spawnWorker(context, start);
    return 'done';
  }
  return provision.hand === null ? 'never' : handed(context, provision.hand);
}

async function handed(context: VerbContext, wanted: Wanted): Promise<Provided> {
  const { give } = await loadEnvironment();
  try {
    return (await give(context, wanted)) ? 'done' : 'never';
  } catch {
    return 'later'; // it is starting, or ending
  }
}

/** Milliseconds that a worker gets to take values: as long as one may take to start. */
const HAND_PATIENCE = 15_000;
/** Milliseconds between two tries, when nothing happens in the store. */
const HAND_EVERY = 250;

/** Provides for tasks whose submitter is about to leave: what he does not hand over by then, nobody has. */
export async function provideFor(
  context: VerbContext,
  tasks: readonly Pick<TaskJson, 'task_id' | 'recipe'>[],
): Promise<void> {
  if (tasks.length === 0) return;
  const end = performance.now() + HAND_PATIENCE;
  const store = await context.store();
  const bell = new Bell((ring) => hubOf(context).committed(store, ring));
  try {
    for (const task of tasks) {
      while ((await ensureWorker(context, task)) === 'later') {
        if (performance.now() >= end)
          return context.warn(`no worker took the values of task ${task.task_id}: it waits`);
        await bell.rings(HAND_EVERY);
      }
    }
  } finally {
    bell.close();
  }
}

/** As `ensureWorker`, for a task that is known by its id; one that is gone needs none. */
export async function ensureWorkerFor(context: VerbContext, id: string): Promise<void> {
  const task = await glance(context, id).catch(() => undefined);
  if (task?.status === 'pending') await ensureWorker(context, task);
}

/** This worker ends as its package was replaced: what waits gets one of the version that lies there now. */
export async function startSuccessor(context: VerbContext): Promise<void> {
  for (const id of await context.run('ids', { status: ['pending'] })) {
    if (!context.starts.mayStart()) return; // one was started
    await ensureWorkerFor(context, id);
  }
}

/** `OFFSTAGE_WORKER_IDLE`: seconds, 0 or more. */
function idleSeconds(text: string | undefined): number {
  const seconds = text ? Number(text) : WORKER_IDLE;
  if (seconds >= 0) return seconds;
  throw invalid('OFFSTAGE_WORKER_IDLE', text, 'seconds, 0 or more');
}

/** The task is stored whatever happens here: a start that fails is tried again later, while somebody waits. */
async function spawnWorker(context: VerbContext, row: WorkerRow): Promise<void> {
  context.starts.started();
  try {
    const { spawnWorker } = await loadSpawn();
    const { pid, noLog } = await spawnWorker({
      storePath: context.path,
      id: row.id,
      env: context.env,
      concurrency: row.concurrency,
      maxConcurrent: row.max_concurrent,
      onExit: (end) => ended(context, end),
      exitWhenIdle: idleSeconds(context.env.OFFSTAGE_WORKER_IDLE),
    });
    if (noLog !== undefined) context.warn(`the worker that was started has no log: ${noLog}`);
    note(context, row, pid);
  } catch (error) {
    await context.run('leave', { worker: row.id, force: true });
    warnNoWorker(context, error);
    context.starts.failed(context.starts.problem);
  }
}

/**
 * Until then the row names this process: whoever looks when this one has gone and the worker has not registered yet starts
 * another one. Nobody waits for it but the close of the store, however long others hold that: a wait keeps its time.
 */
function note(context: VerbContext, { id }: WorkerRow, pid: number): void {
  // One that has no start time any more has ended before it could take the row over: nobody is to wait for it.
  const noted = context.run('spawned', { worker: id, pid, start_time: startTime(pid) ?? 'ended' });
  noted.catch(() => {}); // it registers by itself
}

/** Whoever waits is told why there is no worker; another one is started later. */
function ended(context: VerbContext, end: WorkerEnd): void {
  const { code, signal, ready, log } = end;
  // Something else than a worker may end well, too: it has not said that it is ready.
  const isNone = code === 0 && !ready && log !== undefined;
  const isFine = (code === 0 && !isNone) || (code === null && ready);
  const problem = isFine ? undefined : problemOf(end);
  context.starts.ended(code, problem);
  if (problem !== undefined) context.warn(problem);
  if (isNone || (signal !== null && !ready)) context.starts.failed(problem);
}

function problemOf({ code, signal, ready, said, log }: WorkerEnd): string {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const what = ready ? 'the worker that was started has ended' : 'no worker could be started: it ended at once';
  const where = log === undefined ? '' : `; see ${log}`;
  return `${what} (${how})${where}${said === '' ? '' : `\n${said}`}`;
}

/** The task waits; somebody else may run it. */
export function warnNoWorker(context: VerbContext, error: unknown): void {
  context.starts.problem = `no worker could be started: ${(error as Error).message}`;
  context.warn(context.starts.problem);
}

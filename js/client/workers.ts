/** Who runs what was stored: a detached worker, or one in this process. */
import { invalid } from '../errors/index.ts';
import { startTime } from '../store/process.ts';
import type { WorkerRow } from '../store/types.ts';
import type { TaskJson } from '../wire/task.ts';
import type { Context } from './context.ts';
import { glance } from './read.ts';

/** How long a worker that was started by a submit waits for more before it exits, in seconds. */
const IDLE = 30;
/** The row of a detached worker to start if none can run what is stored; null when none is to be started. */
export async function rowToStart(context: Context): Promise<WorkerRow | null> {
  if (context.worker !== 'detached') return null;
  idleSeconds(context.env.OFFSTAGE_WORKER_IDLE); // refused before anything is stored
  const { startingRow } = await import('../worker/index.ts');
  const limit = context.config.background?.maxConcurrentTasks;
  return startingRow(limit ?? 5, context.env, limit ?? null);
}

/** Starts what is needed to run these tasks; `spawn` is the row that was inserted for a detached worker. */
export async function afterStored(
  context: Context,
  tasks: readonly Pick<TaskJson, 'recipe'>[],
  spawn: WorkerRow | null,
): Promise<void> {
  if (spawn !== null) await spawnWorker(context, spawn);
  const ours = tasks.filter(({ recipe }) => context.recipes.has(recipe));
  if (context.worker === 'none' || (ours.length === 0 && context.worker === 'detached')) return;
  const { workersHere } = await import('./app.ts');
  await workersHere(context).ensure({ folders: context.worker === 'app', recipes: ours.map(({ recipe }) => recipe) });
}

/** Starts a worker when the pending task has none that can run it. */
export async function ensureWorker(context: Context, task: Pick<TaskJson, 'task_id' | 'recipe'>): Promise<void> {
  if (context.worker === 'none' || !context.starts.mayStart()) return;
  const start = await rowToStart(context);
  const needed = start !== null && (await context.run('needWorker', { id: task.task_id, start }));
  await afterStored(context, [task], needed ? start : null);
}

/** As `ensureWorker`, for a task that is known by its id; one that is gone needs none. */
export async function ensureWorkerFor(context: Context, id: string): Promise<void> {
  const task = await glance(context, id).catch(() => undefined);
  if (task?.status === 'pending') await ensureWorker(context, task);
}

/** `OFFSTAGE_WORKER_IDLE`: seconds, 0 or more. */
function idleSeconds(text: string | undefined): number {
  const seconds = text ? Number(text) : IDLE;
  if (seconds >= 0) return seconds;
  throw invalid('OFFSTAGE_WORKER_IDLE', text, 'seconds, 0 or more');
}

/** The task is stored whatever happens here: a start that fails is tried again later, while somebody waits. */
async function spawnWorker(context: Context, row: WorkerRow): Promise<void> {
  context.starts.started();
  try {
    const detached = await import('./spawn.ts');
    const pid = await detached.spawnWorker({
      storePath: context.path,
      id: row.id,
      env: context.env,
      concurrency: row.concurrency,
      maxConcurrent: row.max_concurrent,
      onExit: (code) => context.starts.ended(code),
      exitWhenIdle: idleSeconds(context.env.OFFSTAGE_WORKER_IDLE),
    });
    const start_time = startTime(pid);
    if (start_time !== undefined) await context.run('spawned', { worker: row.id, pid, start_time });
  } catch (error) {
    context.starts.failed();
    await context.run('leave', { worker: row.id, force: true });
    warnNoWorker(error);
  }
}

/** The task waits; somebody else may run it. */
export function warnNoWorker(error: unknown): void {
  process.emitWarning(`no worker could be started: ${(error as Error).message}`, { code: 'OFFSTAGE_NO_WORKER' });
}

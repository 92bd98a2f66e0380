import { invalid } from '../errors/index.ts';
import { startTime } from '../store/process.ts';
import type { NewTask, WorkerRow } from '../store/types.ts';
import type { TaskJson } from '../wire/task.ts';
import type { Context } from './context.ts';
import { prepareTask } from './prepare.ts';
import { storedJson } from './task.ts';
import type { SubmitRequest } from './verbs.ts';

/** How long a worker that was started by a submit waits for more before it exits, in seconds. */
const IDLE = 30;

/** Submits all or none; answers after the commit. */
export async function submit(
  context: Context,
  requests: readonly SubmitRequest[],
  options: { startWorker?: boolean } = {},
): Promise<TaskJson[]> {
  const tasks: NewTask[] = [];
  for (const request of requests) tasks.push(await prepareTask(context, request));
  const start = context.worker === 'none' || options.startWorker === false ? null : await workerToStart(context);
  const stored = await context.run('submit', { tasks, start });
  if (stored.spawn && start) await spawnWorker(context, start);
  return stored.tasks.map((task) => storedJson(task));
}

/** Starts a worker when the task is pending and no living one can run it. */
export async function ensureWorker(context: Context, id: string): Promise<void> {
  if (context.worker === 'none' || performance.now() < context.startsFrom) return;
  const start = await workerToStart(context);
  if (await context.run('needWorker', { id, start })) await spawnWorker(context, start);
}

/** `OFFSTAGE_WORKER_IDLE`: seconds, 0 or more. */
function idleSeconds(text: string | undefined): number {
  const seconds = text ? Number(text) : IDLE;
  if (seconds >= 0) return seconds;
  throw invalid('OFFSTAGE_WORKER_IDLE', text, 'seconds, 0 or more');
}

async function workerToStart(context: Context): Promise<WorkerRow> {
  idleSeconds(context.env.OFFSTAGE_WORKER_IDLE); // refused before anything is stored
  const { startingRow } = await import('../worker/index.ts');
  return startingRow(context.config.background?.maxConcurrentTasks ?? 5, context.env);
}

/** After a start that failed, the next one is tried when this much time is over, in milliseconds. */
const TRY_AGAIN = 15_000;

/** The task is stored whatever happens here: a start that fails is tried again later, while somebody waits. */
async function spawnWorker(context: Context, row: WorkerRow): Promise<void> {
  const worker = await import('../worker/index.ts');
  try {
    const pid = await worker.spawnWorker({
      storePath: context.path,
      id: row.id,
      env: context.env,
      concurrency: row.concurrency,
      exitWhenIdle: idleSeconds(context.env.OFFSTAGE_WORKER_IDLE),
    });
    const start_time = startTime(pid);
    if (start_time !== undefined) await context.run('spawned', { worker: row.id, pid, start_time });
  } catch (error) {
    context.startsFrom = performance.now() + TRY_AGAIN;
    await context.run('leave', { worker: row.id, force: true });
    process.emitWarning(`no worker could be started: ${(error as Error).message}`, { code: 'OFFSTAGE_NO_WORKER' });
  }
}

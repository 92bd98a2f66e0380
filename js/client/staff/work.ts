/** Workers in this process, one that it is there for and those beside what it does. */
import { invalid } from '../../errors/argument.ts';
import type { AppWorkOptions, Worker, WorkOptions } from '../../ports/worker.ts';
import type { Store } from '../../store/types.ts';
import { isTerminal, type TaskStatus } from '../../wire/task.ts';
import { newWorkerId, type RunWorkerOptions, runWorker, systemClock } from '../../worker/index.ts';
import type { Working } from '../here.ts';
import { hooksOf } from '../hooks.ts';
import type { VerbContext } from '../verb-context.ts';
import { familyOf } from './family.ts';
import { hookSweeps } from './hook-events.ts';
import { loadForTasks } from './load.ts';
import { logged } from './structured-log.ts';
import { sweepsOf } from './sweeps.ts';

const CONCURRENCY = 5;

/**
 * Runs a worker in this process to its end, over the client's own store: what its tasks ask goes there too, as later there
 * may be no file to open another one with.
 */
export async function work(context: VerbContext, options: WorkOptions = {}): Promise<void> {
  const store = await context.storeInThread();
  const onSubmits = staffed(context, store, options);
  const all = { ...configured(context), ...options, ...(await givenTo(context, options)), onSubmits };
  await runWorker(store, logged(context.env, all));
}

/**
 * Starts a worker in this process; resolves when it takes tasks. By default it runs folders and no code. It shares the
 * client's store: two mounts in one process would wait for each other's commits, where one commits for both at once.
 * Rejects with what the store and the options are refused with.
 */
export async function startWork(context: VerbContext, options: AppWorkOptions = {}): Promise<Worker> {
  const store = await context.store();
  const id = newWorkerId();
  const given = await givenTo(context, options);
  const stopped = new AbortController();
  const skipped = new AbortController();
  let ready = (): void => {};
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const all: RunWorkerOptions = {
    ...configured(context),
    ...asked(options),
    ...given,
    onSubmits: staffed(context, store, options),
    id,
    keepAlive: 'running',
    drain: Number.POSITIVE_INFINITY, // each stop says how long
    signal: stopped.signal,
    skipDrain: skipped.signal,
    onEvent: ({ event, task_id, status }) => {
      if (event === 'ready') ready();
      if (event === 'finished' && isOver(status)) context.here.scopes.delete(task_id ?? '');
    },
    onThrown: (task, thrown) => context.here.thrown.set(task, thrown),
    scopeOf: (task) => context.here.scopes.get(task)?.value,
    abortedWith: (task) => context.here.abortedWith.get(task),
    onTrouble: (text) => process.emitWarning(text, { code: 'OFFSTAGE_WORKER' }),
  };
  const done = runWorker(store, logged(context.env, all));
  done.catch(() => {}); // whoever wants to know asks
  await Promise.race([isReady, done]);
  const stop = async (drain = 0): Promise<void> => {
    if (typeof drain !== 'number' || !(drain >= 0)) throw invalid('drain', drain, 'seconds, 0 or more');
    systemClock.after(drain * 1000, () => skipped.abort());
    stopped.abort('the worker was stopped');
    await done;
  };
  return { id, stop, done };
}

/** While the worker takes them, what is submitted here and may run there goes along with what it has for the store. */
function staffed(
  context: VerbContext,
  store: Store,
  options: AppWorkOptions,
): NonNullable<RunWorkerOptions['onSubmits']> {
  const { recipes = [], folders = true } = options;
  const names = new Set(recipes.map(({ name }) => name));
  const runs = (code: string | null): boolean => (code === null ? folders : names.has(code));
  const { staff, known } = context.here;
  let leave = (): void => {};
  return (submit) => {
    leave();
    if (submit === undefined) return;
    const working: Working = { store, runs, submit };
    const forget = known.follow(store);
    staff.add(working);
    leave = () => {
      staff.delete(working);
      forget();
    };
  };
}

/** What every worker of a client gets: what its tasks call, where its recipes are, what is around them and beside. */
export async function givenTo(
  context: VerbContext,
  { folders = true }: AppWorkOptions,
): Promise<Pick<RunWorkerOptions, 'family' | 'hooks' | 'load' | 'search' | 'sweeps' | 'onHanded' | 'onOutcome'>> {
  const hooks = await hooksOf(context);
  let handed = (_name: string): string | undefined => undefined;
  const sweeps = await sweepsOf(context, { folders, handed: (name) => handed(name) });
  return {
    family: familyOf(context),
    hooks,
    load: () => loadForTasks(context),
    search: context.search(),
    sweeps: [...sweeps, ...hookSweeps(context, hooks)],
    onHanded: (find) => {
      handed = find;
    },
    onOutcome: (outcome) => context.here.known.end(outcome),
  };
}

/** What was asked for; what is undefined was not. */
function asked({
  concurrency,
  folders,
  recipes,
}: AppWorkOptions): Pick<RunWorkerOptions, 'concurrency' | 'folders' | 'recipes'> {
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(folders === undefined ? {} : { folders }),
    ...(recipes === undefined ? {} : { recipes }),
  };
}

const isOver = (status: string | undefined): boolean => status !== undefined && isTerminal(status as TaskStatus);

function configured({ config }: VerbContext): { concurrency: number; maxConcurrent: number | null } {
  const limit = config.background?.maxConcurrentTasks;
  return { concurrency: limit ?? CONCURRENCY, maxConcurrent: limit ?? null };
}

import { dirname } from 'node:path';
import { invalid } from '../../errors/index.ts';
import { type Scope, scopeHere } from '../../platform/scope.ts';
import type { Hooks } from '../../ports/hooks.ts';
import type { RecipeSource } from '../../recipe/index.ts';
import type {
  Binding,
  NewTask,
  Payloads,
  RequestKey,
  Submitted as StoreAnswer,
  StoredTask,
  WorkerRow,
} from '../../store/types.ts';
import type { Submitted, SubmittedBriefly } from '../../wire/answers.ts';
import type { SubmitOnce } from '../../wire/requests.ts';
import { type Soon, soon } from '../../wire/soon.ts';
import type { Lineage } from '../../worker/environment/index.ts';
import { hooksOf, onSubmit, Submits } from '../hooks.ts';
import { bindTasks } from '../staff/environment.ts';
import { afterStored, provideFor, rowToStart, tellUnserved, warnNoWorker } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import type { SubmitRequest } from '../verbs.ts';
import { prepareAll } from './prepare-wake.ts';
import { requestKeyOf } from './request-key.ts';
import { storedJson } from './stored-json.ts';
import { submitHeard } from './submit-heard.ts';

/** A submit from within a task. */
export interface ChildOptions {
  /** The execution that submits. Default: nobody's, or the request's `parent`, whichever execution it has. */
  execution?: { id: string; attempt: number; epoch: number } | undefined;
  /** A further attempt of that task goes on with its child of this key. */
  childKey?: string | undefined;
  /** Makes of a task that was checked what may be stored. */
  conceal?: ((task: NewTask) => NewTask) | undefined;
  /** Whose environment the task that submits has. Default: that of this process. */
  lineage?: Lineage | undefined;
}

/** A submit of one's own, or from within a task. */
export type SubmitHow = ChildOptions & SubmitOnce;

/** Submits all or none; answers after the commit. A worker is started where none can run them. */
export async function submit(
  context: VerbContext,
  requests: readonly SubmitRequest[],
  options: SubmitHow = {},
): Promise<Submitted[]> {
  return allShown(await enter(context, requests, options, false));
}

const allShown = ({ tasks, stored }: Entered): Submitted[] =>
  stored.map((task, index) => shown(task, tasks[index]?.payloads));

/** The same, and tells of each what its handle shows. */
export async function submitBriefly(
  context: VerbContext,
  requests: readonly SubmitRequest[],
  options: SubmitHow = {},
): Promise<SubmittedBriefly[]> {
  const { tasks, stored } = await enter(context, requests, options, true);
  return stored.map((task, index) => {
    const given = tasks[index];
    return given === undefined || task.deduplicated ? { deduplicated: false, ...shown(task) } : briefly(task.id, given);
  });
}

const briefly = (id: string, { spec }: NewTask): SubmittedBriefly => ({
  task_id: id,
  name: spec.name,
  recipe: spec.recipe ?? '',
  session_id: spec.session_id ?? null,
  deduplicated: false,
});

/** What was stored, and how it is stored; of a request that was answered before nothing is stored. */
interface Entered {
  tasks: readonly NewTask[];
  stored: readonly StoredTask[];
}

/** Of the most frequent kind, an app's own that nothing is around, nothing is asked or waited for before it is prepared. */
function enter(
  context: VerbContext,
  requests: readonly SubmitRequest[],
  options: SubmitHow,
  brief: boolean,
): Promise<Entered> {
  const once = requestKeyOf(requests, options);
  const shared: Shared = { options, once, scope: scopeHere(), beside: undefined, brief };
  if (once !== null || options.execution !== undefined) return enterAsked(context, requests, shared);
  return soon(hooksOf(context), (hooks) =>
    hooks.length === 0 ? submitAll(context, requests, shared) : submitHooked(context, requests, shared, hooks),
  );
}

async function enterAsked(context: VerbContext, requests: readonly SubmitRequest[], shared: Shared): Promise<Entered> {
  const { options, once } = shared;
  const before = once && (await context.run('answered', once));
  if (before) return { tasks: [], stored: before.tasks };
  const whole = { ...shared, beside: await besideOf(context, options) };
  const hooks = await hooksOf(context);
  return hooks.length === 0 ? submitAll(context, requests, whole) : submitHooked(context, requests, whole, hooks);
}

async function submitHooked(
  context: VerbContext,
  requests: readonly SubmitRequest[],
  shared: Shared,
  hooks: readonly Hooks[],
): Promise<Entered> {
  const submits = new Submits(hooks);
  try {
    const asked = requests.map((request) => submits.next(request));
    const entered = await submitAll(context, asked, { ...shared, brief: false });
    submits.stored(allShown(entered));
    return entered;
  } catch (error) {
    submits.failed(error);
    throw error;
  }
}

/** What the requests of a submit share. */
interface Shared {
  options: SubmitHow;
  once: RequestKey | null;
  scope: Scope | undefined;
  /** The folder in which the submitting recipe lies. */
  beside: string | undefined;
  /** The records of new tasks are not told. */
  brief: boolean;
}

function submitAll(context: VerbContext, requests: readonly SubmitRequest[], shared: Shared): Promise<Entered> {
  const { options, beside } = shared;
  const { lineage } = options;
  const origin = { lineage, beside, isChild: options.execution !== undefined, isStored: isStored(context) };
  const prepare = (request: SubmitRequest): Soon<NewTask> =>
    soon(prepareAll(context, request, origin), (task) => from(task, options));
  const tasks = soon(inTurn(requests, prepare), (prepared) => bindTasks(context, prepared, lineage));
  return soon(tasks, (bound) => store(context, bound, shared));
}

/** One after the other: the first that is refused is the one that is told. */
function inTurn<T, R>(all: readonly T[], act: (one: T) => Soon<R>): Soon<R[]> {
  const done: R[] = [];
  for (const one of all) {
    const made = act(one);
    if (made instanceof Promise) return inTurnLater(made, all, done, act);
    done.push(made);
  }
  return done;
}

async function inTurnLater<T, R>(
  first: Promise<R>,
  all: readonly T[],
  done: R[],
  act: (one: T) => Soon<R>,
): Promise<R[]> {
  done.push(await first);
  for (const one of all.slice(done.length)) done.push(await act(one));
  return done;
}

function store(context: VerbContext, tasks: readonly NewTask[], { once, scope, brief }: Shared): Promise<Entered> {
  // While what was submitted last had a worker this most likely has one too; if not, one is started at once all the same.
  const row = context.starts.isServed ? null : rowToStart(context, unionOf(tasks));
  return soon(row, (start) =>
    submitHeard(context, { tasks, start, request: once, brief }, scope).then((stored) =>
      entered(context, { stored, tasks, start }),
    ),
  );
}

/** They are stored: whoever was told of an error now would submit them once more. */
function entered(context: VerbContext, toServe: ToServe): Soon<Entered> {
  const done: Entered = { tasks: toServe.tasks, stored: toServe.stored.tasks };
  const warned = (error: unknown): Entered => {
    warnNoWorker(context, error);
    return done;
  };
  try {
    const serving = served(context, toServe);
    return serving === undefined ? done : serving.then(() => done, warned);
  } catch (error) {
    return warned(error);
  }
}

interface ToServe {
  stored: StoreAnswer;
  tasks: readonly NewTask[];
  start: WorkerRow | null;
}

/** Sees to it that somebody runs them, or tells that nobody does. */
function served(context: VerbContext, toServe: ToServe): Soon<void> {
  const { stored, tasks, start } = toServe;
  const submitted = stored.tasks.map(({ id }, index) => ({ task_id: id, recipe: tasks[index]?.spec.recipe ?? '' }));
  const begun = afterStored(context, submitted, stored.spawn ? start : null);
  const areInHand = stored.unheld.length === 0 && tasks.every(({ code }) => code !== null);
  return areInHand ? begun : soon(begun, () => servedElsewhere(context, submitted, toServe));
}

async function servedElsewhere(
  context: VerbContext,
  submitted: readonly { task_id: string; recipe: string }[],
  { stored, tasks, start }: ToServe,
): Promise<void> {
  if (tasks.some(({ code }) => code === null)) {
    if (start === null) await tellUnserved(context, submitted);
    await startForUnserved(context, stored.tasks, tasks);
  }
  if (stored.unheld.length === 0) return;
  await provideFor(
    context,
    submitted.filter(({ task_id }) => stored.unheld.includes(task_id)),
  );
}

/** Those that no worker can run, though one of before could run others; some are of folders. */
async function startForUnserved(
  context: VerbContext,
  stored: readonly StoredTask[],
  tasks: readonly NewTask[],
): Promise<void> {
  if (context.worker !== 'detached') return;
  const unserved = stored.find(
    ({ status, runnable }, index) => status === 'pending' && !runnable && tasks[index]?.code === null,
  );
  const wasServed = context.starts.isServed;
  context.starts.isServed = unserved === undefined;
  if (unserved === undefined || !wasServed) return;
  const start = await rowToStart(context, unionOf(tasks));
  if (start === null) return;
  const { spawn } = await context.run('needWorker', { id: unserved.id, start });
  if (spawn) await afterStored(context, [], start);
}

/** Checks all that `submit` checks. */
export async function check(context: VerbContext, request: SubmitRequest): Promise<void> {
  await prepareAll(context, onSubmit(await hooksOf(context), request));
}

/** `given`: what it was stored with, which the store does not repeat. */
function shown(task: StoredTask, given: Payloads = {}): Submitted {
  return task.deduplicated
    ? { ...storedJson(task), deduplicated: true }
    : storedJson({ ...task, payloads: { ...task.payloads, ...given } });
}

/** All values that these tasks are bound to; they are of one environment. */
function unionOf(tasks: readonly NewTask[]): Binding | null {
  const bindings = tasks.flatMap(({ binding }) => binding ?? []);
  const [first] = bindings;
  if (first === undefined) return null;
  const values = new Map(bindings.flatMap((one) => one.values.map((value) => [value.hash, value])));
  return { ...first, values: [...values.values()] };
}

/** The folder in which the submitting recipe lies: it means its neighbours, wherever the worker's own folder is. */
async function besideOf(context: VerbContext, { execution }: ChildOptions): Promise<string | undefined> {
  if (execution === undefined) return undefined;
  const parent = await context.run('get', { id: execution.id, payloads: [] });
  const { source } = JSON.parse(parent?.record ?? '{}') as { source?: RecipeSource | null };
  return source == null ? undefined : dirname(source.root);
}

/** The task as a child of the execution that submits it. */
function from(task: NewTask, { execution, childKey, conceal = (it) => it }: ChildOptions): NewTask {
  if (execution === undefined) return task;
  const { id, attempt, epoch } = execution;
  if (task.spec.parent_id != null && task.spec.parent_id !== id) {
    throw invalid('parent', task.spec.parent_id, 'no other parent than the task that submits');
  }
  const parent = { attempt, epoch };
  const child = conceal({ ...task, spec: { ...task.spec, parent_id: id }, parent, childKey: childKey ?? null });
  const { wake } = task.sequel ?? {};
  return wake === undefined
    ? child
    : { ...child, sequel: { ...task.sequel, wake: { ...wake, task: conceal(wake.task) } } };
}

/** Whether the store judges what it is given. Where its file cannot be looked at nobody knows: who opens it says why. */
function isStored(context: VerbContext): boolean {
  try {
    return context.exists;
  } catch {
    return false;
  }
}

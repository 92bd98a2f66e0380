import { submit as newRecord, newTaskId, type Spec } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { announceKey, storeEnvironment } from '../environment.ts';
import { type Facts, facts, type WorkerFact } from '../facts.ts';
import { insertTask, type Placing } from '../rows/insert.ts';
import { writePayloads } from '../rows/payloads.ts';
import { keepSequel } from '../rows/sequel.ts';
import { canRun, type Needs, needsOf, small, storedTask } from '../rows/shown.ts';
import type { TaskRow } from '../rows/task.ts';
import { taskById, waitingById } from '../sql/tasks.ts';
import type { Binding, NewTask, StoredTask, Submit, Submitted, Wanted, WorkerRow } from '../types.ts';
import { adopt, childOf, parentOf } from './family.ts';
import { knownUnderKey } from './keys.ts';
import type { Newcomers } from './newcomers.ts';
import type { Context, Operation } from './operation.ts';
import { keepOrigin } from './origins.ts';
import { answerTo, remember } from './requests.ts';
import { enterSession } from './session.ts';
import { insertStarting } from './workers.ts';

/** Inserts all or none; the row of the worker to start comes in the same transaction, so twenty submits start one. */
export const submit: Operation<'submit'> = {
  kind: 'write',
  run: (context, asked) => submitAll(context, asked),
};

/** With `newcomers` those that may start at once do so. */
export function* submitAll(
  context: Context,
  { tasks, start, request = null, brief = false }: Submit,
  newcomers?: Newcomers,
): Program<Submitted> {
  const known = request === null ? undefined : yield* answerTo(context, request);
  if (known !== undefined) return known;
  const answer = yield* enterAll(context, tasks, start, newcomers);
  if (request !== null) yield* remember(context, request, answer);
  return brief ? { ...answer, tasks: answer.tasks.map(small) } : answer;
}

function* enterAll(
  context: Context,
  tasks: readonly NewTask[],
  start: WorkerRow | null,
  newcomers: Newcomers | undefined,
): Program<Submitted> {
  const entered: Entered[] = [];
  for (const task of tasks) entered.push(yield* enter(context, task, newcomers));
  if (tasks.slice(1).some(interrupts)) yield* readAnew(entered); // a later one may have interrupted an earlier one
  const needs = entered.filter(({ row }) => row.status === 'pending').map(({ row }) => needsOf(row));
  const spawn = start !== null && (yield* startFor(context, needs, start));
  const known = yield* facts(context);
  const shown: StoredTask[] = [];
  for (const one of entered) shown.push(yield* shownAs(one, known));
  return { tasks: shown, spawn, unheld: yield* unheld(needs, known) };
}

/** Inserts the row of a worker to start when a live task has none that can run it. */
export const needWorker: Operation<'needWorker'> = {
  kind: 'write',
  silent: true,
  *prepare(context, { id }) {
    return (yield* waitsForWorker(context, id)) !== undefined;
  },
  idle: { needed: false, spawn: false, hand: null },
  bestEffort: 'upgrade',
  *run(context, { id, start }) {
    const needs = yield* waitsForWorker(context, id);
    if (needs === undefined) return { needed: false, spawn: false, hand: null };
    const spawn = yield* startFor(context, [needs], start);
    return { needed: true, spawn, hand: spawn ? null : yield* wanted(context, needs) };
  },
};

/** How a pending task is provided for without a further worker. A look only: it is never left undone. */
export const provision: Operation<'provision'> = {
  kind: 'read',
  *run(context, { id }) {
    const needs = yield* waitsForWorker(context, id);
    const hand = needs === undefined ? null : yield* wanted(context, needs);
    return { needed: needs !== undefined, spawn: false, hand };
  },
};

const interrupts = ({ onConflict }: NewTask): boolean => onConflict === 'interrupt';

interface Entered {
  row: TaskRow;
  deduplicated: boolean;
}

function* readAnew(entered: Entered[]): Program<void> {
  for (const one of entered) one.row = (yield* taskById(one.row.id)) ?? one.row;
}

function* enter(context: Context, task: NewTask, newcomers: Newcomers | undefined): Program<Entered> {
  const known = yield* knownUnderKey(task);
  if (known !== undefined) return { row: known, deduplicated: true };
  const parent = yield* parentOf(context, task);
  const child = parent && task.childKey !== null ? yield* childOf(parent, task.childKey) : undefined;
  if (child !== undefined) return { row: child, deduplicated: true };
  yield* enterSession(context, task, parent);
  const row = yield* insert(context, task, newcomers);
  if (parent !== undefined) yield* adopt(parent, row.seq);
  return { row, deduplicated: false };
}

/** Answers with the task as it was submitted, also where it has started since. */
function* insert(context: Context, task: NewTask, newcomers: Newcomers | undefined): Program<TaskRow> {
  const { needs, maxConcurrent, code, onConflict, childKey, payloads } = task;
  const waits = onConflict === 'enqueue' || onConflict === 'interrupt';
  const binding = yield* bindingOf(context, task.binding);
  const started = newcomers && (yield* newcomers.start(task));
  const id = started?.id ?? newTaskId();
  const row = yield* insertTask(context, id, started?.begun ?? newRecord(task.spec, id, context.now), {
    needs,
    maxConcurrent,
    code,
    binding,
    place: placeOf(task.spec),
    waits,
    childKey,
    tags: task.tags,
    createdAt: context.now,
  });
  yield* writePayloads(context, row.seq, payloads, task.refs);
  if (task.sequel !== undefined) yield* keepSequel(context, row.seq, task.sequel, task.sequel.wake?.key ?? null);
  if (task.origin !== undefined && task.spec.session_id != null) {
    yield* keepOrigin(context, task.spec.session_id, task.origin);
  }
  return row;
}

/** Where the path of its recipe's folder means that folder. */
export const placeOf = ({ source }: Spec): string | null =>
  (source as { place?: string } | null | undefined)?.place ?? null;

/** Whoever submits knows what he has given; of a task that was there already he is told. */
function* shownAs({ row, deduplicated }: Entered, known: Facts): Program<StoredTask> {
  const task = yield* storedTask(row, deduplicated ? ['input', 'config', 'metadata'] : [], known);
  return deduplicated ? { ...task, deduplicated } : task;
}

/** Stores what a new task is bound to. */
export function* bindingOf(context: Context, binding: Binding | undefined): Program<Placing['binding']> {
  if (binding === undefined) return null;
  yield* storeEnvironment(context, binding.environment);
  yield* announceKey(context, binding.values);
  return { environment: binding.environment.id, values: binding.values };
}

/** The needs of a pending task that no living worker can run. */
function* waitsForWorker(context: Context, id: string): Program<Needs | undefined> {
  const row = yield* waitingById(id);
  if (row === undefined) return undefined;
  return (yield* storedTask(row, [], yield* facts(context))).runnable ? undefined : needsOf(row);
}

/**
 * A new worker has this process' environment; it is of use when some task needs one and it could run it. While one lives
 * that can be handed values, no other is started for them.
 */
export function* startFor(context: Context, needs: readonly Needs[], start: WorkerRow): Program<boolean> {
  const { workers } = yield* facts(context);
  const isUseful = yield* isOfUse(context, needs, workers, start);
  if (isUseful) yield* insertStarting(context, start);
  return isUseful;
}

function* isOfUse(
  context: Context,
  needs: readonly Needs[],
  workers: readonly WorkerFact[],
  start: WorkerRow,
): Program<boolean> {
  const fresh = [{ row: start, claims: true }];
  for (const one of needs) {
    if (yield* canRun(workers, one)) continue;
    const isHanded = one.bound.length > 0 && receiver(context, workers) !== undefined;
    if (!isHanded && (yield* canRun(fresh, one))) return true;
  }
  return false;
}

/** A worker of this machine that values can be handed to, now or when it has started. */
function receiver({ sight }: Context, workers: readonly WorkerFact[]): WorkerRow | undefined {
  const rows = workers.filter(({ claims, row }) => claims && row.folders && sight.canSee(row)).map(({ row }) => row);
  return (
    rows.find(({ state, socket }) => state === 'live' && socket != null) ??
    rows.find(({ state }) => state === 'starting')
  );
}

/** What to hand to whom, so that a task which no worker can run is run. */
function* wanted(context: Context, { bound }: Needs): Program<Wanted | null> {
  if (bound.length === 0) return null;
  const row = receiver(context, (yield* facts(context)).workers);
  return row === undefined ? null : { values: [...bound], worker: { id: row.id, socket: row.socket ?? null } };
}

/** One of each set of values that no worker has. */
function* unheld(needs: readonly Needs[], { workers }: Facts): Program<string[]> {
  const sets = new Map(needs.map((one) => [one.bound.map(({ hash }) => hash).join(), one]));
  const ids: string[] = [];
  for (const one of sets.values()) if (one.bound.length > 0 && !(yield* canRun(workers, one))) ids.push(one.id);
  return ids;
}

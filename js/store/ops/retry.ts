import { decide, submit as newRecord, newTaskId, type Spec } from '../../core/index.ts';
import { ConflictError, StoreError, TaskNotFoundError } from '../../errors/refusal.ts';
import type { Program } from '../../ports/backend.ts';
import type { Carried } from '../../wire/carried.ts';
import { isTerminal } from '../../wire/task.ts';
import { ALL_OTHERS, noteOf, pick, rebind } from '../environment.ts';
import { facts } from '../facts.ts';
import { insertTask } from '../rows/insert.ts';
import { bytesOfTask } from '../rows/remove.ts';
import { repeatSequel } from '../rows/sequel.ts';
import { needsOf, storedTask } from '../rows/shown.ts';
import { isReadable, type TaskRow } from '../rows/task.ts';
import { noteEnvironment } from '../sql/environment.ts';
import { copyPayloads } from '../sql/payloads.ts';
import { type Repeated, taskById, taskToRepeat } from '../sql/tasks.ts';
import { copySteps } from '../sql/writes.ts';
import type { Anew, Binding } from '../types.ts';
import { settle } from './family.ts';
import { freeKey } from './keys.ts';
import type { Context, Operation } from './operation.ts';
import { bindingOf, placeOf, startFor } from './submit.ts';

/**
 * A new task with the same spec and payloads. It takes the key over; it has no parent, as that one's run is over. If the
 * old one had to wait for its session the new one does; it interrupts nobody, and is not refused. Who has all that it needs
 * of an environment runs it with his own. One that is held since its code has changed is cancelled; the new one begins from
 * the top, with the code that is there, and with `keepSteps` with what the old one's finished steps gave.
 */
export const retry: Operation<'retry'> = {
  kind: 'write',
  *run(context, { id, start, by = null, ...anew }) {
    const isSame = anew.source === undefined && anew.timeoutMs === undefined;
    const bound = by === null || !isSame ? undefined : yield* boundAnew(context, id, by);
    const row = bound ?? (yield* repeat(context, id, by, anew));
    const spawn = start !== null && (yield* startFor(context, [needsOf(row)], start));
    return { task: yield* storedTask(row, ['input', 'config', 'metadata'], yield* facts(context)), spawn };
  },
};

/** A task that waits for values which no worker has needs no successor, only values. */
function* boundAnew(context: Context, id: string, by: Binding): Program<TaskRow | undefined> {
  const row = yield* taskById(id);
  if (row?.status !== 'pending' || row.bound === null || JSON.parse(row.record).held != null) return undefined;
  if ((yield* storedTask(row, [], yield* facts(context))).runnable || !(yield* rebind(context, row, by)))
    return undefined;
  return yield* taskById(id);
}

function* repeat(
  context: Context,
  id: string,
  by: Binding | null,
  { source, timeoutMs, keepSteps = false }: Anew,
): Program<TaskRow> {
  const { now } = context;
  const old = yield* repeated(context, id);
  const spec = {
    ...specOf(old),
    ...(source === undefined ? {} : { source }),
    ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
  };
  if (old.stand === 'held') yield* giveUp(context, old);
  yield* freeKey(old.seq, spec);
  const again = newTaskId();
  const { env: needs, code, bound } = needsOf(old);
  const binding = by === null || code !== null ? undefined : hisOwn(old, by);
  const place = placeOf(spec);
  const tags: string[] = old.tags === null ? [] : JSON.parse(old.tags);
  const placing = { needs, maxConcurrent: old.max_concurrent, code, place, waits: old.waits > 0, childKey: null, tags };
  const kept = old.environment === null ? null : { environment: old.environment, values: bound };
  const row = yield* insertTask(context, again, newRecord(spec, again, now), {
    ...placing,
    createdAt: now,
    binding: binding === undefined ? kept : yield* bindingOf(context, binding),
  });
  if (binding !== undefined && bound.length > 0) {
    yield* noteEnvironment(noteOf(bound, binding.values), row.seq);
  }
  yield* copyPayloads(row.seq, old.seq);
  if (keepSteps) yield* copySteps(row.seq, old.seq);
  yield* repeatSequel(context, row.seq, old.seq);
  context.tally.add('payload_bytes', yield* bytesOfTask(row.seq));
  return row;
}

function* giveUp(context: Context, row: TaskRow): Program<void> {
  const command = { command: 'cancel', by: 'caller', reason: 'retried with the code that is there' } as const;
  yield* settle(context, row, decide(row.record, command, context.now));
}

/** What somebody has of what the task needs; undefined when he lacks a value. */
function hisOwn(old: TaskRow, by: Binding): Binding | undefined {
  const { inherit_env = false } = (JSON.parse(old.record).source ?? {}) as { inherit_env?: boolean };
  const values = pick(by, [...needsOf(old).env, ...(inherit_env ? [ALL_OTHERS] : [])]);
  return values === undefined ? undefined : { environment: by.environment, values };
}

function* repeated({ store }: Context, id: string): Program<Repeated> {
  const row = yield* taskToRepeat(id);
  if (row === undefined) throw new TaskNotFoundError(id, store);
  if (!isReadable(row)) throw new StoreError(`the record of task ${id} is damaged, so it cannot be repeated`);
  if (isTerminal(row.status) || row.stand === 'held') return row;
  throw new ConflictError(`task ${id} is ${row.status}; only a task that has ended can be retried`, {
    taskId: id,
    details: { status: row.status },
  });
}

/** The record as far as it is what the submitter asked for. */
interface Asked {
  name: string;
  recipe: string;
  session_id?: string;
  priority?: number;
  timeout_ms?: number;
  ttl_ms?: number;
  max_attempts: number;
  backoff?: NonNullable<Spec['backoff']>;
  on_lost?: 'fail' | 'retry';
  kill_grace_ms: number;
  cleanup_delay_ms: number;
  keep_failed_ms?: number;
  keep_keyed_ms?: number;
  idempotency_key?: string;
  on_code_change?: NonNullable<Spec['on_code_change']>;
  source?: unknown;
  carried?: Carried;
}

function specOf({ id, record }: TaskRow): Spec {
  const asked: Asked = JSON.parse(record);
  return {
    name: asked.name,
    recipe: asked.recipe,
    session_id: asked.session_id ?? null,
    priority: asked.priority ?? 0,
    timeout_ms: asked.timeout_ms ?? null,
    ttl_ms: asked.ttl_ms ?? null,
    retries: asked.max_attempts - 1,
    backoff: asked.backoff ?? null,
    on_lost: asked.on_lost ?? null,
    kill_grace_ms: asked.kill_grace_ms,
    cleanup_delay_ms: asked.cleanup_delay_ms,
    keep_failed_ms: asked.keep_failed_ms ?? null,
    keep_keyed_ms: asked.keep_keyed_ms ?? null,
    idempotency_key: asked.idempotency_key ?? null,
    on_code_change: asked.on_code_change ?? null,
    retried_from: id,
    ...(asked.source === undefined ? {} : { source: asked.source }),
    ...carriedOf(asked.carried),
  };
}

/** No schedule has submitted it. */
function carriedOf({ trace, deliver }: Carried = {}): Pick<Spec, 'carried'> {
  const carried = { ...(trace === undefined ? {} : { trace }), ...(deliver === undefined ? {} : { deliver }) };
  return Object.keys(carried).length === 0 ? {} : { carried };
}

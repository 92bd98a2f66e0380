/** The environment of this process, as tasks are bound to it, and how its values get to a worker. */
import { ALL_OTHERS, pick } from '../../store/environment.ts';
import { storeKey } from '../../store/key.ts';
import { OneLook } from '../../store/turn.ts';
import type { Binding, NewTask, Wanted } from '../../store/types.ts';
import type { Soon } from '../../wire/soon.ts';
import {
  bindingOf,
  type HandedValue,
  handOver,
  type Lineage,
  othersOf,
  valuesOf,
} from '../../worker/environment/index.ts';
import type { VerbContext } from '../verb-context.ts';

/** What tasks that are submitted, repeated or answered here are bound to; null where they go by names. */
export async function ownBinding(context: VerbContext): Promise<Binding | null> {
  if (context.worker !== 'detached') return null;
  const { folder } = await context.store();
  const { env, cwd } = context;
  return bindings.ask(context, () => bindingOf({ env, folder: cwd, key: storeKey(folder) }));
}

/** A process' environment is slow to read: those who submit in one turn have one. */
const bindings = new OneLook<VerbContext, Binding>();

/** Binds new tasks of folders: to the environment of who submits them, who may be another task. */
export function bindTasks(context: VerbContext, tasks: NewTask[], lineage: Lineage | undefined): Soon<NewTask[]> {
  const areCode = tasks.every(({ code, sequel }) => code !== null && (sequel?.wake?.task.code ?? '') !== null);
  return areCode ? tasks : boundTasks(context, tasks, lineage);
}

async function boundTasks(context: VerbContext, tasks: NewTask[], lineage: Lineage | undefined): Promise<NewTask[]> {
  const binding = lineage === undefined ? await ownBinding(context) : await inherited(context, lineage);
  if (binding === null) return tasks;
  return tasks.map((task) => bound(task, binding));
}

/** Also the one that tells of its end. */
function bound(task: NewTask, binding: Binding): NewTask {
  const { code, sequel } = task;
  const wake = sequel?.wake;
  return {
    ...task,
    ...(code === null ? { binding: { ...binding, values: needed(binding, task) } } : {}),
    ...(wake === undefined ? {} : { sequel: { ...sequel, wake: { ...wake, task: bound(wake.task, binding) } } }),
  };
}

async function inherited(context: VerbContext, { environment, variables }: Lineage): Promise<Binding | null> {
  if (environment === null) return null;
  return { environment, values: valuesOf(variables, await keyOf(context)) };
}

function needed(binding: Binding, { needs, spec }: NewTask): Binding['values'] {
  const { inherit_env = false } = (spec.source ?? {}) as { inherit_env?: boolean };
  const names = [...needs, ...(inherit_env ? [ALL_OTHERS] : [])];
  const values = pick(binding, names);
  if (values === undefined) throw new Error(`a variable of ${names.join(', ')} was unset while the task was submitted`);
  return values;
}

/** Hands a worker what it lacks. False when this process has other values; throws when the worker does not take them. */
export async function give(context: VerbContext, { values, worker }: Wanted): Promise<boolean> {
  const own = await ownValues(context, values);
  if (own === undefined) return false;
  if (worker.socket === null) throw new Error('the worker is not there yet');
  await handOver(worker.socket, worker.id, own);
  return true;
}

async function ownValues(context: VerbContext, wanted: Wanted['values']): Promise<HandedValue[] | undefined> {
  const { env } = context;
  const has = valuesOf(env, await keyOf(context));
  const own = wanted.flatMap((one) => {
    const value = one.name === ALL_OTHERS ? othersOf(env) : env[one.name];
    const isSame = has.some(({ hash }) => hash === one.hash);
    return isSame && value !== undefined ? [{ ...one, value }] : [];
  });
  return own.length === wanted.length ? own : undefined;
}

/** It lies beside the store's file, so that is made first. */
async function keyOf(context: VerbContext): Promise<Uint8Array> {
  return storeKey((await context.store()).folder);
}

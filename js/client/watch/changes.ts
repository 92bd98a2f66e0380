/** Something may have happened: to the store, and to some tasks of it. Each look is one look at all of them, at one moment. */
import type { AbortSignal } from '../../wire/globals.ts';
import type { TaskJson } from '../../wire/task.ts';
import { Provider } from '../staff/provider.ts';
import type { VerbContext } from '../verb-context.ts';
import { glanceAll, glances } from '../verbs/read.ts';
import { Bell, DECIDE_EVERY, Decisions } from './bell.ts';

interface Watching {
  signal?: AbortSignal | undefined;
  /** No record goes meanwhile. Default false. */
  dropNothing?: boolean | undefined;
}

/** Something may have happened: at once, after every commit of any process, and once a second; ends with the signal. */
export async function* storeChanges(
  context: VerbContext,
  { signal, dropNothing = false }: Watching = {},
): AsyncGenerator<void, void, undefined> {
  while (!context.exists && !signal?.aborted) {
    yield;
    await rung(new Bell(NO_STORE, { signal }));
  }
  if (signal?.aborted) return;
  const bell = new Bell(await context.store(), { signal });
  try {
    for (const decisions = new Decisions(); ; ) {
      yield;
      if (signal?.aborted) return;
      await bell.rings(DECIDE_EVERY);
      if (decisions.isTime()) await context.due({ dropNothing });
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    bell.close();
  }
}

/** Watching makes none: it is looked for once a second. */
const NO_STORE = { watch: () => () => {} };

/** A second is over, or the signal is aborted. */
async function rung(bell: Bell): Promise<void> {
  await bell.rings(DECIDE_EVERY).catch(() => {});
  bell.close();
}

/** Their small facts whenever something may have happened; whoever waits for a worker is seen to. */
export async function* tasksAsTheyGo(
  context: VerbContext,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<TaskJson[], void, undefined> {
  if (signal?.aborted) return;
  await glances(context, ids); // before the store is opened: one that does not exist is not made
  const provider = new Provider(context);
  for await (const _ of storeChanges(context, { signal })) {
    const tasks = await glanceAll(context, ids);
    yield tasks;
    if (!signal?.aborted) await provider.provide(tasks);
  }
}

/** Something may have happened: to the store, or to some tasks of it. */
import type { ChangesOptions } from '../../ports/verbs.ts';
import type { Store } from '../../store/types.ts';
import type { AbortSignal } from '../../wire/globals.ts';
import { Provider } from '../staff/provider.ts';
import type { VerbContext } from '../verb-context.ts';
import { glanceAll, glances } from '../verbs/read.ts';
import { Bell, bellOf } from './bell.ts';
import { hubOf } from './hub.ts';

/** Something may have happened: at once, after every commit of any process, and once a second; ends with the signal. */
export async function* storeChanges(
  context: VerbContext,
  { signal, dropNothing = false }: ChangesOptions = {},
): AsyncGenerator<void, void, undefined> {
  while (!context.exists && !signal?.aborted) {
    yield;
    await unlessAborted(new Bell(() => () => {}, { signal }), context.lookEvery); // nobody tells when one is made
  }
  const hang = (store: Store, ring: () => void) => hubOf(context).committed(store, ring, { dropNothing });
  yield* moments(context, hang, signal);
}

/** At once, and whenever the bell rings. */
async function* moments(
  context: VerbContext,
  hang: (store: Store, ring: () => void) => () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<void, void, undefined> {
  if (signal?.aborted) return;
  const store = await context.store();
  const bell = new Bell((ring) => hang(store, ring), { signal });
  try {
    for (;;) {
      yield;
      if (signal?.aborted) return;
      await bell.rings();
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    bell.close();
  }
}

/** The bell has rung, the time is over, or the signal is aborted. */
async function unlessAborted(bell: Bell, within: number): Promise<void> {
  await bell.rings(within).catch(() => {});
  bell.close();
}

/**
 * Something may have happened to one of these tasks: at once, and then as above; whoever of them waits for a worker is seen to
 * once a second. Those that are left out meanwhile are looked at no more. `TaskNotFoundError` for one that is not there.
 */
export async function* tasksAsTheyGo(
  context: VerbContext,
  ids: ReadonlyMap<string, unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<void, void, undefined> {
  if (signal?.aborted) return;
  await glances(context, [...ids.keys()]); // before the store is opened: one that does not exist is not made
  const hub = hubOf(context);
  const hang = (store: Store, ring: () => void) => bellOf(ids.keys(), (id, one) => hub.told(store, id, one))(ring);
  const provider = new Provider(context);
  let provided = Number.NEGATIVE_INFINITY;
  for await (const _ of moments(context, hang, signal)) {
    yield;
    if (signal?.aborted || performance.now() - provided < context.lookEvery) continue;
    provided = performance.now();
    await provider.provide(await glanceAll(context, [...ids.keys()]));
  }
}

/** Stores with tasks that tell somebody, for the tests of who tells them. */
import { openStore, type Store } from '#offstage/store/index.js';
import type { NotifyOn } from '#offstage/wire/notification.js';
import { claim, enter, workerRow } from '../store/helpers.js';

/** Submits a task that tells these addresses, and has it run to its end. */
export async function ended(
  store: Store,
  to: readonly string[],
  on: readonly NotifyOn[] = ['completed'],
): Promise<string> {
  const deliver = { to: to.map((address) => ({ address, on })), typing: true };
  const { id } = await enter(store, { carried: { deliver: to } }, { sequel: { deliver } });
  const found = (await claim(store, 'w')).find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} was not started`);
  const { attempt, epoch } = found;
  await store.run('change', {
    changes: [{ id, command: { command: 'succeed', attempt, epoch }, payloads: { result: '"done"' } }],
  });
  return id;
}

/** A store with a worker `w`, by a clock that may be told. */
export async function told(path: string, now: () => number): Promise<Store> {
  const store = await openStore(path, { mount: 'direct', now });
  await store.run('register', { row: workerRow('w') });
  return store;
}

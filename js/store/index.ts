/** The durable home of tasks, the same operations however it is mounted: one SQLite file, or for a process alone its memory. */
import { dirname, resolve } from 'node:path';
import type { Backend } from '../ports/backend.ts';
import { MEMORY } from './address.ts';
import { Host } from './host.ts';
import { openSqlite } from './sqlite/open.ts';
import type { Store } from './types.ts';

export { LEASE, RENEW_EVERY } from './facts.ts';
export { locateStore } from './locate.ts';
export type * from './types.ts';

/** Where the store's code runs: in the calling thread (short processes) or in one of its own (apps and workers). */
export type Mount = 'direct' | 'thread';

/**
 * Opens the store, makes its file when there is none. `StoreError` when it cannot be used. A direct mount may be told
 * the time: tests have clocks of their own. `mono` is `now` where that alone is given. `lookEvery`: milliseconds between two
 * looks whether others have committed although they have not rung, 250 by default; a test may have none at all (`Infinity`).
 */
export async function openStore(
  path: string,
  options: { mount: Mount; now?: () => number; mono?: () => number; lookEvery?: number },
): Promise<Store> {
  const file = path === MEMORY ? MEMORY : resolve(path);
  const { mount, now, mono = now, lookEvery } = options;
  if (mount === 'direct') return storeOver(await openSqlite(file, { clock: now && mono && { now, mono }, lookEvery }));
  const { ThreadStore } = await import('./thread.ts');
  const store = new ThreadStore(file, folderOf(file), lookEvery);
  await store.run('counts', {}); // reports here that it cannot be opened
  return store;
}

/** Where what belongs to a store lies: beside its file. */
const folderOf = (place: string): string => (place === MEMORY ? MEMORY : dirname(place));

/** A store over whatever keeps it, mounted in this thread. */
export function storeOver(backend: Backend): Store {
  const host = new Host(backend);
  return {
    path: backend.place,
    folder: folderOf(backend.place),
    run: (op, args) => host.run(op, args),
    watch: (listener) => host.watch(listener),
    keepLease: (worker) => host.keepLease(worker),
    dropLease: (worker) => host.dropLease(worker),
    close: () => host.close(),
  };
}

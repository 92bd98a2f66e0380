/** Decides what nobody has to ask for, once what dead workers have left running has ended. */
import { atEndOfTurn } from '../store/turn.ts';
import type { DeadWorker, Reaped, Store } from '../store/types.ts';
import { killGroup } from './groups.ts';

/** All that is needed of a store. */
export type Asked = Pick<Store, 'run'>;

/** How much is decided. */
export interface DueOptions {
  /** Whose time is over is decided, and who is dead; no record goes: that is not for who only looks. */
  dropNothing?: boolean;
}

/** What was asked for in this turn of the event loop: it is answered at once. */
const asked = { all: new WeakMap<Asked, Promise<number>>(), kept: new WeakMap<Asked, Promise<number>>() };

/** Answers how much was decided. Processes are ended before the transaction that decides begins. */
export function due(store: Asked, { dropNothing = false }: DueOptions = {}): Promise<number> {
  const now = dropNothing ? asked.kept : asked.all;
  const known = now.get(store);
  if (known !== undefined) return known;
  const answer = decide(store, dropNothing);
  now.set(store, answer);
  atEndOfTurn(() => now.delete(store));
  return answer;
}

async function decide(store: Asked, dropNothing: boolean): Promise<number> {
  const { isDue, dead } = await store.run('overdue', { dropNothing });
  if (!isDue) return 0;
  return store.run('due', { reaped: await Promise.all(dead.map(reap)), dropNothing });
}

/** Ends what a dead worker has left. */
export async function reap({ worker, start_time, groups }: DeadWorker): Promise<Reaped> {
  const ended = await Promise.all(groups.map((group) => killGroup(group, worker)));
  return { worker, start_time, isEnded: ended.every(Boolean) };
}

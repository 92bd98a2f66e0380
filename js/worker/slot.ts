/** The slot of an attempt, lent while it awaits a child of its own. */
import type { Attempt as Key, Store } from '../store/types.ts';
import type { Clock } from './clock.ts';
import { Lending } from './lending.ts';
import { insist } from './trouble.ts';

interface SlotOptions {
  store: Store;
  clock: Clock;
  /** Told when the attempt awaits a child, and when none any more. */
  onAwaiting(lending: Lending, some: boolean): void;
  /** Something became free, or is wanted: look at the store. */
  wake(): void;
  onTrouble(error: unknown): void;
}

/** `key`: the execution as it is now. */
export function lendingOf(key: Readonly<Key>, { store, clock, onAwaiting, wake, onTrouble }: SlotOptions): Lending {
  const lending: Lending = new Lending({
    onAwaiting: (some) => onAwaiting(lending, some),
    lend: async () => {
      await insist(clock, () => store.run('lend', { attempt: { ...key } })).catch(onTrouble);
      wake();
    },
    reclaim: async () => {
      try {
        await insist(clock, () => store.run('reclaim', { attempt: { ...key } }));
      } catch (error) {
        onTrouble(error);
        lending.given();
      }
      wake();
    },
  });
  return lending;
}

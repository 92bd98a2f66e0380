/** What an attempt needs of its worker. */
import type { Claimed, Store } from '../store/types.ts';
import type { Soon } from '../wire/soon.ts';
import type { Clock } from './clock.ts';
import type { Countdowns } from './countdown.ts';
import type { Lending } from './lending.ts';
import type { Mask } from './mask/mask.ts';
import type { Family } from './types.ts';
import type { Work } from './work.ts';

/** What an attempt keeps out of the store, as it is whenever that is asked. */
export interface Hiding {
  readonly mask: Mask;
}

export interface AttemptOptions {
  worker: string;
  store: Store;
  clock: Clock;
  /** By which the timeouts of all attempts are counted. */
  countdowns: Countdowns;
  family: Family | undefined;
  /** Milliseconds, for records that do not say. */
  killGrace: number;
  /** What runs the code; throws when it may not be run, `NotBegunError` when it cannot be run here and now. */
  workOf(claimed: Claimed, hiding: Hiding): Soon<Work>;
  /** Takes turns with the claims of the worker. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  /** Told when the attempt awaits a child, and when none any more. */
  onAwaiting(lending: Lending, some: boolean): void;
  /** Whether another attempt of this worker awaits the task. */
  isAwaited(id: string): boolean;
  /** The awaited task has ended: who awaited it gets his slot back before anything starts. */
  reclaim(id: string): Promise<void>;
  /** Something became free, or is wanted: look at the store. */
  wake(): void;
  /** An attempt waits for a person from now on. */
  onAsking(): void;
  onTrouble(error: unknown): void;
}

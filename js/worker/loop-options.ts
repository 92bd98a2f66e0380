/** What the loop of a worker needs, and why it ends. */
import type { Store } from '../store/types.ts';
import type { AttemptOptions } from './attempt-options.ts';
import type { BatcherOptions } from './batcher.ts';
import type { Beside } from './beside.ts';
import type { ChildPool } from './children/pool.ts';
import type { Clock } from './clock.ts';
import type { Family, WorkerEvent } from './types.ts';

/** Milliseconds between two looks when nothing wakes the worker, and between two looks at what is due. */
export const SAFETY_NET = 1000;

export interface LoopOptions
  extends Pick<AttemptOptions, 'killGrace' | 'workOf'>,
    Pick<BatcherOptions, 'onOutcome' | 'mostTurns'> {
  store: Store;
  worker: string;
  clock: Clock;
  family: Family | undefined;
  /** Milliseconds without work after which the loop ends; `Infinity` for never. */
  idleAfter: number;
  /** Looks at what is held since its code has changed; answers whether there is something to claim now. */
  lookAtChanged(): Promise<boolean>;
  /** What else time makes due. */
  beside: Pick<Beside, 'look' | 'stays'>;
  /** Tasks that it does not claim for now. */
  leftAlone(): string[];
  /** The child processes that stand ready. */
  children: Pick<ChildPool, 'offer' | 'claimed' | 'giveBack'>;
  /** Others had removed this worker's row: puts it and its groups back. */
  registerAgain(): Promise<void>;
  /** Told whenever there is work where there was none, and none any more. */
  onBusy(busy: boolean): void;
  tell(event: WorkerEvent['event'], more?: Partial<WorkerEvent>): void;
  onTrouble(error: unknown): void;
}

/**
 * Why a loop ended. `replaced`: the package was, and its processes are of another version; `unable`: no child process can
 * be started; `lost`: the store, or the core.
 */
export type LoopEnd =
  | { because: 'idle' | 'stop' | 'replaced' }
  | { because: 'unable'; error: Error }
  | { because: 'lost'; error: unknown };

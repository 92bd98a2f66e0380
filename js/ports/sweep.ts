import type { AbortSignal } from '../wire/globals.ts';

/** What time makes due, whoever looks: the attempts of dead workers, expiries, what is to start or to go. */
export interface Sweep {
  /** Named where something is wrong with it. */
  readonly name: string;
  /** When there is something to do, ms since the epoch, as far as it is known now; null: nothing that is known. A look only. */
  nextAt(now: number): Promise<number | null>;
  /**
   * Does what is due and answers how much that was. What it has to prepare it prepares while nobody holds a lock, and looks
   * again when it commits: others may have been faster. The signal is aborted when whoever runs it ends.
   */
  run(now: number, signal?: AbortSignal): Promise<number>;
  /** Whether a worker that has nothing else to do is to stay for it. Default: not. */
  stays?(now: number): Promise<boolean>;
}

/** What is due, and what is held since its code has changed: looked at once a second, beside all else. */
import { due } from '../reap/due.ts';
import { type LoopOptions, SAFETY_NET } from './loop-options.ts';

export class DueSweep {
  readonly #options: Pick<LoopOptions, 'store' | 'clock' | 'beside' | 'lookAtChanged'>;
  readonly #onClaimable: () => void;
  readonly #onTrouble: (error: unknown) => void;
  #underWay: Promise<void> | undefined;
  #nextAt = Number.NEGATIVE_INFINITY;

  /** `onClaimable` is told when there is something to claim that was held before. */
  constructor(options: LoopOptions, onClaimable: () => void, onTrouble: (error: unknown) => void) {
    this.#options = options;
    this.#onClaimable = onClaimable;
    this.#onTrouble = onTrouble;
  }

  /** Resolves when that which is under way is over. */
  get settled(): Promise<void> {
    return this.#underWay ?? Promise.resolve();
  }

  /** Decides and looks, if a second is over; not waited for, since it may have to kill what a dead worker left. */
  begin(isStopping: boolean): void {
    const { store, clock, beside, lookAtChanged } = this.#options;
    if (clock.mono() < this.#nextAt) return;
    this.#nextAt = clock.mono() + SAFETY_NET;
    if (!isStopping) beside.look();
    if (this.#underWay !== undefined) return;
    this.#underWay = Promise.all([due(store), lookAtChanged()])
      .then(([, some]) => {
        if (some) this.#onClaimable();
      }, this.#onTrouble)
      .finally(() => {
        this.#underWay = undefined;
      });
  }
}

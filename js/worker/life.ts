/**
 * Where an attempt stands.
 *
 *     preparing ─▶ running ⇄ asking        its code: not yet, at work, waiting for a person
 *          ╲          │         ╱
 *           ╲───▶ told to end ◀╯           once; then it does not begin any more, and nothing that it asks is granted
 *                     │
 *                   ended                  once: the first end counts
 */
import type { Ending, Stop } from './conclude.ts';

export class Life {
  /** Resolves with how it ended; rejects where that cannot be known. */
  readonly ending: Promise<Ending>;
  #end!: (ending: Ending | Promise<never>) => void;
  /** What its code did last. */
  #phase: 'preparing' | 'running' | 'asking' = 'preparing';
  #stop: Stop | undefined;
  #hasEnded = false;

  constructor() {
    this.ending = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Neither told to end, nor ended. */
  get isOpen(): boolean {
    return this.#stop === undefined && !this.#hasEnded;
  }

  get hasBegun(): boolean {
    return this.#phase !== 'preparing';
  }

  /** It waits for a person, or to go on after an answer. */
  get isAsking(): boolean {
    return this.#phase === 'asking';
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Why it was told to end; undefined: it was not. */
  get stop(): Stop | undefined {
    return this.#stop;
  }

  /** False: it must not begin any more. */
  begin(): boolean {
    if (this.isOpen) this.#phase = 'running';
    return this.isOpen;
  }

  /** False: it has ended meanwhile. */
  ask(): boolean {
    if (!this.#hasEnded) this.#phase = 'asking';
    return !this.#hasEnded;
  }

  goOn(): void {
    this.#phase = 'running';
  }

  /** False when it was told before, or has ended. */
  tellToEnd(stop: Stop): boolean {
    const isFirst = this.isOpen;
    if (isFirst) this.#stop = stop;
    return isFirst;
  }

  /** False when it has ended before. */
  end(ending: Ending): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    this.#end(ending);
    return true;
  }

  /** It cannot go on, and nobody can say how it ended. */
  lose(error: unknown): void {
    this.#end(Promise.reject(error));
  }
}

import { clearHere, emptyScope, here, inUse, outside } from '#platform';
import type { Entry } from './entry.ts';

/** In which async context what is done for a runner is done, and user code is called. */
export class Scopes {
  /** Whether user code is called in the async context of its task. */
  readonly #keeps: boolean;
  /** What runs now is outside of everybody's async context. */
  isOutside = false;

  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  /** Does what is outside of everybody's async context already. */
  outside(act: () => void): void {
    const before = this.isOutside;
    this.isOutside = true;
    try {
      act();
    } finally {
      this.isOutside = before;
    }
  }

  /** Leaves whatever async context this is in, and does it. */
  leave(act: () => void): void {
    if (this.isOutside || !this.#keeps) act();
    else outside().runInAsyncScope(this.#outside, undefined, act);
  }

  readonly #outside = (act: () => void): void => this.outside(act);

  /**
   * Calls user code in the async context of the task's submit, or in one of its own: what it sets there is seen by no other
   * task. With one argument, as nearly every call has, there is no array of them to be made.
   */
  call<A, R>({ extra }: Entry, fn: (arg: A) => R, arg: A): R {
    if (!this.#keeps) return fn(arg);
    const before = this.isOutside;
    const scope = extra?.scope;
    if (scope === undefined && before && !inUse()) return this.#callHere(fn, arg);
    const own = scope !== undefined ? scope : before ? here() : emptyScope();
    this.isOutside = false;
    try {
      return own.runInAsyncScope(fn, undefined, arg);
    } finally {
      this.isOutside = before;
    }
  }

  /** There is nothing in any context, so it needs none of its own, unless it sets something. */
  #callHere<A, R>(fn: (arg: A) => R, arg: A): R {
    this.isOutside = false;
    try {
      return fn(arg);
    } finally {
      this.isOutside = true;
      if (inUse()) clearHere();
    }
  }
}

import { Asked } from '../wire/asked.ts';
import type { AbortSignal } from '../wire/globals.ts';
import { read } from '../wire/thrown.ts';
import type { Entry } from './entry.ts';

/** One run of a task's function. */
export class Execution {
  readonly entry: Entry;
  readonly attempt: number;
  /** One higher when it goes on after an answer. */
  epoch: number;
  /** What it returned or threw. */
  outcome: unknown = undefined;
  /** It has returned or thrown. */
  over = false;
  /** Why it was told to end. */
  reason: Error | undefined = undefined;
  /** How many waits for children of its own it has open. */
  awaiting = 0;
  /** Called when the lent slot is back. */
  restored: (() => void)[] | undefined = undefined;
  /** What its function has asked for; most ask for nothing. */
  asked: Asked | undefined = undefined;
  #controller: AbortController | undefined = undefined;

  constructor(entry: Entry, attempt: number, epoch: number) {
    this.entry = entry;
    this.attempt = attempt;
    this.epoch = epoch;
  }

  /** Made when the function asks for it: most never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.reason !== undefined) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  /** Gives a call on to the function, whose end waits for it; see `Asked.add`. */
  ask<T>(what: string, promise: Promise<T>, until?: Promise<unknown>): Promise<T> {
    this.asked ??= new Asked();
    if (this.reason !== undefined) this.asked.release();
    return this.asked.add(what, promise, until);
  }

  abort(reason: Error): void {
    this.reason = reason;
    this.asked?.release();
    this.#controller?.abort(reason);
  }

  /** After the abort, code that ends with the signal's reason, or an `AbortError`, did what it was told. */
  isOurAbort(thrown: unknown): boolean {
    const { reason } = this;
    if (reason === undefined) return false;
    return (
      thrown === reason ||
      isReasonOf(reason, thrown) ||
      read(thrown, 'name') === 'AbortError' ||
      read(thrown, 'cause') === reason
    );
  }
}

/** Code that listens to the submitter's own signal ends with that one's reason. */
function isReasonOf(reason: Error, thrown: unknown): boolean {
  return reason.cause !== undefined && thrown === reason.cause;
}

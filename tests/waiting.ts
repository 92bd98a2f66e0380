/**
 * Waiting in tests. Every wait has a bound of its own and says what it waited for; `js/waits.test.ts` refuses others. The
 * bound is no expectation of how fast something is: it is far beyond what a test needs beside busy loops.
 */
import { EventEmitter, once } from 'node:events';
import { inspect } from 'node:util';

/** In milliseconds. */
const PATIENCE = 60_000;
/** Between two looks, in milliseconds. */
const PAUSE = 5;

/** The real ones: a test may put others in their place. */
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;

export interface Bound {
  /** What is waited for. Default: the source of what looks. */
  what?: string;
  /** Milliseconds. Default: a minute. */
  patience?: number;
  /** Whether the wait keeps the process alive, as what is waited for may not. Default true. */
  hold?: boolean;
}

/** Looks again and again until the look gives something, and answers with that. Rejects with the last look otherwise. */
export async function until<T>(look: () => T | Promise<T>, bound: Bound = {}): Promise<NonNullable<T>> {
  const { what = String(look), patience = PATIENCE } = bound;
  const end = performance.now() + patience;
  const failure = new Error(); // here the stack still says who waits
  for (let last: T | undefined; ; await pause(PAUSE)) {
    const left = end - performance.now();
    if (left < 0) throw overdue(failure, patience, `${what}\nlast: ${inspect(last, { depth: 4 })}`);
    last = await within(look(), { what: `an answer of ${what}`, patience: Math.max(left, PAUSE) });
    if (last) return last;
  }
}

/** What the promise gives, if it does in time. */
export function within<T>(promise: T | PromiseLike<T>, bound: Bound): Promise<T> {
  const { what = 'a promise', patience = PATIENCE, hold = true } = bound;
  const failure = new Error();
  return new Promise((resolve, reject) => {
    const timer = startTimer(() => reject(overdue(failure, patience, what)), patience);
    if (!hold) timer.unref();
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => stopTimer(timer));
  });
}

/** The arguments of the next event of that name, if it comes in time. */
export function heard(emitter: EventEmitter | EventTarget, event: string, bound: Bound = {}): Promise<unknown[]> {
  const name = emitter.constructor.name;
  const next = emitter instanceof EventEmitter ? once(emitter, event) : once(emitter, event);
  return within(next as Promise<unknown[]>, { what: `'${event}' of ${name}`, ...bound });
}

/** Lets time pass, for what is about moments that nobody can name: a kill at random, a look now and then. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => void startTimer(resolve, ms));

function overdue(failure: Error, patience: number, what: string): Error {
  failure.message = `waited ${patience / 1000} s for ${what}`;
  failure.stack = `Error: ${failure.message}\n${failure.stack?.split('\n').slice(1).join('\n')}`;
  return failure;
}

import { ConflictError, invalid } from '../../errors/index.ts';
import { checkKey } from '../../wire/check.ts';
import { serialize } from '../../wire/serialize.ts';
import type { Call } from './calls.ts';

/** The steps of one run: each is run once in the life of the task, and what it gave is stored before anybody gets it. */
export class Steps {
  readonly #call: Call;
  readonly #signal: AbortSignal;
  readonly #runs = new Map<string, Promise<unknown>>();

  constructor(call: Call, signal: AbortSignal) {
    this.#call = call;
    this.#signal = signal;
  }

  /** Two calls of one key share one run. Its error is for those who share it: the next call runs it again. */
  step<T>(key: string, fn: () => T | PromiseLike<T>): Promise<T> {
    checkKey('step', key);
    if (typeof fn !== 'function') throw invalid('fn', fn, 'a function');
    const known = this.#runs.get(key);
    if (known !== undefined) return known as Promise<T>;
    const run = this.#perform(key, fn);
    this.#runs.set(key, run);
    run.catch(() => this.#runs.delete(key)); // nobody has to listen
    return run as Promise<T>;
  }

  async #perform(key: string, fn: () => unknown): Promise<unknown> {
    const stored = await this.#stored(key);
    if (stored !== undefined) return JSON.parse(stored);
    this.#signal.throwIfAborted();
    const data = serialize(await fn(), `the result of step '${key}'`);
    const { kept } = await this.#call('stepPut', { key, data });
    if (kept) return JSON.parse(data);
    // Not taken: it was stored before, by a run whose answer was lost, or this run does not hold the task any more.
    const first = await this.#stored(key);
    if (first === undefined) throw new ConflictError(`the result of step '${key}' was not taken: this run is over`);
    return JSON.parse(first);
  }

  async #stored(key: string): Promise<string | undefined> {
    const { found, data } = await this.#call('stepGet', { key });
    return found ? (data ?? 'null') : undefined;
  }
}

import type { Runner } from '../core/runner.ts';

/** Names that are remembered by number. */
const MOST = 256;

/** The names of tasks by number: a text crosses to the engine once, not with every task. */
export class Names {
  readonly #runner: Runner;
  readonly #numbers = new Map<string, number>();
  #lastName = '';
  #lastNumber = -1;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  numberOf(name: string): number {
    if (name !== this.#lastName) {
      this.#lastNumber = this.#find(name);
      this.#lastName = name;
    }
    return this.#lastNumber;
  }

  #find(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers.size < MOST ? this.#runner.name(name) : this.#rename(name);
    this.#numbers.set(name, number);
    return number;
  }

  /** Too many to remember: the last number is for whatever comes. */
  #rename(name: string): number {
    const last = MOST - 1;
    for (const [known, number] of this.#numbers) if (number === last) this.#numbers.delete(known);
    this.#runner.rename(last, name);
    return last;
  }
}

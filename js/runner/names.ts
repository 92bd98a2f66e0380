import type { Runner } from '../core/runner.ts';

/** Names that are remembered by number. */
const MOST = 256;

/** The names of tasks by number: a text crosses to the engine once, not with every task. */
export class Names {
  readonly #runner: Runner;
  readonly #numbers = new Map<string, number>();
  /** How many numbers the engine has a name for. */
  #told = 0;
  #lastName = '';
  #lastNumber = -1;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  numberOf(name: string): number {
    if (name !== this.#lastName) {
      this.#lastNumber = this.#numbers.get(name) ?? this.#add(name);
      this.#lastName = name;
    }
    return this.#lastNumber;
  }

  /** Where there are too many to remember, all numbers are for new names. */
  #add(name: string): number {
    if (this.#numbers.size === MOST) this.#numbers.clear();
    const number = this.#numbers.size;
    if (number < this.#told) this.#runner.rename(number, name);
    else this.#told = this.#runner.name(name) + 1;
    this.#numbers.set(name, number);
    return number;
  }
}

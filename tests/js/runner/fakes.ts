/**
 * Clocks and timers that a test puts in the place of the global ones, all that Jest and Vitest put there: time goes by when
 * the test says so. `tests/package/runtimes` has those of Jest and Vitest themselves.
 */

type Names = 'setTimeout' | 'clearTimeout' | 'setImmediate' | 'queueMicrotask' | 'Date' | 'performance';
export const ALL: readonly Names[] = [
  'setTimeout',
  'clearTimeout',
  'setImmediate',
  'queueMicrotask',
  'Date',
  'performance',
];

interface Armed {
  id: number;
  at: number;
  callback: () => void;
}

export class Fakes {
  #now: number;
  readonly #start: number;
  /** How far its `Date` was set apart from the time that went by. */
  #set = 0;
  #count = 0;
  readonly #armed = new Map<number, Armed>();
  readonly #kept = new Map<string, PropertyDescriptor>();

  /** `now`: what its `Date` says at first. */
  constructor(now = Date.now()) {
    this.#now = now;
    this.#start = now;
  }

  get timers(): number {
    return this.#armed.size;
  }

  install(names: readonly Names[] = ALL): void {
    const all: Record<Names, unknown> = {
      setTimeout: (callback: () => void, ms = 0) => this.#arm(callback, ms),
      clearTimeout: (timer: unknown) => void this.#armed.delete(Number(timer)),
      setImmediate: (callback: () => void) => this.#arm(callback, 0),
      queueMicrotask: (callback: () => void) => this.#arm(callback, 0),
      Date: this.#date(),
      performance: { now: () => this.#now - this.#start - this.#set },
    };
    for (const name of names) {
      this.#kept.set(name, Object.getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor);
      Object.defineProperty(globalThis, name, { value: all[name], configurable: true, writable: true });
    }
  }

  restore(): void {
    for (const [name, descriptor] of this.#kept) Object.defineProperty(globalThis, name, descriptor);
    this.#kept.clear();
  }

  /** Time goes by: timers ring in their order, promises settle in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await turn();
    for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) {
      this.#armed.delete(next.id);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await turn();
    }
    this.#now = until;
    await turn();
  }

  /** Its `Date` says something else; no timer is moved by that. */
  setDate(now: number): void {
    for (const armed of this.#armed.values()) armed.at += now - this.#now;
    this.#set += now - this.#now;
    this.#now = now;
  }

  /** All that is armed is forgotten. */
  clear(): void {
    this.#armed.clear();
  }

  #arm(callback: () => void, ms: number): object {
    this.#count += 1;
    const id = this.#count;
    this.#armed.set(id, { id, at: this.#now + Number(ms), callback });
    return { [Symbol.toPrimitive]: () => id, ref() {}, unref() {} };
  }

  #next(): Armed | undefined {
    return [...this.#armed.values()].sort((a, b) => a.at - b.at || a.id - b.id).at(0);
  }

  #date(): typeof Date {
    const now = (): number => this.#now;
    return class extends Date {
      constructor(...given: ConstructorParameters<typeof Date>) {
        if ((given as unknown[]).length === 0) super(now());
        else super(...given);
      }

      static override now(): number {
        return now();
      }
    } as typeof Date;
  }
}

const { setImmediate: atNextTurn } = globalThis;

/** The event loop goes round: everything that needs no time has happened. */
export const turn = (): Promise<void> => new Promise((resolve) => void atNextTurn(resolve));

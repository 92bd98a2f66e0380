/** The values that texts are filled from, as they stand at one step. */
import { lookUp, type Values } from './placeholders.ts';

export class Scope implements Values {
  readonly #values: Record<string, unknown>;

  /** A copy of what was given; nothing is inherited, so no name reaches a prototype. */
  constructor(values: Readonly<Record<string, unknown>> = {}) {
    this.#values = Object.assign(Object.create(null), values);
  }

  get(path: string): unknown {
    return lookUp(this.#values, path);
  }

  set(name: string, value: unknown): void {
    this.#values[name] = value;
  }

  /** A scope of its own that begins with the same values. */
  fork(more: Readonly<Record<string, unknown>> = {}): Scope {
    return new Scope({ ...this.#values, ...more });
  }

  /** Everything, for a scope that begins with it. */
  all(): Readonly<Record<string, unknown>> {
    return this.#values;
  }
}

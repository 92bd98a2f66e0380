/**
 * What one attempt keeps out of the store, and how its code gets it back.
 *
 * 1. A value that is handed to the code is kept out of all that the code says from then on.
 * 2. Code never gets a marker for a value: where there is none to be had, it is told which variable lacks.
 */
import { RecipeDependencyError } from '../errors/index.ts';
import { readable } from '../store/envelope.ts';
import { storeKey } from '../store/key.ts';
import type { Handed, NewTask, PayloadKind, PayloadRefs, Payloads } from '../store/types.ts';
import type { Secret } from './mask/forms.ts';
import { Mask, type Masked } from './mask/mask.ts';
import { restore, variablesOf } from './mask/refs.ts';

export interface SecretsOptions {
  /** The recipe, for errors. */
  recipe: string;
  /** The store's folder, where its key lies. */
  folder: string;
  /** Told what the log of the task should say. */
  note(line: string): void;
}

/** Of an attempt that has none, as most have none: it asks for no key. */
export const NO_MASK = new Mask([], () => {
  throw new Error('there is nothing to hide');
});

/** What the work of an attempt knows of values. */
export interface Values {
  /** Those that must not be stored. */
  readonly secrets: readonly Secret[];
  /** The value that a variable has for the task now. */
  valueOf(variable: string): string | undefined;
}

export class Secrets {
  readonly #options: SecretsOptions;
  #keyRead: Uint8Array | undefined;
  #mask = NO_MASK;
  #values: Values | undefined;

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  readonly #key = (): Uint8Array => {
    this.#keyRead ??= storeKey(this.#options.folder);
    return this.#keyRead;
  };

  get mask(): Mask {
    return this.#mask;
  }

  know(values: Values): void {
    this.#values = values;
    this.#hide(values.secrets);
    if (this.#mask.secrets.length > 0) this.#key(); // a key that cannot be read must not be found out at the end
  }

  /** What was stored as JSON text, as code gets it. `what` names it in the log. Throws `RecipeDependencyError`, `CodecError`. */
  whole(json: string, refs: string | null | undefined, what: string): string {
    const text = readable(json, what);
    if (refs == null) return text;
    const valueFor = (variable: string): string | undefined => this.#values?.valueOf(variable);
    const restored = restore(text, refs, valueFor, this.#key);
    if (restored.missing.length > 0) {
      throw new RecipeDependencyError(
        this.#options.recipe,
        restored.missing.map((variable) => `env ${variable}, of which ${what} has the value`),
      );
    }
    this.#hide(restored.secrets);
    for (const variable of restored.changed) {
      const line = `${variable} has another value than when ${what} was stored; the new one was put in`;
      this.#options.note(line);
    }
    return restored.json;
  }

  #hide(secrets: readonly Secret[]): void {
    if (secrets.length === 0) return;
    this.#mask = this.#mask === NO_MASK ? new Mask(secrets, this.#key) : this.#mask.with(secrets);
  }

  /** The same of payloads. */
  handed({ payloads, refs }: { payloads: Payloads; refs?: PayloadRefs }, of = 'the'): Payloads {
    if (refs === undefined || Object.keys(refs).length === 0) return payloads;
    const kinds = Object.entries(payloads) as [PayloadKind, string][];
    return Object.fromEntries(kinds.map(([kind, data]) => [kind, this.whole(data, refs?.[kind], `${of} ${kind}`)]));
  }

  /** A task that the code submits, as it is to be stored: only a worker that has the values can run it. */
  conceal(task: NewTask): NewTask {
    if (this.#mask.secrets.length === 0) return task;
    const mask = this.#mask;
    const { name, session_id: session, idempotency_key: key } = task.spec;
    const { payloads, refs } = maskedPayloads(task.payloads, mask);
    const given = [refs.input, refs.config].flatMap((one) => (one === undefined ? [] : variablesOf(one)));
    return {
      ...task,
      spec: {
        ...task.spec,
        name: mask.name(name),
        ...(session == null ? {} : { session_id: mask.name(session) }),
        ...(key == null ? {} : { idempotency_key: mask.name(key) }),
      },
      payloads,
      refs,
      needs: [...new Set([...task.needs, ...given])],
    };
  }
}

function maskedPayloads(payloads: Payloads, mask: Mask): Handed {
  const kinds = Object.entries(payloads) as [PayloadKind, string][];
  const masked = kinds.map(([kind, data]): [PayloadKind, Masked] => [kind, mask.json(data)]);
  return {
    payloads: Object.fromEntries(masked.map(([kind, { json }]) => [kind, json])),
    refs: Object.fromEntries(masked.flatMap(([kind, { refs }]) => (refs === null ? [] : [[kind, refs]]))),
  };
}

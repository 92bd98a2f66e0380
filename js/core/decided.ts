/** What the core says of a task: small JSON, and texts that are stored as they are behind it, each after a NUL, which JSON never holds. */
import { checkedCarried } from '../wire/carried.ts';
import { text } from './text.ts';
import type { CoreEvent, Decided, Spec } from './types.ts';

/** A task that starts with its submit; `created` is its record before that. */
export type Begun = Decided & { created: string };

/** Reads texts one after the other. */
export class Texts {
  readonly #texts: readonly string[];
  #at: number;

  constructor(texts: readonly string[], at = 0) {
    this.#texts = texts;
    this.#at = at;
  }

  next(): string {
    return this.#texts[this.#at++] as string; // the core gives as many as it says
  }
}

/** Completes what the JSON said. */
export function completed(small: Decided, texts: Texts): Decided {
  small.record = texts.next();
  for (const event of small.events as CoreEvent[]) event.data = texts.next();
  return small;
}

export function begun(small: Decided, texts: Texts): Begun {
  return Object.assign(completed(small, texts), { created: texts.next() });
}

export const specText = (spec: Spec): string =>
  text('spec', spec.carried == null ? spec : { ...spec, carried: checkedCarried(spec.carried) });

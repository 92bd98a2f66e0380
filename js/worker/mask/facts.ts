/** What an attempt says while it runs, as it may be stored: masked, and held back where a piece may be a part of a value. */
import type { Mask } from './mask.ts';
import { Objects } from './objects.ts';
import { Chunks, Lines } from './stream.ts';

/** A fact that may be stored. */
export type MaskedFact = { command: 'log'; line: string } | { command: 'output'; chunk: unknown };

export class MaskedFacts {
  readonly #mask: () => Mask;
  readonly #lines = new Lines();
  readonly #chunks = new Chunks();
  readonly #objects = new Objects();

  /** `mask`: that of now; an attempt learns of values while it runs. */
  constructor(mask: () => Mask) {
    this.#mask = mask;
  }

  /** What may be stored after this line was logged. */
  log(line: string): MaskedFact[] {
    const mask = this.#mask();
    const lines = mask.isEmpty ? [line] : this.#lines.add(mask, line);
    return lines.map(logged);
  }

  /**
   * What may be stored after `json` was put out. Texts that follow each other belong together, and so do
   * those at one place of objects; the one ends the other.
   */
  output(json: string): MaskedFact[] {
    const mask = this.#mask();
    const value: unknown = JSON.parse(json);
    if (mask.isEmpty) return [asOutput(value)];
    if (typeof value !== 'string') {
      return [...putOut(this.#chunks.flush(mask)), ...this.#objects.add(mask, value).map(asOutput)];
    }
    const before = this.#objects.flush(mask).map(asOutput);
    return [...before, ...(value === '' ? [asOutput(value)] : putOut(this.#chunks.add(mask, value)))];
  }

  /** What was held back: nothing follows, or not for long. */
  flush(): MaskedFact[] {
    const mask = this.#mask();
    const chunks = [...this.#objects.flush(mask).map(asOutput), ...putOut(this.#chunks.flush(mask))];
    return [...chunks, ...this.#lines.flush(mask).map(logged)];
  }
}

const logged = (line: string): MaskedFact => ({ command: 'log', line });

const asOutput = (chunk: unknown): MaskedFact => ({ command: 'output', chunk });

const putOut = (text: string): MaskedFact[] => (text === '' ? [] : [asOutput(text)]);

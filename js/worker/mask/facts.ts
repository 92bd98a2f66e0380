/** What an attempt says while it runs, as it may be stored: masked, and held back where a piece may be a part of a value. */
import type { Mask } from './mask.ts';
import { Chunks, Lines } from './stream.ts';

/** A fact that may be stored. */
export type MaskedFact = { command: 'log'; line: string } | { command: 'output'; chunk: unknown };

export class MaskedFacts {
  readonly #mask: () => Mask;
  readonly #lines = new Lines();
  readonly #chunks = new Chunks();

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

  /** What may be stored after `json` was put out. Texts that follow each other belong together; any other value ends them. */
  output(json: string): MaskedFact[] {
    const mask = this.#mask();
    const value: unknown = JSON.parse(json);
    if (mask.isEmpty) return [{ command: 'output', chunk: value }];
    if (typeof value === 'string') {
      return value === '' ? [{ command: 'output', chunk: value }] : putOut(this.#chunks.add(mask, value));
    }
    return [...putOut(this.#chunks.flush(mask)), { command: 'output', chunk: JSON.parse(mask.json(json).json) }];
  }

  /** What was held back: nothing follows, or not for long. */
  flush(): MaskedFact[] {
    const mask = this.#mask();
    return [...putOut(this.#chunks.flush(mask)), ...this.#lines.flush(mask).map(logged)];
  }
}

const logged = (line: string): MaskedFact => ({ command: 'log', line });

const putOut = (text: string): MaskedFact[] => (text === '' ? [] : [{ command: 'output', chunk: text }]);

/** What an attempt says while it runs, as it may be stored. */
import type { Mask } from './mask.ts';
import { Chunks, Lines } from './stream.ts';

/** What may be stored now; `bytes` is about what it takes. */
export interface FactsPort {
  mask(): Mask;
  log(line: string): void;
  output(chunk: unknown, bytes: number): void;
}

export class MaskedFacts {
  readonly #port: FactsPort;
  readonly #lines = new Lines();
  readonly #chunks = new Chunks();

  constructor(port: FactsPort) {
    this.#port = port;
  }

  log(line: string): void {
    const mask = this.#port.mask();
    const lines = mask.isEmpty ? [line] : this.#lines.add(mask, line);
    for (const told of lines) this.#port.log(told);
  }

  /** `chunk` is JSON text. Texts that follow each other belong together; anything else stands for itself. */
  output(chunk: string): void {
    const mask = this.#port.mask();
    const value: unknown = JSON.parse(chunk);
    if (mask.isEmpty) {
      this.#port.output(value, chunk.length);
    } else if (typeof value === 'string') {
      this.#text(this.#chunks.add(mask, value), value === '');
    } else {
      this.#text(this.#chunks.flush(mask));
      const { json } = mask.json(chunk);
      this.#port.output(JSON.parse(json), json.length);
    }
  }

  /** Tells what was held back: nothing follows, or not for long. */
  flush(): void {
    const mask = this.#port.mask();
    this.#text(this.#chunks.flush(mask));
    for (const line of this.#lines.flush(mask)) this.#port.log(line);
  }

  #text(text: string, always = false): void {
    if (text !== '' || always) this.#port.output(text, text.length);
  }
}

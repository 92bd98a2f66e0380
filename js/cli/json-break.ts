/**
 * Where a text stops being JSON, and what could go on there. `JSON.parse` says it in words that differ between versions of Node,
 * and names no place for some texts. Loaded only where a text is refused.
 */

/** `at` is an index into the text: everything before it could be the beginning of JSON. */
export interface Break {
  at: number;
  expected: string;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** What is next; `first` ones may be left out, by closing what has begun. */
type Next = 'value' | 'first value' | 'name' | 'first name' | 'colon' | 'more';

const EXPECTED: Record<Exclude<Next, 'more'>, string> = {
  value: 'a value',
  'first value': 'a value or ]',
  name: 'a name in double quotes',
  'first name': 'a name in double quotes or }',
  colon: ':',
};

const NOTHING = 'nothing more';

class Reader {
  at = 0;
  #next: Next = 'value';
  /** What closes the objects and lists that have begun. */
  readonly #closers: ('}' | ']')[] = [];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads on to where it breaks. */
  read(): Break {
    for (;;) {
      this.#takes(SPACE);
      const expected = this.#step(this.#text[this.at]);
      if (expected !== undefined) return { at: this.at, expected };
    }
  }

  /** Reads one sign, text or word; what was expected where that cannot be. */
  #step(sign: string | undefined): string | undefined {
    const next = this.#next;
    const closes = sign !== undefined && sign === this.#closers.at(-1);
    if (closes && (next === 'more' || next.startsWith('first'))) return this.#close();
    if (next === 'more') return this.#more(sign);
    if (next === 'colon') return sign === ':' ? this.#one('value') : EXPECTED.colon;
    if (sign === '"') return this.#string(next.endsWith('name') ? 'colon' : 'more');
    if (next.endsWith('name')) return EXPECTED[next];
    if (sign === '{' || sign === '[') return this.#open(sign);
    if (!this.#takes(SCALAR)) return EXPECTED[next];
    this.#next = 'more';
    return undefined;
  }

  #close(): undefined {
    this.#closers.pop();
    return this.#one('more');
  }

  #open(sign: '{' | '['): undefined {
    this.#closers.push(sign === '{' ? '}' : ']');
    return this.#one(sign === '{' ? 'first name' : 'first value');
  }

  #more(sign: string | undefined): string | undefined {
    const closer = this.#closers.at(-1);
    if (closer === undefined) return NOTHING;
    return sign === ',' ? this.#one(closer === '}' ? 'name' : 'value') : `, or ${closer}`;
  }

  /** One by one: of a text of megabytes a pattern would not come to its end. */
  #string(next: Next): string | undefined {
    this.at += 1;
    for (;;) {
      const sign = this.#text[this.at];
      if (sign === '"') return this.#one(next);
      if (sign === undefined) return 'the " that ends the text';
      if (sign < ' ') return 'an escape such as \\n in place of a control character';
      if (sign !== '\\') this.at += 1;
      else if (!this.#takes(ESCAPE)) return 'an escape such as \\n, \\" or \\u00e9';
    }
  }

  #one(next: Next): undefined {
    this.at += 1;
    this.#next = next;
  }

  #takes(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.#text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }
}

/** Of a text that is no JSON. */
export const breakOf = (text: string): Break => new Reader(text).read();

/** All of it is JSON up to there, and something follows. */
export const isBehindJson = ({ expected }: Break): boolean => expected === NOTHING;

/** In words: what was expected, and where. */
export function placed({ at, expected }: Break, text: string): string {
  const lines = text.slice(0, at).split('\n');
  const column = (lines.at(-1)?.length ?? 0) + 1;
  const place = text.includes('\n') ? `line ${lines.length}, column ${column}` : `character ${column}`;
  return `${expected} at ${place}${at === text.length ? ', where it ends' : ''}`;
}

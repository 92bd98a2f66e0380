/** Reads JSON text from its beginning, as far as is asked, to say where in it a place is. */

const BACKSLASH = 0x5c;

export class Place {
  readonly #json: string;
  /** The quote that was passed last, and whether it opened a string. */
  #quote = -1;
  #inString = false;
  #next: number;

  constructor(json: string) {
    this.#json = json;
    this.#next = json.indexOf('"');
  }

  /** Goes on to `at`, which never goes back. Answers where that is; undefined in the middle of an escape. */
  go(at: number): 'string' | 'outside' | undefined {
    while (this.#next < at && this.#next >= 0) this.#pass();
    if (!this.#inString) return 'outside';
    return this.#isEscaped(at) ? undefined : 'string';
  }

  /** Whether the string that it has come to is the key of an object. */
  isKey(): boolean {
    const json = this.#json;
    while (this.#inString && this.#isHalf(this.#next)) this.#next = json.indexOf('"', this.#next + 1);
    let after = this.#next + 1;
    while (after < json.length && WHITE.includes(json.charAt(after))) after += 1;
    return json.charAt(after) === ':';
  }

  /** Over the next quote; one in a string that belongs to an escape is none. */
  #pass(): void {
    if (!this.#inString || !this.#isHalf(this.#next)) {
      this.#inString = !this.#inString;
      this.#quote = this.#next;
    }
    this.#next = this.#json.indexOf('"', this.#next + 1);
  }

  /** Whether an escape that began before `at` goes on there. */
  #isEscaped(at: number): boolean {
    if (this.#isHalf(at)) return true;
    for (let u = at - 1; u > at - 5; u--) {
      if (this.#json.charAt(u) === 'u' && this.#isHalf(u)) return true;
    }
    return false;
  }

  /** Whether the backslash before `at` escapes what stands there. */
  #isHalf(at: number): boolean {
    let first = at;
    while (first - 1 > this.#quote && this.#json.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    return (at - first) % 2 === 1;
  }
}

const WHITE = ' \n\r\t';

/** Whether what stands from `at` to `end`, outside of strings, is a whole number and not a part of one. */
export function isWholeToken(json: string, at: number, end: number): boolean {
  return !PART.test(json.charAt(at - 1)) && !PART.test(json.charAt(end));
}

const PART = /[\w.+-]/;

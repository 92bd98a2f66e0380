/** The forms in which a value shows up in texts. A form has a name, by which another value is brought into it. */

/** Shorter values, lines and numbers would mask ordinary words. */
const SHORTEST = 8;

/** The value of a variable that is kept out of what is stored. */
export interface Secret {
  variable: string;
  value: string;
}

export interface Form {
  name: string;
  text: string;
}

/** Whether the value is long enough to be kept out. */
export const isHidden = ({ value }: Secret): boolean => value.length >= SHORTEST;

/** Every form of a value that differs from those before it. */
export function formsOf(value: string): Form[] {
  const named: [string, Make][] = [...WHOLE, ...linesOf(value).map((_, n): [string, Make] => [`line:${n}`, lineOf(n)])];
  const texts = new Map<string, string>();
  for (const [name, make] of named) {
    const text = make(value);
    if (text !== undefined && text.length >= SHORTEST && !texts.has(text)) texts.set(text, name);
  }
  return [...texts].map(([text, name]) => ({ name, text }));
}

/** The value in the form of that name; undefined when it has none, as a text that is no number. */
export function inForm(name: string, value: string): string | undefined {
  const make = name.startsWith('line:') ? lineOf(Number(name.slice(5))) : MAKERS.get(name);
  return make?.(value);
}

/** How JavaScript writes the number that a text is. */
export function numberText(value: string): string | undefined {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? String(number) : undefined;
}

/** A text as it stands inside a JSON string. */
export const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);

type Make = (value: string) => string | undefined;

/** Everything that is no ASCII as `\uXXXX`, as many other languages write JSON. */
const ascii = (text: string): string =>
  text.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const slashed = (text: string): string => text.replaceAll('/', '\\/');

const upperEscapes = (text: string): string =>
  text.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`);

/** As made for being put into HTML. */
const htmlSafe = (text: string): string =>
  text.replace(/[<>&'+]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Percent-encodes by `encode`; a text with half a surrogate pair cannot be. */
const percent =
  (encode: (value: string) => string): Make =>
  (value) =>
    value.isWellFormed() ? encode(value) : undefined;

/** RFC 3986 reserves five characters more than JavaScript does. */
const strict = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const asPath = (value: string): string => strict(value).replaceAll('%2F', '/');

const asField = (value: string): string => new URLSearchParams([['', value]]).toString().slice(1);

const lowerPercent = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());

/** The characters that depend on the value alone, when `before` bytes, or three times as many, stand before it. */
const within =
  (encoding: 'base64' | 'base64url', before: number): Make =>
  (value) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    return bytes.toString(encoding).slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
  };

const linesOf = (value: string): string[] => value.split(/\r\n|\r|\n/).map((line) => line.trim());

const lineOf =
  (n: number): Make =>
  (value) =>
    linesOf(value)[n];

const URL_FORMS: [string, Make][] = [
  ['url', percent(encodeURIComponent)],
  ['url-strict', percent(strict)],
  ['url-path', percent(asPath)],
  ['url-form', percent(asField)],
  ['uri', percent(encodeURI)],
];

const lowered = ([name, make]: [string, Make]): [string, Make] => [
  `${name}-lower`,
  (value) => {
    const text = make(value);
    return text === undefined ? undefined : lowerPercent(text);
  },
];

/** Those of the value as a whole; of two that are the same the first one counts. */
const WHOLE: [string, Make][] = [
  ['plain', (value) => value],
  ['digits', numberText],
  ['json', quoted],
  ['json-json', (value) => quoted(quoted(value))],
  ['json-slash', (value) => slashed(quoted(value))],
  ['json-ascii', (value) => ascii(quoted(value))],
  ['json-ascii-slash', (value) => slashed(ascii(quoted(value)))],
  ['json-ascii-upper', (value) => upperEscapes(ascii(quoted(value)))],
  ['json-html', (value) => htmlSafe(quoted(value))],
  ['json-html-ascii', (value) => htmlSafe(ascii(quoted(value)))],
  ['json-html-upper', (value) => upperEscapes(htmlSafe(ascii(quoted(value))))],
  ...URL_FORMS,
  ...URL_FORMS.map(lowered),
  ['hex', (value) => Buffer.from(value).toString('hex')],
  ['hex-upper', (value) => Buffer.from(value).toString('hex').toUpperCase()],
  ...(['base64', 'base64url'] as const).flatMap((encoding): [string, Make][] => [
    [encoding, (value) => Buffer.from(value).toString(encoding)],
    [`${encoding}-open`, (value) => Buffer.from(value).toString(encoding).replace(/=+$/, '')],
    [`${encoding}:0`, within(encoding, 0)],
    [`${encoding}:1`, within(encoding, 1)],
    [`${encoding}:2`, within(encoding, 2)],
  ]),
];

const MAKERS: ReadonlyMap<string, Make> = new Map(WHOLE);

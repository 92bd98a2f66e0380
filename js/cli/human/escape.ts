/**
 * Shows control characters instead of sending them to the terminal: a task's name or message must not move the cursor,
 * change colours or reverse the text. C0, DEL, C1, line and paragraph separators, and what steers text direction.
 */
export function escaped(text: string): string {
  return text.replace(STEERING, (char) => NAMED[char] ?? code(char.charCodeAt(0)));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const code = (n: number): string =>
  n < 256 ? `\\x${n.toString(16).padStart(2, '0')}` : `\\u${n.toString(16).padStart(4, '0')}`;

/** Whether the locale has it. The first variable that is set decides, as everywhere; where none is it is taken to: most have. */
export function isUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return locale === undefined || locale === '' || /utf-?8/i.test(locale);
}

/** Shows what is no ASCII by its code, for terminals that would show something else. */
export const ascii = (text: string): string =>
  text.replace(NO_ASCII, (char) => (char === '…' ? '...' : `\\u{${char.codePointAt(0)?.toString(16)}}`));

// biome-ignore lint/suspicious/noControlCharactersInRegex: line ends are left alone
const NO_ASCII = /[^\x00-\x7f]/gu;

/** A text of ours that may quote users, as this locale can show it. */
export const forLocale = (text: string, env: NodeJS.ProcessEnv): string => (isUtf8(env) ? text : ascii(text));

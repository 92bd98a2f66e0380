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

/**
 * `{{ path }}` in a text. One pass: what a value contains is never looked at again, so no input reaches another one.
 * A path leads by own properties only, so it reaches neither prototypes nor lengths.
 */

const PATH = '[A-Za-z_][\\w-]*(?:\\.[\\w-]+)*';
const DOUBLE = new RegExp(`\\{\\{\\s*(${PATH})\\s*\\}\\}`, 'g');
const WHOLE = new RegExp(`^${PATH}$`);

/** A value that placeholders are filled from. */
export interface Values {
  /** Undefined where nothing was ever set under that path. */
  get(path: string): unknown;
}

/** Tells whether a text is a path, without braces. */
export const isPath = (text: string): boolean => WHOLE.test(text);

/** The paths that a text names, each once, in order. */
export function pathsIn(text: string, single: readonly string[] = []): string[] {
  return [...new Set([...text.matchAll(patternOf(single))].map(([, double, one]) => double ?? one ?? ''))];
}

/** The name that a path begins with. */
export const headOf = (path: string): string => path.split('.')[0] ?? '';

/** Fills a text. `unset` is told of a path without a value, and gives what to throw. */
export function filled(text: string, values: Values, unset: (path: string) => Error, single: readonly string[] = []) {
  return text.replace(patternOf(single), (_all, double?: string, one?: string) => {
    const path = double ?? one ?? '';
    const value = values.get(path);
    if (value === undefined) throw unset(path);
    return textOf(value);
  });
}

/** A text as it is, anything else as JSON. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What a path leads to in a value; undefined where it leads nowhere. */
export function lookUp(value: unknown, path: string): unknown {
  let at = value;
  for (const part of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    if (Array.isArray(at) && !/^\d+$/.test(part)) return undefined; // a list has a length of its own
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

/** `{name}` counts only for the names that a file declares, and only where it says that it is written so. */
function patternOf(single: readonly string[]): RegExp {
  if (single.length === 0) return DOUBLE;
  return new RegExp(`${DOUBLE.source}|(?<!\\{)\\{(${single.join('|')})\\}(?!\\})`, 'g');
}

/** What is stored beside a masked text, and how code gets the text back. */
import { keyedHash } from '../../store/key.ts';
import { around, unnoted } from './base64.ts';
import { inForm, numberText, quoted, type Secret } from './forms.ts';

export const MARKER = '***';

/** The form of a number that stood in JSON as a number; its marker is a string. */
export const NUMBER = 'number';

/** Where a marker stands in the JSON text, how long it is, and what it stands for. */
export type Reference = [at: number, length: number, variable: string, form: string, skip?: number];

export interface Refs {
  /** For each variable a keyed hash of the value that was hidden. */
  values: Record<string, string>;
  /** In the order of the text. */
  places: Reference[];
}

/** A text with its values put in again. */
export interface Restored {
  json: string;
  /** Variables of which no value is to be had; then the text is not whole. */
  missing: string[];
  /** Variables that have another value now than when it was stored. */
  changed: string[];
  /** What was put in. */
  secrets: Secret[];
}

/** The variables whose values were left out. */
export const variablesOf = (refs: string): string[] => Object.keys((JSON.parse(refs) as Refs).values);

/** Tells two values apart, for who has the store's key only. */
export const valueHash = (key: Uint8Array, value: string): string => keyedHash(key, `value\n${value}`, 16);

/** Puts the values into a text as it was stored beside `refs`. */
export function restore(
  json: string,
  refs: string,
  valueFor: (variable: string) => string | undefined,
  key: () => Uint8Array,
): Restored {
  const { values, places } = JSON.parse(refs) as Refs;
  const secrets: Secret[] = [];
  const missing: string[] = [];
  for (const variable of Object.keys(values)) {
    const value = valueFor(variable);
    if (value === undefined) missing.push(variable);
    else secrets.push({ variable, value });
  }
  const changed = secrets.filter(({ variable, value }) => values[variable] !== valueHash(key(), value));
  const known = new Map(secrets.map(({ variable, value }) => [variable, value]));
  const isNew = new Set(changed.map(({ variable }) => variable));
  return {
    json: missing.length > 0 ? json : filled(json, places, known, isNew),
    missing,
    changed: [...isNew],
    secrets,
  };
}

function filled(
  json: string,
  places: readonly Reference[],
  known: ReadonlyMap<string, string>,
  isNew: ReadonlySet<string>,
): string {
  const parts: string[] = [];
  let last = 0;
  for (const [at, length, variable, form, skip = 0] of places) {
    const value = known.get(variable) ?? '';
    const wide = isNew.has(variable) && skip === 0 ? around(json, at, at + length, form, value) : undefined;
    const { before, text, after } = wide ?? {
      before: 0,
      text: textOf(form, value, skip, isNew.has(variable)),
      after: 0,
    };
    parts.push(json.slice(last, at - before), text);
    last = at + length + after;
  }
  parts.push(json.slice(last));
  return parts.join('');
}

const textOf = (form: string, value: string, skip: number, isNew: boolean): string =>
  form === NUMBER ? numberOf(value) : within(form, value, skip, isNew);

/** A new value that is no number stands there as the text that it is. */
const numberOf = (value: string): string => numberText(value) ?? JSON.stringify(value);

/** The rest of a form of which the beginning was hidden by another one has no place in a new value. */
function within(form: string, value: string, skip: number, isNew: boolean): string {
  if (skip > 0 && isNew) return '';
  return quoted(inForm(unnoted(form), value) ?? value).slice(skip);
}

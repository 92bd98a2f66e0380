/** How a person at a terminal answers: what is shown, and what becomes of a line that was typed. */
import type { Answer } from '../../wire/event.ts';
import type { InputRequestJson } from '../../wire/task.ts';
import { jsonOrText } from '../values.ts';

/** What a typed line means. */
export type Reading =
  | { answer: Answer }
  /** It stays open, and is not asked again here. */
  | { later: true }
  /** It is none, and why; the same is asked again. */
  | { problem: string };

/** The form of an answer, as far as the schema says. */
interface Form {
  /** What may be typed. */
  hint: string;
  /** Lines that explain it. */
  lines?: readonly string[];
  /** What is typed as content, or a no; undefined: it is neither. */
  read(text: string): { content: unknown } | { declined: true } | undefined;
}

const COMMANDS = '/decline, /cancel (the task), /later';

/** What may be typed, line by line. */
export function hintsOf({ schema }: Pick<InputRequestJson, 'schema'>): string[] {
  const { hint, lines = [] } = formOf(schema);
  const standard = defaultOf(schema);
  const empty =
    standard === undefined ? '' : `, nothing for ${typeof standard === 'string' ? standard : JSON.stringify(standard)}`;
  return [...lines, `${hint}${empty}; or ${COMMANDS}`];
}

/** Content that accepts it where nothing has to be said beside that; undefined: there is none. */
export const plainYes = (schema: unknown): string | undefined => (isPermission(schemaOf(schema)) ? '{}' : undefined);

/**
 * What `--accept TEXT` answers: JSON, else that text. Where a yes or no is asked for, `true`, `yes` and the like are meant as
 * they are where it is typed on the terminal: a yes with all that belongs to one, and a no declines what may be declined.
 */
export function acceptedAs(schema: unknown, text: string): Answer {
  const known = schemaOf(schema);
  const read = isPermission(known) || known.type === 'boolean' ? formOf(schema).read(text) : undefined;
  if (read !== undefined && 'declined' in read) return { action: 'decline' };
  return { action: 'accept', content: read === undefined ? jsonOrText(text) : read.content };
}

/** A line that begins with a slash is a command; with two it is the text behind the first. */
export function readAnswer({ schema }: Pick<InputRequestJson, 'schema'>, typed: string): Reading {
  const command = typed.trim();
  if (command === '/later') return { later: true };
  if (command === '/decline' || command === '/cancel')
    return { answer: { action: command === '/decline' ? 'decline' : 'cancel' } };
  if (/^\/\w*$/.test(command))
    return { problem: `no such command; there are ${COMMANDS}; a text with a slash is given with two` };
  if (typed.includes('\ufffd') || typed.includes('\0'))
    return { problem: 'what was typed is no text in UTF-8; set the terminal to that, or answer from elsewhere' };
  const text = typed.replace(/^\/\//, '/');
  if (text.trim() === '') {
    const standard = defaultOf(schema);
    return standard === undefined
      ? { problem: 'nothing was typed' }
      : { answer: { action: 'accept', content: standard } };
  }
  const form = formOf(schema);
  const read = form.read(text);
  if (read === undefined) return { problem: `expected ${form.hint}` };
  return { answer: 'declined' in read ? { action: 'decline' } : { action: 'accept', content: read.content } };
}

type Schema = Record<string, unknown>;

const schemaOf = (schema: unknown): Schema => (typeof schema === 'object' && schema !== null ? (schema as Schema) : {});

const defaultOf = (schema: unknown): unknown => schemaOf(schema).default;

function formOf(schema: unknown): Form {
  const known = schemaOf(schema);
  const choices = choicesOf(known);
  if (choices !== undefined) return choiceForm(choices);
  if (isPermission(known)) return permissionForm(known);
  switch (known.type) {
    case 'boolean':
      return { hint: 'y or n', read: (text) => yesOrNo(text.trim().toLowerCase()) };
    case 'number':
    case 'integer':
      return numberForm(known.type);
    case 'string':
      return { hint: 'a text', read: (text) => ({ content: text }) };
    case 'object':
      return { hint: `JSON${fieldsOf(known)}`, read: json };
    case 'array':
      return { hint: 'a JSON list', read: json };
    default:
      return { hint: 'JSON, or a text', read: (text) => json(text) ?? { content: text } };
  }
}

function yesOrNo(text: string): { content: boolean } | undefined {
  if (['y', 'yes', 'true'].includes(text)) return { content: true };
  return ['n', 'no', 'false'].includes(text) ? { content: false } : undefined;
}

/** Nothing has to be said beside a yes. */
const isPermission = ({ type }: Schema): boolean =>
  Array.isArray(type) && type.length === 2 && type.includes('object') && type.includes('null');

/** Yes or no, and behind a yes what else is so: `y remember`. */
function permissionForm({ properties }: Schema): Form {
  const flags = Object.entries(schemaOf(properties)).flatMap(([name, field]) =>
    schemaOf(field).type === 'boolean' ? [{ name, title: schemaOf(field).description }] : [],
  );
  return {
    hint: ['y or n', ...flags.map(({ name }) => `y ${name}`)].join(', or '),
    lines: flags.flatMap(({ name, title }) => (typeof title === 'string' ? [`y ${name}: ${title}`] : [])),
    read(text) {
      const [word = '', ...more] = text.trim().split(/\s+/);
      const said = yesOrNo(word.toLowerCase());
      if (said === undefined) return json(text);
      if (!said.content) return more.length === 0 ? { declined: true } : undefined;
      const isKnown = more.every((one) => flags.some(({ name }) => name === one));
      return isKnown ? { content: Object.fromEntries(more.map((name) => [name, true])) } : undefined;
    },
  };
}

function numberForm(type: 'number' | 'integer'): Form {
  return {
    hint: type === 'integer' ? 'a whole number' : 'a number',
    read(text) {
      const value = Number(text.trim());
      const fits = type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
      return fits ? { content: value } : undefined;
    },
  };
}

interface Choice {
  value: unknown;
  title: string;
}

/** `enum`, or a list of constants with titles. */
function choicesOf({ enum: values, oneOf, anyOf }: Schema): Choice[] | undefined {
  if (Array.isArray(values) && values.length > 0) return values.map((value) => ({ value, title: spelled(value) }));
  const some = oneOf ?? anyOf;
  if (!Array.isArray(some) || some.length === 0) return undefined;
  const all = some.map(schemaOf);
  if (!all.every((one) => 'const' in one)) return undefined;
  return all.map(({ const: value, title }) => ({ value, title: typeof title === 'string' ? title : spelled(value) }));
}

const spelled = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** By its text, or by its number in the list. */
function choiceForm(choices: readonly Choice[]): Form {
  return {
    hint: `1 to ${choices.length}, or the text`,
    lines: choices.map(({ title }, n) => `${n + 1}) ${title}`),
    read(typed) {
      const text = typed.trim();
      const byText = choices.find(({ value, title }) => spelled(value) === text || title === text);
      const found = byText ?? (/^\d+$/.test(text) ? choices[Number(text) - 1] : undefined);
      return found === undefined ? undefined : { content: found.value };
    },
  };
}

/** ` such as {"approved": true or false, "note": text}`: the names, and what belongs there. */
function fieldsOf({ properties, required }: Schema): string {
  const needed = Array.isArray(required) ? required : [];
  const fields = Object.entries(schemaOf(properties)).map(([name, field]) => {
    const { type, enum: values } = schemaOf(field);
    const what = Array.isArray(values)
      ? values.map((value) => JSON.stringify(value)).join(' | ')
      : (TYPES[String(type)] ?? 'any');
    return `${JSON.stringify(name)}${needed.includes(name) ? '' : '?'}: ${what}`;
  });
  return fields.length === 0 ? ': an object' : `: {${fields.join(', ')}}`;
}

const TYPES: Readonly<Record<string, string>> = {
  boolean: 'true | false',
  string: '"text"',
  integer: 'whole number',
  number: 'number',
};

function json(text: string): { content: unknown } | undefined {
  try {
    return { content: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

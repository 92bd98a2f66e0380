/** When a step runs: `{{p}}`, `not {{p}}`, or `{{p}}` compared with a value. Nothing is evaluated as code. */
import { lookUp, type Values } from './placeholders.ts';

export interface Condition {
  path: string;
  negated: boolean;
  /** Undefined: whether there is something. */
  compared: { by: Operator; with: string } | undefined;
}

const OPERATORS = ['==', '!=', '>=', '<=', '>', '<', 'contains'] as const;
type Operator = (typeof OPERATORS)[number];

/** What to say of a condition that is none. */
export const CONDITION_FORM = `{{name}}, not {{name}}, or {{name}} with one of ${OPERATORS.join(' ')} and a value`;

const FORM =
  /^\s*(not\s+)?\{\{\s*([A-Za-z_][\w-]*(?:\.[\w-]+)*)\s*\}\}(?:\s*(==|!=|>=|<=|>|<|contains)\s*(\S(?:.*\S)?))?\s*$/s;

/** Undefined for what is none. */
export function conditionOf(text: string): Condition | undefined {
  const found = FORM.exec(text);
  if (found === null) return undefined;
  const [, not, path = '', by, value = ''] = found;
  if (by !== undefined && not !== undefined) return undefined;
  return {
    path,
    negated: not !== undefined,
    compared: by === undefined ? undefined : { by: by as Operator, with: unquoted(value) },
  };
}

/** Whether it holds; a path without a value is nothing. */
export function holds({ path, negated, compared }: Condition, values: Values): boolean {
  const value = values.get(path);
  if (compared === undefined) return isSomething(value) !== negated;
  return compares(value, compared.by, compared.with);
}

const NOTHING = new Set(['', 'false', 'no', '0', 'null', 'none']);

function isSomething(value: unknown): boolean {
  if (typeof value === 'string') return !NOTHING.has(value.trim().toLowerCase());
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0;
}

function compares(value: unknown, by: Operator, other: string): boolean {
  if (by === 'contains') return contains(value, other);
  const [left, right] = [numberOf(value), numberOf(other)];
  if (left !== undefined && right !== undefined) return inOrder(left, by, right);
  return inOrder(asText(value), by, other);
}

function inOrder<T extends number | string>(left: T, by: Exclude<Operator, 'contains'>, right: T): boolean {
  switch (by) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
  }
}

function contains(value: unknown, other: string): boolean {
  if (Array.isArray(value)) return value.some((one) => asText(one) === other);
  if (typeof value === 'object' && value !== null) return lookUp(value, other) !== undefined;
  return asText(value).includes(other);
}

const asText = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function unquoted(text: string): string {
  const [first] = text;
  const isQuoted = text.length >= 2 && (first === '"' || first === "'") && text.endsWith(first);
  return isQuoted ? text.slice(1, -1) : text;
}

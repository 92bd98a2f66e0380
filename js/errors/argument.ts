import { TaskError } from './base.ts';

/** An option or value that cannot be used; the message names it, what was given and what was expected. */
export class InvalidArgumentError extends TaskError {
  override readonly name: string = 'InvalidArgumentError';
  constructor(message: string, details?: unknown) {
    super('invalid_argument', message, { details });
  }
}

/** Says that `option` got `value` where `expected` was expected. */
export function invalid(option: string, value: unknown, expected: string): InvalidArgumentError {
  return new InvalidArgumentError(`${option}: got ${shown(value)}, expected ${expected}`, { option, expected });
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cut(withoutPasswords(value)));
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return 'a function';
  return Array.isArray(value) ? 'an array' : `an ${typeof value}`;
}

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** A text in which addresses (`scheme://user:password@host`) have no password; a password may hold `@` and `/`. */
export function withoutPasswords(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s"'`]*@/gi, '$1:***@');
}

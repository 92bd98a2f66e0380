/** Errors of what lies below speak of options by their names in code; a user typed them otherwise. */
import { InvalidArgumentError } from '../errors/argument.ts';
import type { Options } from './command.ts';

/**
 * The error with the option as it is typed, when it begins with the name of one of the command's options. An id is most
 * often an argument, so it stays as it is.
 */
export function asTyped(error: unknown, options: Options): unknown {
  if (!(error instanceof InvalidArgumentError)) return error;
  const [, name = ''] = /^([a-z][A-Za-z_]*)(?=:)/.exec(error.message) ?? [];
  const option = name
    .replace(/_(ms|sec)$/, '')
    .replaceAll('_', '-')
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (name === '' || name === 'id' || !Object.hasOwn(options, option)) return error;
  const details = typeof error.details === 'object' && error.details !== null ? error.details : {};
  const message = `--${option}${error.message.slice(name.length)}`;
  return new InvalidArgumentError(message, { ...details, option: `--${option}` });
}

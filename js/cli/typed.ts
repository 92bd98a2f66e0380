/** What a user typed and what he is told to type: option names and whole commands, as he would spell them. */
import { delimiter, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { InvalidArgumentError } from '../errors/argument.ts';
import type { Options } from './command.ts';
import type { IO } from './io.ts';

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

/** A command as this user would type it: under npx with npx, by the path of the bin where its name alone is not found. */
export function commandLine(io: IO, store: string | undefined, group: string, words: readonly string[]): string {
  const named = store === undefined ? [] : ['--store', quoted(store)];
  return [...programOf(io, group), ...words.map(quoted), ...named].join(' ');
}

function programOf(io: IO, group: string): string[] {
  if (io.env.npm_lifecycle_event === 'npx') return ['npx', 'offstage', group];
  const own = io.program === 'background' && group === 'background';
  return own ? [binOf(io, 'background')] : [binOf(io, 'offstage'), group];
}

/** The bin's name; its path where it was called in a `node_modules/.bin` that is not on the `PATH`. */
function binOf({ script, env, cwd }: IO, name: string): string {
  const folder = script === undefined ? '' : dirname(script);
  if (!folder.endsWith(join('node_modules', '.bin')) || (env.PATH ?? '').split(delimiter).includes(folder)) return name;
  const path = relative(cwd, join(folder, name));
  return quoted(isAbsolute(path) || path.startsWith('..') ? join(folder, name) : `.${sep}${path}`);
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

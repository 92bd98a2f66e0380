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
  const known = [option, option.replace(/s$/, '')].find((one) => Object.hasOwn(options, one));
  if (name === '' || name === 'id' || known === undefined) return error;
  const details = typeof error.details === 'object' && error.details !== null ? error.details : {};
  const message = `--${known}${error.message.slice(name.length)}`;
  return new InvalidArgumentError(message, { ...details, option: `--${known}` });
}

/** A command as this user would type it: by what brought him here, by the path of the bin where its name alone is not found. */
export function commandLine(io: IO, store: string | undefined, group: string, words: readonly string[]): string {
  const named = store === undefined ? [] : ['--store', quoted(store)];
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const behind = end < words.length ? [...dashes(io), ...words.slice(end + 1).map(quoted)] : [];
  return [...programOf(io, group), ...words.slice(0, end).map(quoted), ...named, ...behind].join(' ');
}

/** What stands before a program: the first Yarn keeps one for itself. */
export const dashes = (io: IO): string[] =>
  managerOf(io) === MANAGERS.yarn && /^yarn\/1\./.test(io.env.npm_config_user_agent ?? '') ? ['--', '--'] : ['--'];

/** The words of a command as they are called here, for a usage line: `npx offstage background submit`. */
export const calledAs = (io: IO, [group, ...words]: readonly string[]): string =>
  [...programOf(io, group), ...words].join(' ');

/** A text with the commands in it spelled as this user calls us; it has them as `offstage <group or command> …`. */
export const asCalled = (io: IO, text: string): string =>
  text
    .replace(
      /\boffstage (background|recipe|schedule|notify|service|store|doctor|config|completion)\b/g,
      (_, group: string) => programOf(io, group).join(' '),
    )
    .replace(/ -- (?=\w)/, ` ${dashes(io).join(' ')} `);

/**
 * What this user types before the verb. The package's own name is never left out where a package manager looks it up: the
 * one called `background` there is somebody else's.
 */
function programOf(io: IO, group?: string): string[] {
  const rest = group === undefined ? [] : [group];
  const manager = managerOf(io);
  if (manager !== undefined) return [...manager, 'offstage', ...rest];
  const own = io.program === 'background' && group === 'background';
  return own ? [binOf(io, 'background')] : [binOf(io, 'offstage'), ...rest];
}

const MANAGERS: Readonly<Record<string, string[]>> = {
  npm: ['npx'],
  pnpm: ['pnpm', 'exec'],
  yarn: ['yarn'],
  bun: ['bunx'],
};

/** What brought a bin that is installed in a project, as its package manager says; undefined where none did. */
function managerOf({ env, script = '' }: IO): string[] | undefined {
  if (env.npm_lifecycle_event === 'npx') return MANAGERS.npm;
  if (!/[\\/](node_modules|\.yarn)[\\/]/.test(script)) return undefined;
  const [name = ''] = (env.npm_config_user_agent ?? '').split('/');
  return Object.hasOwn(MANAGERS, name) ? MANAGERS[name] : undefined;
}

/** The bin's name; its path where it was called in a `node_modules/.bin` that is not on the `PATH`. */
function binOf({ script, env, cwd }: IO, name: string): string {
  const folder = script === undefined ? '' : dirname(script);
  if (!folder.endsWith(join('node_modules', '.bin')) || (env.PATH ?? '').split(delimiter).includes(folder)) return name;
  const path = relative(cwd, join(folder, name));
  return quoted(isAbsolute(path) || path.startsWith('..') ? join(folder, name) : `.${sep}${path}`);
}

/** A word as a shell takes it for one. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

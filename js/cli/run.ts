/** Finds the command, parses its flags, runs it and turns every end into output and an exit code. */

import type { ClientOptions, Verbs } from '../client/index.ts';
import { InvalidArgumentError, invalid } from '../errors/argument.ts';
import { type Call, type Command, type Flags, GLOBALS, type Options } from './command.ts';
import { COMMANDS, type Entry, find, GROUPS, type Group } from './groups.ts';
import { escaped } from './human/escape.ts';
import type { IO } from './io.ts';
import { firstWord, parse, wantsJson } from './parse.ts';
import { asTyped, commandLine } from './typed.ts';

/** Runs one command line to its end; resolves with the exit code and never rejects. */
export async function run(io: IO, argv: readonly string[]): Promise<number> {
  const heard: Heard = { path: [], store: undefined };
  try {
    return await dispatch(io, argv, heard);
  } catch (error) {
    const loaded = await import('./report.ts').catch(() => undefined);
    if (loaded === undefined) throw error; // the package was replaced while the command ran
    return loaded.report(io, error, { json: wantsJson(argv), quiet: argv.includes('--quiet'), ...heard });
  }
}

/** What was understood of the command line, for the hints under an error. */
interface Heard {
  /** The command's words; grows with them. */
  path: string[];
  store: string | undefined;
}

async function dispatch(io: IO, argv: readonly string[], heard: Heard): Promise<number> {
  const { path } = heard;
  const [word, afterGroup] = await takeWord(argv);
  if (word === undefined) return aboutAll(io, argv);
  const alone = find(COMMANDS, word);
  if (alone !== undefined) {
    path.push(alone.name);
    return call(io, (await alone.entry.load()).command, heard, afterGroup);
  }
  const group = find(GROUPS, word) ?? (await unknownCommand(word, { ...GROUPS, ...COMMANDS }));
  path.push(group.name);
  const [verb, rest] = await takeWord(afterGroup);
  if (verb === undefined) return aboutGroup(io, afterGroup, group.name, group.entry);
  const found =
    find<Entry>(group.entry.commands, verb) ?? (await unknownCommand(verb, group.entry.commands, group.name));
  path.push(found.name);
  return call(io, (await found.entry.load()).command, heard, rest);
}

/** The first word and what is left without it. */
async function takeWord(argv: readonly string[]): Promise<[string | undefined, readonly string[]]> {
  const at = await firstWord(argv, GLOBALS);
  return at < 0 ? [undefined, argv] : [argv[at], [...argv.slice(0, at), ...argv.slice(at + 1)]];
}

async function call(io: IO, command: Command, heard: Heard, argv: readonly string[]): Promise<number> {
  const { path } = heard;
  const options: Options = { ...command.options, ...GLOBALS };
  const { flags, args } = await parse(argv, options);
  const globals = flags as unknown as Flags<typeof GLOBALS>;
  if (globals.version) return version(io, globals.json);
  if (globals.help) return help(io, globals.json, ({ commandHelp }) => commandHelp(path, command));
  checkArgs(command, args, path);
  heard.store = globals.store;
  if (globals.store === '') throw invalid('--store', '', 'a path');
  const opened: Verbs[] = [];
  try {
    return (await command.run(makeCall(io, flags, globals, args, opened))) ?? 0;
  } catch (error) {
    throw asTyped(error, options);
  } finally {
    for (const verbs of opened) await verbs.close();
  }
}

function checkArgs({ args: { min, max }, usage }: Command, args: readonly string[], path: readonly string[]): void {
  const extra = args[max];
  const shown = `offstage ${path.join(' ')}${usage === '' ? '' : ` ${usage}`}`;
  if (extra !== undefined)
    throw new InvalidArgumentError(`unexpected argument ${JSON.stringify(extra)}; usage: ${shown}`);
  if (args.length < min) throw new InvalidArgumentError(`an argument is missing; usage: ${shown}`);
}

function makeCall(
  io: IO,
  flags: Flags<Options>,
  globals: Flags<typeof GLOBALS>,
  args: readonly string[],
  opened: Verbs[],
): Call {
  const warnings: string[] = [];
  const place: ClientOptions = {
    cwd: io.cwd,
    env: io.env,
    mount: 'direct',
    onWarning(text) {
      warnings.push(text);
      io.stderr.write(withLineEnd(`warning: ${text.split('\n').map(escaped).join('\n')}`)); // also with --quiet and --json
    },
    ...(globals.store === undefined ? {} : { store: globals.store }),
  };
  return {
    io,
    flags,
    globals,
    args,
    async verbs(options) {
      const verbs = await io.openVerbs({ ...place, ...options });
      opened.push(verbs);
      return verbs;
    },
    recipes: () => io.openRecipes(place),
    examine: () => io.examine(place),
    answer(document, text) {
      const told = warnings.splice(0); // of an answer in several lines the next one tells
      const whole = told.length === 0 ? document : { ...document, warnings: told };
      io.stdout.write(withLineEnd(globals.json ? JSON.stringify(whole) : text));
    },
    tell(text) {
      if (!globals.quiet && !globals.json) io.stderr.write(withLineEnd(text));
    },
    typed: (...words) => commandLine(io, globals.store, 'background', words),
    typedOf: (group, ...words) => commandLine(io, globals.store, group, words),
  };
}

const withLineEnd = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

async function aboutAll(io: IO, argv: readonly string[]): Promise<number> {
  const { flags } = await parse(argv, GLOBALS);
  if (flags.version) return version(io, flags.json);
  if (flags.help) return help(io, flags.json, ({ rootHelp }) => rootHelp());
  throw new InvalidArgumentError(
    `no command given, expected one of ${Object.keys({ ...GROUPS, ...COMMANDS }).join(', ')}`,
  );
}

async function aboutGroup(io: IO, argv: readonly string[], name: string, group: Group): Promise<number> {
  const { flags } = await parse(argv, GLOBALS);
  if (flags.version) return version(io, flags.json);
  if (flags.help) return help(io, flags.json, ({ groupHelp }) => groupHelp(name, group));
  throw new InvalidArgumentError(
    `no command given after ${name}, expected one of ${Object.keys(group.commands).join(', ')}`,
  );
}

async function unknownCommand(
  word: string,
  table: Readonly<Record<string, { aliases?: readonly string[] | undefined }>>,
  group?: string,
): Promise<never> {
  const { suggestion } = await import('./suggest.ts');
  const known = Object.entries(table).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
  const shown = JSON.stringify(group === undefined ? word : `${group} ${word}`);
  const hint = suggestion(word, known) || `; known are ${Object.keys(table).join(', ')}`;
  throw new InvalidArgumentError(`unknown command ${shown}${hint}`);
}

async function help(io: IO, json: boolean, make: (module: typeof import('./help.ts')) => string): Promise<number> {
  const text = make(await import('./help.ts'));
  io.stdout.write(withLineEnd(json ? JSON.stringify({ ok: true, help: text }) : text));
  return 0;
}

async function version(io: IO, json: boolean): Promise<number> {
  const { packageVersion } = await import('../client/version.ts');
  const text = packageVersion();
  io.stdout.write(withLineEnd(json ? JSON.stringify({ ok: true, version: text }) : text));
  return 0;
}

/** Finds the command, parses its flags, runs it and turns every end into output and an exit code. */

import type { ClientOptions, Verbs } from '../client/index.ts';
import { invalid } from '../errors/argument.ts';
import { type Call, type Command, type Entry, type Flags, find, GLOBALS, type Group, type Options } from './command.ts';
import { COMMANDS, CONTENTS, GROUPS } from './groups.ts';
import { escaped, forLocale } from './human/escape.ts';
import type { IO } from './io.ts';
import { firstWord, own, type Parsed, parse, wantsJson } from './parse.ts';
import { asTyped, commandLine } from './typed.ts';

/** Runs one command line to its end; resolves with the exit code and never rejects. */
export async function run(io: IO, argv: readonly string[]): Promise<number> {
  const heard: Heard = { path: [], store: undefined };
  try {
    return await dispatch(io, argv, heard);
  } catch (error) {
    const loaded = await import('./report.ts').catch(() => undefined);
    if (loaded === undefined) throw error; // the package was replaced while the command ran
    return loaded.report(io, error, { json: wantsJson(argv), quiet: own(argv).includes('--quiet'), ...heard });
  }
}

/** What was understood of the command line, for the hints under an error. */
interface Heard {
  /** The command's words; grows with them. */
  path: string[];
  store: string | undefined;
}

async function dispatch(io: IO, argv: readonly string[], heard: Heard): Promise<number> {
  const [word, afterGroup] = await takeWord(io, argv);
  if (word === undefined) return aboutAll(io, argv);
  if (word === HELP) return dispatch(io, ['--help', ...afterGroup], heard);
  const alone = find(COMMANDS, word);
  if (alone !== undefined) return callEntry(io, alone, heard, afterGroup);
  const group = find(GROUPS, word) ?? (await unknownCommand(io, word, afterGroup));
  heard.path.push(group.name);
  return dispatchIn(io, group, heard, afterGroup);
}

async function dispatchIn(
  io: IO,
  group: { name: string; entry: Group },
  heard: Heard,
  argv: readonly string[],
): Promise<number> {
  const [verb, rest] = await takeWord(io, argv, group.name);
  if (verb === undefined) return aboutGroup(io, argv, group.name, group.entry);
  if (verb === HELP) return dispatchIn(io, group, heard, ['--help', ...rest]);
  const found = find<Entry>(group.entry.commands, verb) ?? aloneIn(io, group.name, verb);
  return callEntry(io, found ?? (await unknownCommand(io, verb, rest, group.name)), heard, rest);
}

/** `help` before a command's words is `--help` behind them. */
const HELP = 'help';

/** Commands that stand for themselves are there for the bin of one group, too. */
const aloneIn = (io: IO, group: string, word: string) => (io.program === group ? find(COMMANDS, word) : undefined);

/** The first word and what is left without it. */
async function takeWord(
  io: IO,
  argv: readonly string[],
  group?: string,
): Promise<[string | undefined, readonly string[]]> {
  const at = await firstWord(argv, GLOBALS).catch(async (error) => {
    throw (await import('./wrong.ts')).withVerb(io, error, group);
  });
  return at < 0 ? [undefined, argv] : [argv[at], [...argv.slice(0, at), ...argv.slice(at + 1)]];
}

async function callEntry(
  io: IO,
  { name, entry }: { name: string; entry: Entry },
  heard: Heard,
  argv: readonly string[],
): Promise<number> {
  heard.path.push(name);
  return call(io, (await entry.load()).command, heard, argv);
}

async function call(io: IO, command: Command, heard: Heard, argv: readonly string[]): Promise<number> {
  const { path } = heard;
  const options: Options = { ...command.options, ...GLOBALS };
  const parsed = await parse(argv, options).catch(async (error) => {
    throw await (await import('./wrong.ts')).withProgramHint(io, error, { path, command, argv });
  });
  const globals = parsed.flags as unknown as Flags<typeof GLOBALS>;
  if (globals.version) return version(io, globals.json);
  if (globals.help) return help(io, globals.json, ({ commandHelp }) => commandHelp(io, path, command));
  const words = wordsOf(command, parsed);
  const { min, max } = command.args;
  if (words.args.length < min || words.args.length > max) {
    throw (await import('./wrong.ts')).wrongArguments(io, command, { path, ...words, flags: parsed.flags });
  }
  heard.store = globals.store;
  if (globals.store === '') throw invalid('--store', '', 'a path');
  const opened: Verbs[] = [];
  try {
    return (await command.run(makeCall(io, { flags: parsed.flags, globals, ...words }, opened))) ?? 0;
  } catch (error) {
    throw asTyped(error, options);
  } finally {
    for (const verbs of opened) await verbs.close();
  }
}

type Words = Pick<Call, 'args' | 'program'>;

const wordsOf = ({ takesProgram }: Command, { args, behind }: Parsed<Options>): Words =>
  takesProgram ? { args, program: behind } : { args: [...args, ...(behind ?? [])], program: undefined };

function makeCall(io: IO, given: Pick<Call, 'flags' | 'globals'> & Words, opened: Verbs[]): Call {
  const { globals } = given;
  const warnings: string[] = [];
  const place: ClientOptions = {
    cwd: io.cwd,
    env: io.env,
    mount: 'direct',
    onWarning(text) {
      warnings.push(text);
      io.stderr.write(withLineEnd(`warning: ${forLocale(text.split('\n').map(escaped).join('\n'), io.env)}`)); // also with --quiet and --json
    },
    ...(globals.store === undefined ? {} : { store: globals.store }),
  };
  const open = async (options?: ClientOptions): Promise<Verbs> => {
    const verbs = await io.openVerbs({ ...place, ...options });
    opened.push(verbs);
    return verbs;
  };
  return {
    io,
    contents: CONTENTS,
    ...given,
    verbs: open,
    local: () => open(),
    recipes: () => io.openRecipes(place),
    examine: () => io.examine(place),
    settings: () => io.settingsOf(place),
    services: () => io.servicesOf(place),
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

/** Who calls us without a command wants to know which there are. */
async function aboutAll(io: IO, argv: readonly string[]): Promise<number> {
  const { flags } = await parse(argv, GLOBALS);
  if (flags.version) return version(io, flags.json);
  return help(io, flags.json, ({ rootHelp }) => rootHelp(io));
}

async function aboutGroup(io: IO, argv: readonly string[], name: string, group: Group): Promise<number> {
  const { flags } = await parse(argv, GLOBALS);
  if (flags.version) return version(io, flags.json);
  return help(io, flags.json, ({ groupHelp }) => groupHelp(io, name, group));
}

async function unknownCommand(io: IO, word: string, rest: readonly string[], group?: string): Promise<never> {
  throw (await import('./wrong.ts')).unknownCommand(io, { word, rest, group });
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

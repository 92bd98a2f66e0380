/** What somebody is told who got a command line wrong: what to type instead. Loaded only then. */
import { InvalidArgumentError } from '../errors/argument.ts';
import { nearestOf } from '../wire/nearest.ts';
import type { Call, Command } from './command.ts';
import { find } from './command.ts';
import { COMMANDS, GROUPS } from './groups.ts';
import { usageLines } from './help.ts';
import type { IO } from './io.ts';
import { calledAs, dashes, quoted } from './typed.ts';

/** A command by its words: its group and verb, or the one word of what stands for itself. */
type Path = readonly string[];

/** What others call our verbs; of several the first that we have. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  ...said(['ls', 'ps', 'jobs', 'tasks', 'queue'], 'list'),
  ...said(['show', 'get', 'inspect', 'describe', 'view'], 'status'),
  ...said(['start', 'add', 'new', 'enqueue', 'exec', 'push', 'spawn'], 'submit'),
  ...said(['kill', 'stop', 'abort', 'terminate'], 'cancel'),
  ...said(['rm', 'remove', 'delete', 'del', 'prune', 'clean', 'purge'], 'clear'),
  ...said(['log', 'tail', 'follow'], 'logs', 'events'),
  ...said(['output', 'out'], 'result'),
  ...said(['answer', 'reply', 'approve'], 'respond'),
  ...said(['rerun', 'restart', 'again'], 'retry'),
  ...said(['work', 'serve', 'daemon', 'workers'], 'worker'),
};

/** The same of one group alone. */
const SYNONYMS_IN: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  recipe: {
    ...said(['new', 'create', 'add', 'make'], 'init'),
    ...said(['show', 'get', 'describe'], 'info'),
    ...said(['check', 'test', 'lint'], 'validate'),
    ...said(['start', 'exec'], 'run'),
  },
  store: { ...said(['fsck', 'verify'], 'check'), ...said(['copy', 'dump'], 'backup'), ...said(['upgrade'], 'migrate') },
};

function said(words: readonly string[], ...verbs: string[]): Record<string, readonly string[]> {
  return Object.fromEntries(words.map((word) => [word, verbs]));
}

/** The error for a word that is no command, with the commands that may have been meant and what was typed behind it. */
export function unknownCommand(
  io: IO,
  { word, rest, group }: { word: string; rest: readonly string[]; group: string | undefined },
): InvalidArgumentError {
  const shown = JSON.stringify(group === undefined ? word : `${group} ${word}`);
  const looksLikeId = /^(task_[0-9a-f]+|(?=.*\d)[0-9a-f]{4,32})$/i.test(word);
  const meant = looksLikeId ? [['background', 'status', word]] : meantBy(word, group);
  if (meant.length === 0) {
    const known = Object.keys(group === undefined ? { ...GROUPS, ...COMMANDS } : (GROUPS[group]?.commands ?? {}));
    return new InvalidArgumentError(`unknown command ${shown}; known are ${known.join(', ')}`);
  }
  const behind = meant.length > 1 ? [] : behindVerb(io, meant[0] ?? [], { rest, group }).map(quoted);
  const lines = meant.map((path) => [calledAs(io, path), ...behind].join(' '));
  return new InvalidArgumentError(`unknown command ${shown}; did you mean: ${lines.join(' or ')}`);
}

/** What was typed behind the word. What is to be submitted has no place of its own there. */
function behindVerb(
  io: IO,
  [, verb]: Path,
  { rest, group }: { rest: readonly string[]; group: string | undefined },
): readonly string[] {
  const isWork = verb === 'submit' && rest.length > 0 && !rest[0]?.startsWith('-');
  return isWork ? [...(group === 'recipe' ? ['--recipe'] : dashes(io)), ...rest] : rest;
}

/** First what others call so, then what is so called elsewhere, then what is spelled nearly so. */
function meantBy(word: string, group: string | undefined): Path[] {
  const [near] = group === undefined ? [] : (SYNONYMS_IN[group]?.[word] ?? []);
  if (near !== undefined) return [[group as string, near]];
  const [synonym] = (Object.hasOwn(SYNONYMS, word) ? (SYNONYMS[word] ?? []) : []).map(verbsCalled).filter(isSome);
  if (synonym !== undefined) return own(synonym, group);
  const elsewhere = verbsCalled(word);
  if (elsewhere.length > 0) return elsewhere;
  const paths = allPaths().filter((path) => group === undefined || path[0] === group);
  const spelled = nearestOf(word, [...new Set(paths.map((path) => path.at(-1) ?? ''))]);
  return own(
    paths.filter((path) => path.at(-1) === spelled),
    group,
  );
}

const isSome = (paths: readonly Path[]): boolean => paths.length > 0;

/** Of several in different groups the one in the group that was named, else that of tasks. */
function own(paths: Path[], group = 'background'): Path[] {
  const one = paths.filter((path) => path[0] === group);
  return one.length > 0 ? one : paths;
}

function verbsCalled(word: string): Path[] {
  const verbs = Object.entries(GROUPS).flatMap(([group, { commands }]): Path[] => {
    const found = find(commands, word);
    return found === undefined ? [] : [[group, found.name]];
  });
  const alone = find(COMMANDS, word);
  return alone === undefined ? verbs : [...verbs, [alone.name]];
}

const allPaths = (): Path[] => [
  ...Object.keys(GROUPS).map((group) => [group]),
  ...Object.keys(COMMANDS).map((name) => [name]),
  ...Object.entries(GROUPS).flatMap(([group, { commands }]) => Object.keys(commands).map((verb) => [group, verb])),
];

/** What was parsed, or would have been. */
interface Given extends Pick<Call, 'args' | 'program'> {
  path: Path;
  flags: Readonly<Record<string, unknown>>;
}

/** The error for arguments that are too few or too many. */
export function wrongArguments(io: IO, command: Command, given: Given): InvalidArgumentError {
  const { path, args } = given;
  const usage = `usage: ${usageLines(io, path, command).join('\n       ')}`;
  const extra = args[command.args.max];
  const details = command.usage.startsWith('RECIPE') ? { option: '--recipe' } : {};
  if (extra === undefined) return new InvalidArgumentError(`an argument is missing; ${usage}`, details);
  const help = whyExtra(io, command, given) ?? usage;
  return new InvalidArgumentError(`unexpected argument ${JSON.stringify(extra)}; ${help}`);
}

function whyExtra(io: IO, command: Command, { path, args, program, flags }: Given): string | undefined {
  const torn = Object.entries(flags).find(([, value]) => typeof value === 'string' && isTornJson(value));
  if (args.at(-1) === 'help') return `help on it: ${calledAs(io, ['help', ...path])}`;
  if (torn !== undefined) return `JSON stands in single quotes: --${torn[0]} '{"key": "value"}'`;
  const [again] = Object.entries(command.options).filter(
    ([name]) => Array.isArray(flags[name]) && flags[name].length > 0,
  );
  if (again !== undefined && args.length === 1) return `several are given as --${again[0]} … --${again[0]} ${args[0]}`;
  if (flags.recipe !== undefined) return "a recipe's input is given by --input";
  if (!command.takesProgram || program !== undefined) return undefined;
  const called = calledAs(io, path);
  const words =
    args.length === 1 && !/[|&;<>$"']/.test(args[0] ?? '') ? (args[0] ?? '').split(/\s+/) : args.map(quoted);
  const asRecipe = words.length === 1 ? `; a recipe is named by --recipe: ${called} --recipe ${words[0]}` : '';
  return `a program stands behind --: ${[called, ...dashes(io), ...words].join(' ')}${asRecipe}`;
}

function isTornJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

/** The error of the parser for an option that is none, where a command may have been meant: `--list`. */
export function withVerb(io: IO, error: unknown, group?: string): unknown {
  const { option = '' } = ((error as InvalidArgumentError).details ?? {}) as { option?: string };
  const word = option.replace(/^--?/, '');
  const meant = option === '' ? [] : own(verbsCalled(word), group);
  if (!(error instanceof InvalidArgumentError) || meant.length === 0) return error;
  const lines = meant.map((path) => calledAs(io, path));
  return new InvalidArgumentError(`unknown option ${option}; did you mean: ${lines.join(' or ')}`, { option });
}

/**
 * The error of the parser; where a program was typed without `--` its options were taken for ours. An option of other
 * commands is said to be one of theirs.
 */
export async function withProgramHint(
  io: IO,
  error: unknown,
  { path, command, argv }: { path: Path; command: Command; argv: readonly string[] },
): Promise<unknown> {
  if (!(error instanceof InvalidArgumentError)) return error;
  const [first = '-'] = argv;
  if (!command.takesProgram || first.startsWith('-') || argv.includes('--')) return withOthers(io, error, path);
  const line = [calledAs(io, path), ...dashes(io), ...argv.map(quoted)].join(' ');
  const details = (error.details ?? {}) as object;
  return new InvalidArgumentError(`${error.message}; a program stands behind --: ${line}`, details);
}

async function withOthers(io: IO, error: InvalidArgumentError, [group = '']: Path): Promise<InvalidArgumentError> {
  const [, option] = /^unknown option --([\w-]+)$/.exec(error.message) ?? [];
  const entries = Object.entries(GROUPS[group]?.commands ?? {});
  const has: string[] = [];
  for (const [verb, { load }] of option === undefined ? [] : entries) {
    if (Object.hasOwn((await load()).command.options, option as string)) has.push(calledAs(io, [group, verb]));
  }
  if (has.length === 0 || has.length > 3) return error;
  return new InvalidArgumentError(`${error.message}; it is one of: ${has.join(', ')}`, (error.details ?? {}) as object);
}

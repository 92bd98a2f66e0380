/** What a command is: its flags, its help, and what it does; and the table that it stands in. */
import type { Examination, Recipes, Services, Settings } from '../client/index.ts';
import type { LocalVerbs, TaskVerbs } from '../ports/verbs.ts';
import type { IO } from './io.ts';

/** One option. Every one but a switch takes a value. */
export interface Option {
  type: 'string' | 'boolean';
  /** One letter. */
  short?: string;
  /** May be given more than once. */
  multiple?: true;
  /** It is another name of that option. */
  alias?: string;
  /** How the value is shown in the help: `JSON`, `SECONDS`. */
  value?: string;
  help: string;
  /** The default as the help shows it. */
  default?: string;
}

export type Options = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O['type'] extends 'boolean'
  ? boolean
  : O['multiple'] extends true
    ? string[]
    : string | undefined;

/** The options as the user gave them: switches are true or false, repeatable ones a list, others a text or undefined. */
export type Flags<T extends Options> = { readonly [K in keyof T]: ValueOf<T[K]> };

/** The options of every command. */
export const GLOBALS = {
  store: {
    type: 'string',
    value: 'PATH',
    help: 'the store: a file, or the folder that holds tasks.db',
    default: 'found',
  },
  json: { type: 'boolean', help: 'print exactly one JSON document on stdout' },
  quiet: { type: 'boolean', help: 'print nothing on stderr but errors, and why nothing runs' },
  'no-color': { type: 'boolean', help: 'print without colour' },
  help: { type: 'boolean', short: 'h', help: 'print help' },
  version: { type: 'boolean', help: 'print the version' },
} as const satisfies Options;

/** One run of a command. */
export interface Call<T extends Options = Options> {
  readonly io: IO;
  /** Every command there is. */
  readonly contents: Contents;
  readonly flags: Flags<T>;
  readonly globals: Flags<typeof GLOBALS>;
  /** What was given beside options. */
  readonly args: readonly string[];
  /** Of a command that takes one: the program behind `--` with its arguments; undefined without `--`. */
  readonly program: readonly string[] | undefined;
  /** Opens the verbs over tasks; the caller of the command closes them. */
  verbs(options?: { worker?: 'none' }): Promise<TaskVerbs>;
  /** The same with what needs this machine: its files, its configuration, a worker in this process. */
  local(): Promise<LocalVerbs & TaskVerbs>;
  recipes(): Promise<Recipes>;
  /** What works here; opens and makes nothing. */
  examine(): Promise<Examination>;
  /** Every setting; opens and makes nothing. */
  settings(): Promise<Settings>;
  /** The store's worker as a service. */
  services(): Promise<Services>;
  /** Writes the answer: with `--json` the document, else the text. A text gets a line end when it has none. */
  answer(document: Record<string, unknown>, text: string): void;
  /** Tells a person something on stderr, unless `--json` or `--quiet` was given. */
  tell(text: string): void;
  /** A follow-up command of the group `background` as this user would type it, with the store that was named. */
  typed(...words: string[]): string;
  /** The same of another group. */
  typedOf(group: string, ...words: string[]): string;
}

/** A command; `run` resolves with the exit code, 0 when it says nothing. */
export interface Command<T extends Options = Options> {
  /** What follows the command's name in the usage line; one way to call it a line. */
  usage: string;
  summary: string;
  /** More about it, printed under the usage. */
  about?: string;
  options: T;
  /** How many arguments it takes beside options. */
  args: { min: number; max: number };
  /** What stands behind `--` is a program with its arguments. Otherwise it is among `args`. */
  takesProgram?: true;
  examples: readonly string[];
  run(call: Call<T>): Promise<number | undefined>;
}

/** A command, in a file that is loaded when it is called. */
export interface Entry {
  /** As the list of commands shows it. */
  summary: string;
  /** Other words for it. */
  aliases?: readonly string[];
  load(): Promise<{ command: Command }>;
}

/** Commands under one word. */
export interface Group {
  /** As the list of groups shows it. */
  summary: string;
  /** Other words for it. */
  aliases?: readonly string[];
  /** By name. */
  commands: Readonly<Record<string, Entry>>;
}

/** Every command. A command that asks for others gets this, as it is itself in the table. */
export interface Contents {
  /** Groups of commands, by name. */
  groups: Readonly<Record<string, Group>>;
  /** Commands that stand for themselves, by name. */
  commands: Readonly<Record<string, Entry>>;
}

/** Finds an entry by its name or an alias of it. */
export function find<T extends { aliases?: readonly string[] }>(
  table: Readonly<Record<string, T>>,
  word: string,
): { name: string; entry: T } | undefined {
  for (const [name, entry] of Object.entries(table)) {
    if (name === word || entry.aliases?.includes(word)) return { name, entry };
  }
  return undefined;
}

/** Ties the type of the flags to the option table. */
export function defineCommand<const T extends Options>(command: Command<T>): Command {
  return command as unknown as Command;
}

/** Verbs that take one task's id accept it as an argument or by this option. */
export const ID_OPTION = { type: 'string', value: 'ID', help: 'the task; the same as the argument' } as const;

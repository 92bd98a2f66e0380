/** From argv to options and arguments, by Node's own parser and strict about everything it lets pass. */
import { parseArgs } from 'node:util';
import { InvalidArgumentError } from '../errors/argument.ts';
import { nearestOf } from '../wire/nearest.ts';
import type { Flags, Options } from './command.ts';

export interface Parsed<T extends Options> {
  flags: Flags<T>;
  /** What is given beside options, before `--`. */
  args: string[];
  /** What stands behind `--`; undefined without one. */
  behind: string[] | undefined;
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/** Parses all of `argv`. `InvalidArgumentError` for an unknown option, a missing value, or one that is given twice. */
export async function parse<T extends Options>(argv: readonly string[], options: T): Promise<Parsed<T>> {
  const flags: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    flags[name] = option.type === 'boolean' ? false : option.multiple ? [] : undefined;
  }
  const args: string[] = [];
  let behind: string[] | undefined;
  for (const token of tokens(argv, options)) {
    if (token.kind === 'option-terminator') behind = [];
    if (token.kind === 'positional') (behind ?? args).push(await readable('argument', token.value));
    if (token.kind === 'option') take(flags, await checked(token, options), options);
  }
  return { flags: flags as Flags<T>, args, behind };
}

/**
 * Where the first word that is no option stands, -1 when there is none. Options before it that the table does not know
 * are an error: whether they take a value cannot be known.
 */
export async function firstWord(argv: readonly string[], options: Options): Promise<number> {
  for (const token of tokens(argv, options)) {
    if (token.kind === 'positional') return token.index;
    if (token.kind === 'option') await checked(token, options);
  }
  return -1;
}

/** Whether the user wants JSON, told without parsing: it must be known also when parsing fails. */
export const wantsJson = (argv: readonly string[]): boolean =>
  own(argv).some((word) => word === '--json' || word.startsWith('--json='));

/** The words that are for us: those behind `--` are a command's. */
export function own(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}

function tokens(argv: readonly string[], options: Options): Token[] {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [name, { type, ...(short ? { short } : {}) }]),
  );
  return parseArgs({ args: [...argv], options: config, strict: false, allowPositionals: true, tokens: true }).tokens;
}

async function checked(token: OptionToken, options: Options): Promise<OptionToken> {
  const { name, rawName, value } = token;
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) throw await unknownOption(rawName, options);
  if (option.type === 'boolean' && value !== undefined) throw bad(rawName, value, 'no value, it is a switch');
  if (option.type === 'string') {
    const kind = option.value ?? 'a value';
    if (value === undefined) throw bad(rawName, undefined, kind);
    // `--recipe --json` is a forgotten value; a value that really begins so is given as `--recipe=--json`
    if (!token.inlineValue && looksLikeOption(value)) {
      throw new InvalidArgumentError(
        `${rawName}: got the option ${value}, expected ${kind}; a value that begins with - is given as ${rawName}=${value}`,
        { option: rawName },
      );
    }
    await readable(rawName, value);
  }
  return token;
}

/** Node makes U+FFFD of what is no UTF-8. */
async function readable(option: string, word: string): Promise<string> {
  if (word.includes('\ufffd')) (await import('./argv.ts')).refuseGarbled(option, word);
  return word;
}

const looksLikeOption = (value: string): boolean =>
  value === '--' || (/^--?[a-z]/i.test(value) && !/^-(infinity|nan)$/i.test(value));

function take(flags: Record<string, unknown>, { name, rawName, value }: OptionToken, options: Options): void {
  const option = options[name];
  const as = option?.alias ?? name;
  if (option?.type === 'boolean') {
    flags[as] = true;
  } else if (option?.multiple) {
    (flags[as] as string[]).push(value as string);
  } else if (flags[as] !== undefined && flags[as] !== value) {
    const known = as === name ? rawName : `--${as} (${rawName})`;
    throw new InvalidArgumentError(
      `${known}: got ${JSON.stringify(flags[as])} and ${JSON.stringify(value)}, expected one`,
      { option: rawName },
    );
  } else {
    flags[as] = value;
  }
}

function bad(option: string, value: string | undefined, expected: string): InvalidArgumentError {
  const got = value === undefined ? 'nothing' : JSON.stringify(value);
  return new InvalidArgumentError(`${option}: got ${got}, expected ${expected}`, { option, expected });
}

/** What others call our options. */
const OTHERS: Readonly<Record<string, string>> = {
  '-v': '--version',
  '-V': '--version',
  '-?': '--help',
  '--args': '--input',
  '--arg': '--input',
  '--params': '--input',
  '--data': '--input',
  '--payload': '--input',
  '--at': '--run-at',
  '--label': '--tag',
  '--follow': '--watch',
};

const meant = (near: string | undefined): string => (near === undefined ? '' : `; did you mean ${near}?`);

function unknownOption(rawName: string, options: Options): InvalidArgumentError {
  const known = Object.keys(options).map((name) => `--${name}`);
  const other = Object.hasOwn(OTHERS, rawName) ? OTHERS[rawName] : undefined;
  const hint =
    other !== undefined && known.includes(other)
      ? meant(other)
      : rawName.startsWith('--')
        ? meant(nearestOf(rawName, known))
        : '';
  return new InvalidArgumentError(`unknown option ${rawName}${hint}`, { option: rawName });
}

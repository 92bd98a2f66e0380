/** What is printed when a command fails. */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { withoutPasswords } from '../errors/argument.ts';
import { isTaskError } from '../errors/base.ts';
import { isTerminal, STATUSES } from '../wire/task.ts';
import { EXIT, exitOfError } from './exit.ts';
import { escaped, forLocale } from './human/escape.ts';
import { InterruptedError } from './interrupt.ts';
import type { IO } from './io.ts';
import { asCalled, calledAs, commandLine, quoted } from './typed.ts';

export interface Setting {
  json: boolean;
  quiet: boolean;
  /** The command's words that were understood. */
  path: readonly string[];
  /** The store that was named. */
  store?: string | undefined;
}

/** Prints the error, as one JSON document or for a person, and gives the exit code. */
export function report(io: IO, error: unknown, { json, quiet, path, store }: Setting): number {
  const exit = exitOfError(error);
  const said = error instanceof Error ? error.message || error.name : String(error);
  const message = withoutPasswords(said).replace(/`[^`]+`/g, (command) => asCalled(io, command)); // ours are so already
  if (json) {
    io.stdout.write(`${JSON.stringify(document(error, message))}\n`);
    return exit;
  }
  io.stderr.write(`error: ${forLocale(message.split('\n').map(escaped).join('\n'), io.env)}\n`);
  if (quiet) return exit;
  for (const line of nextSteps(io, error, store)) io.stderr.write(`${escaped(line)}\n`);
  if (error instanceof InterruptedError && error.next !== undefined) io.stderr.write(`Go on: ${escaped(error.next)}\n`);
  if (exit === EXIT.usage.code) io.stderr.write(`See: ${calledAs(io, path)} --help\n`);
  return exit;
}

/** What helps, in lines; a task's own error is its own. */
function nextSteps(io: IO, error: unknown, store: string | undefined): string[] {
  if (!isTaskError(error)) return [];
  const details = (error.details ?? {}) as Record<string, unknown>;
  const typed = (...words: string[]): string => commandLine(io, store, 'background', words);
  switch (error.code) {
    case 'recipe_not_found':
      return whereToLook(io, details as { recipe?: string; searched?: readonly string[] }, store);
    case 'task_not_found':
      return [`Tasks:     ${typed('list')}`, ...otherStores(io, String(details.store))];
    case 'conflict':
      return error.taskId === undefined || !isLive(details.status)
        ? []
        : [`Wait:      ${typed('wait', error.taskId)}`, `Cancel:    ${typed('cancel', error.taskId)}`];
    case 'invalid_argument':
      if (details.option === 'id') return [`Tasks:     ${typed('list')}`];
      return details.option === '--recipe' ? [`Recipes:   ${commandLine(io, store, 'recipe', ['list'])}`] : [];
    case 'store':
      return [`Look:      ${commandLine(io, store, 'doctor', [])}`];
    default:
      return [];
  }
}

const isLive = (status: unknown): boolean => STATUSES.some((one) => one === status && !isTerminal(one));

/** A recipe that is not found: the folders that were looked in, one that lies elsewhere, and the command that makes it. */
function whereToLook(
  io: IO,
  { recipe, searched }: { recipe?: string; searched?: readonly string[] },
  store: string | undefined,
): string[] {
  if (recipe === undefined || searched === undefined) return [];
  const folders = searched.map((folder, index) => `${index === 0 ? 'Looked in:' : ' '.repeat(10)} ${folder}`);
  const path = elsewhere(io.cwd, recipe);
  const group = io.program === 'background' ? 'background' : 'recipe';
  return [
    ...folders,
    ...(path === undefined ? [] : [`Found:     ${path}, where no names are looked for; name it by this path`]),
    `Make it:   ${commandLine(io, store, group, ['init', recipe])}`,
  ];
}

/** A recipe of that name beside the folders where it would be found: here, or on the way upward. */
function elsewhere(cwd: string, name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) return undefined;
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = [join(folder, name), join(folder, 'recipes', name)].find((path) =>
      existsSync(join(path, 'TEMPLATE.yaml')),
    );
    if (found !== undefined) return folder === cwd ? `./${relative(cwd, found)}` : found;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Stores beside the one that was asked: a task that is not in this one may be in another. */
function otherStores({ cwd, env: { HOME: home } }: IO, asked: string): string[] {
  const folders = home === undefined ? [] : [home];
  for (let folder = cwd; !folders.includes(folder); folder = dirname(folder)) folders.unshift(folder);
  return folders
    .map((folder) => join(folder, '.offstage', 'tasks.db'))
    .filter((path) => path !== asked && existsSync(path))
    .map((path, index) => `${index === 0 ? 'Elsewhere:' : ' '.repeat(10)} --store ${quoted(path)}`);
}

function document(error: unknown, message: string): Record<string, unknown> {
  if (!isTaskError(error)) return { ok: false, error: message, code: 'unexpected' };
  const details = error.details === undefined ? {} : { details: error.details };
  return { ok: false, error: message, code: error.code, ...details };
}

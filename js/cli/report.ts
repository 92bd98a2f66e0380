/** What is printed when a command fails. */
import { withoutPasswords } from '../errors/argument.ts';
import { isTaskError } from '../errors/base.ts';
import { EXIT, exitOfError } from './exit.ts';
import { escaped } from './human/escape.ts';
import { InterruptedError } from './interrupt.ts';
import type { IO } from './io.ts';
import { commandLine } from './typed.ts';

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
  const message = withoutPasswords(error instanceof Error ? error.message || error.name : String(error));
  if (json) {
    io.stdout.write(`${JSON.stringify(document(error, message))}\n`);
    return exit;
  }
  io.stderr.write(`error: ${message.split('\n').map(escaped).join('\n')}\n`);
  if (quiet) return exit;
  for (const line of whereToLook(io, error, store)) io.stderr.write(`${escaped(line)}\n`);
  if (error instanceof InterruptedError && error.next !== undefined) io.stderr.write(`Go on: ${escaped(error.next)}\n`);
  if (exit === EXIT.usage.code) io.stderr.write(`See: ${['offstage', ...path, '--help'].join(' ')}\n`);
  return exit;
}

/** A recipe that is not found: the folders that were looked in, and the command that makes it. */
function whereToLook(io: IO, error: unknown, store: string | undefined): string[] {
  if (!isTaskError(error) || error.code !== 'recipe_not_found') return [];
  const { recipe, searched } = (error.details ?? {}) as { recipe?: string; searched?: readonly string[] };
  if (recipe === undefined || searched === undefined) return []; // a task's own error
  const folders = searched.map((folder, index) => `${index === 0 ? 'Looked in:' : ' '.repeat(10)} ${folder}`);
  return [...folders, `Make it:   ${commandLine(io, store, 'recipe', ['init', recipe])}`];
}

function document(error: unknown, message: string): Record<string, unknown> {
  if (!isTaskError(error)) return { ok: false, error: message, code: 'unexpected' };
  const details = error.details === undefined ? {} : { details: error.details };
  return { ok: false, error: message, code: error.code, ...details };
}

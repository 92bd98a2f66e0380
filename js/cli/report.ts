/** What is printed when a command fails. */
import { isTaskError } from '../errors/base.ts';
import { EXIT, exitOfError } from './exit.ts';
import { escaped } from './human/escape.ts';
import type { IO } from './io.ts';

export interface Setting {
  json: boolean;
  quiet: boolean;
  /** The command's words that were understood. */
  path: readonly string[];
}

/** Prints the error, as one JSON document or for a person, and gives the exit code. */
export function report(io: IO, error: unknown, { json, quiet, path }: Setting): number {
  const exit = exitOfError(error);
  const message = error instanceof Error ? error.message || error.name : String(error);
  if (json) {
    io.stdout.write(`${JSON.stringify(document(error, message))}\n`);
    return exit;
  }
  io.stderr.write(`error: ${message.split('\n').map(escaped).join('\n')}\n`);
  if (exit === EXIT.usage.code && !quiet) io.stderr.write(`See: ${['offstage', ...path, '--help'].join(' ')}\n`);
  return exit;
}

function document(error: unknown, message: string): Record<string, unknown> {
  if (!isTaskError(error)) return { ok: false, error: message, code: 'unexpected' };
  const details = error.details === undefined ? {} : { details: error.details };
  return { ok: false, error: message, code: error.code, ...details };
}

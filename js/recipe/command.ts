/** What a command recipe runs: which program, and which of its files lie in the recipe's folder. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Judge } from '../store/trust.ts';
import { contained } from './contain.ts';

/** A command, looked up in its folder. */
export interface Program {
  /** Real path inside the folder, or a name that is looked for on the `PATH`. */
  file: string;
  args: readonly string[];
  /** The file in the folder that the digest covers: the program, or else the first argument that is one. */
  covered: string | undefined;
}

/**
 * Looks the command up in `root`, a real path. A program with a separator is a path in the folder; one without is a
 * program of the folder if there is such a file, else a name on the `PATH`, which is not looked at here. Undefined when a
 * stated path is no program. Throws `RecipePolicyError` for a program, or a relative argument that is a file, which leads
 * out of the folder or can be written by others. Absolute arguments are nobody's business but the author's.
 */
export function programOf(root: string, command: readonly string[], judge?: Judge): Program | undefined {
  const [first = '', ...args] = command;
  const own = isProgram(join(root, first)) ? contained(root, join(root, first), judge) : undefined;
  if (own === undefined && isPath(first)) return undefined;
  const files = args.flatMap((argument) => fileOf(root, argument, judge) ?? []);
  return { file: own ?? first, args, covered: own ?? files[0] };
}

/** Tells whether a command's program is a path, not a name. */
export const isPath = (program: string): boolean => /[\\/]/.test(program);

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function fileOf(root: string, argument: string, judge?: Judge): string | undefined {
  if (argument === '' || argument.startsWith('-') || isAbsolute(argument)) return undefined;
  const path = join(root, argument);
  return existsSync(path) && statSync(path).isFile() ? contained(root, path, judge) : undefined;
}

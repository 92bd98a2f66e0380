/** Ad-hoc commands: a program that runs without a recipe, in the folder of whoever submits it. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, resolve } from 'node:path';
import { InvalidArgumentError, invalid, ProgramNotFoundError } from '../errors/index.ts';
import { thisPlace } from '../platform/place.ts';
import type { AgentsProgram } from '../program/agents/reading-agents.ts';
import type { AgentsSettled } from '../program/agents/settle.ts';
import { type CommandProgram, isPath } from '../program/command/reading-command.ts';
import { checkWhole } from '../wire/check.ts';
import type { Environment } from '../wire/globals.ts';
import { nearestOf } from '../wire/nearest.ts';
import { hasProgram, isExecutable } from './runnable.ts';
import type { RecipeSource } from './types.ts';

/** Characters of a task's name. */
const LONGEST_NAME = 200;
/** Bytes of a command as JSON, 30 KiB: it is a part of the record, which is read at every look at its task. */
const LARGEST = 30 * 1024;

/** The program and its arguments as they were given. `InvalidArgumentError` for what is no such list. */
export function checkedCommand(command: unknown): readonly string[] {
  const isList = Array.isArray(command) && command.every((word) => typeof word === 'string');
  if (!isList || !command[0]) throw invalid('command', command, 'an array of texts: the program and its arguments');
  for (const word of command) checkWhole('command', word);
  const size = Buffer.byteLength(JSON.stringify(command));
  if (size <= LARGEST) return [...command];
  throw new InvalidArgumentError(
    `command: got ${size} bytes, expected at most ${LARGEST}; give what is so long as the input (stdin), or by a file`,
    { option: 'command' },
  );
}

/** The real path of the folder that a command runs in: the given one, else `here`. */
export function commandFolder(given: unknown, here: string): string {
  if (given !== undefined && (typeof given !== 'string' || given === '')) throw invalid('cwd', given, 'a path');
  checkWhole('cwd', given);
  const path = resolve(here, given ?? '.');
  if (isFolder(path)) return realpathSync(path);
  throw new InvalidArgumentError(`cwd: got ${JSON.stringify(path)}, expected a folder that is there`, {
    option: 'cwd',
  });
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** What people call it where they give no name. */
export const nameOfCommand = ([program = '']: readonly string[]): string =>
  basename(program).slice(0, LONGEST_NAME).toWellFormed();

/**
 * Looks for the program as a shell does: a name on the `PATH`, a path from the folder. `ProgramNotFoundError` when there
 * is none: nothing is submitted then. One that has gone until it is to start fails the task.
 */
export function checkProgram([program = '']: readonly string[], folder: string, env: Environment): void {
  if (isPath(program)) {
    const path = resolve(folder, program);
    if (isExecutable(path)) return;
    throw new ProgramNotFoundError(
      program,
      existsSync(path) ? 'is not an executable file (chmod +x)' : `is not in ${folder}`,
    );
  }
  if (hasProgram(program, env)) return;
  const help = helpWithLine(program);
  const near = isExecutable(resolve(folder, program)) ? undefined : nearestOf(program, programsOn(env.PATH ?? ''));
  if (help === '' && near !== undefined)
    throw new ProgramNotFoundError(program, `is no program on the PATH; did you mean ${near}?`);
  const here = isExecutable(resolve(folder, program)) ? `; the one in this folder is ./${program}` : '';
  throw new ProgramNotFoundError(program, `is no program on the PATH${help}${here}`);
}

/** A whole line was given as the name of a program: no shell takes it apart. */
function helpWithLine(line: string): string {
  const inQuotes = `'${line.replaceAll("'", "'\\''")}'`;
  if (/[|&;<>$`"'*]/.test(line)) return `; a line for a shell is given as: -- sh -c ${inQuotes}`;
  if (/\s/.test(line)) return `; its words stand apart: -- ${line.trim()}`;
  if (/^\w+=/.test(line)) return `; a variable is set by: -- env ${line} …`;
  return OF_SHELLS.includes(line) ? `; that is a word of the shell: -- sh -c '${line} …'` : '';
}

const OF_SHELLS = [
  'cd',
  'export',
  'source',
  '.',
  'alias',
  'set',
  'unset',
  'eval',
  'exec',
  'exit',
  'umask',
  'ulimit',
  'type',
];

/** The names of all files there: for who has misspelt one. */
function programsOn(path: string): string[] {
  const folders = path.split(delimiter).filter((folder) => folder !== '' && isFolder(folder));
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return []; // what cannot be read offers nothing
    }
  });
}

/** What a task's record keeps of a command. Its environment is that of the submit, all of it. */
export function sourceOfCommand(command: readonly string[], folder: string): RecipeSource {
  return { root: folder, place: thisPlace(), ad_hoc: true, command, needs: [], inherit_env: true };
}

/** What a process runs for what has no recipe. Throws when the folder is gone. */
export function programOfAdHoc({ root, command = [], agent, settled }: RecipeSource): AgentsProgram | CommandProgram {
  const what = agent === undefined ? 'command' : 'prompt';
  if (!isFolder(root)) throw new Error(`the folder that the ${what} was submitted in is not there any more: ${root}`);
  if (agent !== undefined) {
    return { kind: 'agents', root, file: '', name: agent.name, agent, settled: settled as AgentsSettled };
  }
  const [file = '', ...args] = command;
  return { kind: 'command', file, args, folder: root, adHoc: true };
}

/** What a command recipe runs: which program, and which of its files lie in the recipe's folder. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { RecipeValidationError } from '../../errors/recipe.ts';
import type { FieldCheck, FieldPlace, FieldSlot, ProgramFolder, ProgramReading } from '../../ports/program.ts';
import type { FolderFacts } from '../../ports/recipe-folder.ts';
import { leadsOut, TEMPLATE } from '../contain.ts';

/** The command as it is written, and where. */
interface CommandField {
  argv: readonly string[];
  place: FieldPlace | undefined;
}

/** What a process starts; `file` is a path in `folder`, where it is started, or a name that is looked for on the `PATH`. */
export interface CommandProgram {
  kind: 'command';
  file: string;
  args: readonly string[];
  folder: string;
  /** It has no recipe: its input is given as it is, a text without quotes, and none as nothing. */
  adHoc?: true;
}

/** A recipe folder whose program is started. */
export interface CommandFolder extends FolderFacts {
  /** Its code is a program. */
  kind: 'command';
  /** The program, a name on the `PATH` or a path inside `root`, and its arguments, as the template says. */
  command: readonly string[];
}

export const reading: ProgramReading<CommandField, readonly string[], CommandProgram, CommandFolder> = {
  field: readField,
  folder: (facts, command) => ({ ...facts, kind: 'command', command }),
  read(folder, field) {
    if (field === undefined) return undefined;
    checkProgram(folder, field);
    return field.argv;
  },
  program(folder, command) {
    const found = programOf(folder, command);
    return found && { kind: 'command', ...found, folder: folder.root };
  },
  paths: (_, command) => command.filter((word) => !isAbsolute(word)),
  external(folder, command) {
    const file = programOf(folder, command)?.file;
    return file === undefined || isPath(file) ? [] : [file];
  },
  // it loads nothing of the recipe: changes there do not matter to the process
  processKey: (_, __, root) => `command\n${root}`,
};

function readField(check: FieldCheck, slot: FieldSlot): CommandField | undefined {
  if (slot.value === undefined) return undefined;
  const argv = check.texts(slot, 'a text (in quotes where YAML sees a number)', (text) => !text.includes('\0'));
  const [program] = argv;
  const first = { keys: [...slot.keys, '0'], value: program };
  if (Array.isArray(slot.value) && slot.value.length === 0) check.expected(slot, 'a program and its arguments');
  else if (program === '') check.expected(first, 'a program');
  else if (program !== undefined && leadsOut(program)) {
    check.expected(first, "a program on the PATH, or a path inside this folder, without '..'");
  }
  return { argv, place: check.place(slot.keys) };
}

function checkProgram(folder: ProgramFolder, { argv, place }: CommandField): void {
  if (programOf(folder, argv) !== undefined) return;
  const { root, name } = folder;
  const path = argv[0] ?? '';
  const problem = existsSync(join(root, path)) ? `${path} is not an executable file` : `there is no ${path} in ${root}`;
  throw new RecipeValidationError(name, [{ path: TEMPLATE, ...place, message: `command: ${problem}` }]);
}

/** A command, looked up in its folder. */
interface Found {
  /** Real path inside the folder, or a name that is looked for on the `PATH`. */
  file: string;
  args: readonly string[];
}

/**
 * Looks the command up in its folder. A program with a separator is a path in the folder; one without is a
 * program of the folder if there is such a file, else a name on the `PATH`, which is not looked at here. Undefined when a
 * stated path is no program. Throws `RecipePolicyError` for a program, or a relative argument that is a file, which leads
 * out of the folder or can be written by others. Absolute arguments are nobody's business but the author's.
 */
function programOf(folder: ProgramFolder, command: readonly string[]): Found | undefined {
  const [first = '', ...args] = command;
  const own = isProgram(join(folder.root, first)) ? folder.inside(first) : undefined;
  if (own === undefined && isPath(first)) return undefined;
  for (const argument of args) checkArgument(folder, argument);
  return { file: own ?? first, args };
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

function checkArgument({ root, inside }: ProgramFolder, argument: string): void {
  if (argument === '' || argument.startsWith('-') || isAbsolute(argument)) return;
  const path = join(root, argument);
  if (existsSync(path) && statSync(path).isFile()) inside(argument);
}

/** What a module recipe runs: a module in its folder, which is imported. */
import { existsSync, statSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { RecipeValidationError } from '../../errors/recipe.ts';
import type { FieldCheck, FieldPlace, FieldSlot, ProgramFolder, ProgramReading } from '../../ports/program.ts';
import type { FolderFacts } from '../../ports/recipe-folder.ts';
import { leadsOut, TEMPLATE } from '../contain.ts';
import { MODULE_FILES } from './module-files.ts';

/** The entry as it is written, and where. */
interface EntryField {
  path: string;
  place: FieldPlace | undefined;
}

/** What a process imports: the real path of a module. */
export interface ModuleProgram {
  kind: 'module';
  entry: string;
}

/** A recipe folder whose module is imported. */
export interface ModuleFolder extends FolderFacts {
  /** Its code is a module, run in a child process of Node. */
  kind: 'module';
  /** Real path of the module that runs, inside `root`. */
  entry: string;
}

export const reading: ProgramReading<EntryField, string, ModuleProgram, ModuleFolder> = {
  field: readField,
  folder: (facts, entry) => ({ ...facts, kind: 'module', entry }),
  read(folder, field) {
    const path = field?.path ?? MODULE_FILES.find((file) => existsSync(join(folder.root, file)));
    return path === undefined ? undefined : entryOf(folder, path, field?.place);
  },
  program({ inside }, entry) {
    const module = inside(entry);
    return module === undefined ? undefined : { kind: 'module', entry: module };
  },
  paths: ({ root }, entry) => [relative(root, entry)],
  external: () => [],
  // a process that has loaded a module keeps it, so another digest is another key
  processKey: ({ entry }, { digest }) => `${entry}\n${digest}`,
};

function readField(check: FieldCheck, slot: FieldSlot): EntryField | undefined {
  const path = check.text(slot, '');
  if (path === '') {
    if (slot.value === '') check.expected(slot, 'the path of a module in this folder');
    return undefined;
  }
  if (leadsOut(path) || path.includes('\0')) check.expected(slot, "a path inside this folder, without '..'");
  return { path, place: check.place(slot.keys) };
}

function entryOf({ root, name, inside }: ProgramFolder, path: string, written: FieldPlace | undefined): string {
  const real = inside(path);
  const problem = real === undefined ? `there is no ${path} in ${root}` : entryProblem(real);
  if (real !== undefined && problem === undefined) return real;
  const place = written === undefined ? { path } : { path: TEMPLATE, ...written };
  throw new RecipeValidationError(name, [{ ...place, message: `entry: ${problem}` }]);
}

/** The real file counts: a link's own name says nothing about how its target is loaded. */
function entryProblem(path: string): string | undefined {
  if (!statSync(path).isFile()) return `${path} is not a file`;
  const type = extname(path);
  if (['.mjs', '.js', '.cjs'].includes(type)) return undefined;
  if (!['.ts', '.mts'].includes(type)) return `got ${basename(path)}, expected a module: .mjs, .js, .cjs, .ts or .mts`;
  if ('typescript' in process.features && process.features.typescript) return undefined;
  return `${basename(path)} is TypeScript, which needs Node 22.18 or later; this is ${process.version}`;
}

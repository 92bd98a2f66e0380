/** Every kind of recipe. A new one is a file and a line here: the first whose key, or else whose file, is there is meant. */
import type { Program, ProgramKind, ProgramReading, ProgramRunning } from '../ports/program.ts';
import { AGENTS_FILE } from './agents/agents-files.ts';
import { MODULE_FILES } from './module/module-files.ts';

/** Takes the type of its folders from how it is read. */
const kind = <Folder>(line: ProgramKind<Folder>): ProgramKind<Folder> => line;

// biome-ignore format: a kind a line
export const KINDS = {
  command: kind({ key: 'command', files: [], loadsCode: false, reading: () => import('./command/reading-command.ts'), running: () => import('./command/run-command.ts') }),
  module: kind({ key: 'entry', files: MODULE_FILES, loadsCode: true, reading: () => import('./module/reading-module.ts'), running: () => import('./module/run-recipe.ts') }),
  agents: kind({ key: 'agents', files: [AGENTS_FILE], standsAlone: true, loadsCode: false, reading: () => import('./agents/reading-agents.ts'), running: () => import('./agents/run-agents.ts') }),
};

type FolderOf<Kind> = Kind extends ProgramKind<infer Folder> ? Folder : never;

/** A recipe folder, read and checked. Its code has not been loaded. */
export type RecipeFolder = FolderOf<(typeof KINDS)[keyof typeof KINDS]>;

/** They differ in their folders alone. */
const byName: ReadonlyMap<string, ProgramKind<RecipeFolder>> = new Map(Object.entries(KINDS));

/** Names of kinds, in the order in which they are looked for. */
export const KIND_NAMES: readonly string[] = [...byName.keys()];

/** Files that make a folder a recipe. */
export const PROGRAM_FILES: readonly string[] = [...byName.values()].flatMap(({ files }) => files);

/** The kind of that name. */
export function kindOf(name: string): ProgramKind<RecipeFolder> {
  const kind = byName.get(name);
  if (kind === undefined) throw new Error(`no recipe is of the kind '${name}'; known are ${KIND_NAMES.join(', ')}`);
  return kind;
}

/** What a folder has under the key of its kind. */
export const valueIn = (recipe: RecipeFolder): unknown => Reflect.get(recipe, kindOf(recipe.kind).key);

/** How any kind is read. What a template says of it and a record keeps is its own, so nobody else knows of which type that is. */
type AnyReading = ProgramReading<unknown, unknown, Program, RecipeFolder>;

/** How a kind is read. */
export async function readingOf(name: string): Promise<AnyReading> {
  const known = readings.get(name);
  if (known !== undefined) return known;
  const { reading } = await kindOf(name).reading();
  readings.set(name, reading);
  return reading;
}

/** How a program is run. */
export async function runningOf({ kind }: Program): Promise<ProgramRunning> {
  const known = runnings.get(kind);
  if (known !== undefined) return known;
  const running = await kindOf(kind).running();
  runnings.set(kind, running);
  return running;
}

/** An import in the way of each submit, and of each run, is looked up each time. */
const readings = new Map<string, AnyReading>();
const runnings = new Map<string, ProgramRunning>();

/** Loads how every kind is read, for who may do so when the files of this package are gone. */
export async function loadReadings(): Promise<void> {
  for (const name of KIND_NAMES) await readingOf(name);
}

/** Loads how the kinds are run whose process loads code: it is needed at once. */
export async function loadRunnings(): Promise<void> {
  for (const kind of KIND_NAMES) if (kindOf(kind).loadsCode) await runningOf({ kind });
}

/** Loads how the others are run; it costs a process some ten milliseconds. */
export async function loadOtherRunnings(): Promise<void> {
  for (const kind of KIND_NAMES) if (!kindOf(kind).loadsCode) await runningOf({ kind });
}

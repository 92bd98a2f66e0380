/** A recipe's plan with those that it includes. */
import { readFileSync, statSync } from 'node:fs';
import { RecipeValidationError } from '../../errors/recipe.ts';
import type { ProgramFolder } from '../../ports/program.ts';
import { AGENTS_FILE, TOOLS_FILE } from './agents-files.ts';
import type { AgentsPlan } from './plan.ts';
import { definedIn } from './python-defs.ts';
import { readAgentsText, readPlan } from './read-file.ts';

/** A plan, where it lies, and those that it includes. */
export interface PlanTree {
  plan: AgentsPlan;
  /** The folder's real path. */
  root: string;
  /** Functions that its own file of tools defines. */
  defined: readonly string[];
  /** By the names that its steps give. */
  includes: ReadonlyMap<string, PlanTree>;
}

const DEEPEST = 8;
/** Bytes of Python that are looked at. */
const MOST_PYTHON = 1024 * 1024;

/** Reads the file in a folder. `RecipeValidationError` when it is not there, or for what is wrong in it. */
export function planIn(folder: ProgramFolder, file: string): AgentsPlan {
  const path = folder.inside(file);
  if (path === undefined) throw wrong(folder.name, file, `there is none in ${folder.root}`);
  return readPlan(readAgentsText(path, file, folder.name), file, folder.name);
}

/** Reads it with all that it includes. `find` answers with the folder of a name that was included under `way`. */
export async function planTree(
  folder: ProgramFolder,
  file: string,
  find: (name: string, way: readonly string[]) => Promise<ProgramFolder>,
  way: readonly string[] = [],
  above: readonly string[] = [folder.root],
): Promise<PlanTree> {
  const plan = planIn(folder, file);
  const includes = new Map<string, PlanTree>();
  for (const name of includedIn(plan)) {
    const inner = [...way, name];
    const found = await find(name, inner);
    if (above.includes(found.root))
      throw wrong(folder.name, file, `include: '${inner.join("' includes '")}', which is a circle`);
    if (inner.length > DEEPEST) throw wrong(folder.name, file, `include: deeper than ${DEEPEST}: ${inner.join(', ')}`);
    includes.set(name, await planTree(found, AGENTS_FILE, find, inner, [...above, found.root]));
  }
  return { plan, root: folder.root, defined: toolsOf(folder), includes };
}

/** Names of recipes that its steps include, each once. */
const includedIn = ({ steps }: AgentsPlan): string[] => [
  ...new Set(steps.flatMap((step) => (step.kind === 'include' ? [step.recipe] : []))),
];

/** What its own file of tools defines; a file that cannot be read defines nothing. */
function toolsOf(folder: ProgramFolder): string[] {
  const path = folder.inside(TOOLS_FILE);
  if (path === undefined) return [];
  const stat = statSync(path);
  return stat.isFile() && stat.size <= MOST_PYTHON ? definedIn(readFileSync(path, 'utf8')) : [];
}

/** All plans of a tree, the outermost first. */
export function* plansOf(tree: PlanTree): Generator<PlanTree> {
  yield tree;
  for (const one of tree.includes.values()) yield* plansOf(one);
}

const wrong = (recipe: string, path: string, message: string): RecipeValidationError =>
  new RecipeValidationError(recipe, [{ path, message }]);

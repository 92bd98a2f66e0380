/** What all steps of one run share. */
import type { RecipeContext } from '../../ports/recipe.ts';
import type { ModelServer } from './model/ask-model.ts';
import type { Message } from './model/types.ts';
import type { PythonHost } from './python/host.ts';
import type { AgentsSettled } from './settle.ts';

export interface AgentsRun {
  context: RecipeContext;
  settled: AgentsSettled;
  server: ModelServer;
  /** What was said in the session before; the first step that runs is given it. */
  before: readonly Message[];
  /** The Python of a recipe's folder. */
  python(root: string): PythonHost;
}

/** Keys are texts of 1 to 200 characters; what comes behind this one needs some of them. */
const LONGEST_KEY = 140;

/** A key of what is stored, from its parts; `mark` tells two apart whose parts had to be cut. */
export function keyFrom(parts: readonly string[], mark: string): string {
  const whole = parts.join('/');
  return `${whole.length <= LONGEST_KEY ? whole : `${whole.slice(0, LONGEST_KEY)}~`}:${mark}`;
}

/** What all steps of one run share. */
import type { RecipeContext } from '../../ports/recipe.ts';
import { NOTE } from '../../wire/note.ts';
import type { Asking } from './model/ask-model.ts';
import type { Message, ModelAnswer, Question } from './model/types.ts';
import type { PythonHost } from './python/host.ts';
import type { AgentsSettled } from './settle.ts';
import type { Spending } from './spending.ts';
import type { Policy } from './tool-names.ts';

/** What conversations need of it. */
export interface TalkRun {
  context: RecipeContext;
  settled: Pick<AgentsSettled, 'models' | 'max_turns' | 'prices' | 'structured'> & {
    tools: Readonly<Record<string, Policy>>;
  };
  /** Where the model is, for people. */
  endpoint: string;
  ask(question: Question, asking: Asking): Promise<ModelAnswer>;
  spending: Spending;
}

export interface AgentsRun extends TalkRun {
  settled: AgentsSettled;
  /** What was said in the session before; the first step that runs is given it. */
  before: readonly Message[];
  /** The Python of a recipe's folder. */
  python(root: string): PythonHost;
}

/** An event for people, and with a word for programs: `length`, `unknown_tool`, `ignored`. */
export function warn(context: RecipeContext, reason: string, message: string): void {
  context[NOTE]?.({ kind: 'warning', warning: { reason, message } });
}

/** Keys are texts of 1 to 200 characters; what comes behind this one needs some of them. */
const LONGEST_KEY = 140;

/** A key of what is stored, from its parts; `mark` tells two apart whose parts had to be cut. */
export function keyFrom(parts: readonly string[], mark: string): string {
  const whole = parts.join('/');
  return `${whole.length <= LONGEST_KEY ? whole : `${whole.slice(0, LONGEST_KEY)}~`}:${mark}`;
}

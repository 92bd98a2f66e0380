/** The verbs over a store, in wire JSON: what the CLI prints and what the TypeScript `Client` is made of. */
import type { Recipe } from '../ports/recipe.ts';
import type { LocalVerbs, TaskVerbs } from '../ports/verbs.ts';
import type { Submitted } from '../wire/answers.ts';
import type { SubmitOnce, TaskRequest } from '../wire/requests.ts';

/** What to run and how, also where that is code of this process. */
export interface SubmitRequest extends Omit<TaskRequest, 'recipe'> {
  /** A recipe's name, a path that is absolute or starts with `./`, or a recipe in code: that runs in this process. */
  recipe?: string | Recipe | undefined;
}

/** All verbs; recipes may be code. */
export interface Verbs extends TaskVerbs, LocalVerbs {
  submit(requests: readonly SubmitRequest[], how?: SubmitOnce): Promise<Submitted[]>;
  check(request: SubmitRequest): Promise<void>;
}

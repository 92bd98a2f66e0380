import type { TaskErrorOptions } from './base.ts';
import { RecipeError } from './outcome.ts';

/** Where a recipe folder's files are wrong. Lines and columns count from 1. */
export interface RecipeProblem {
  /** A file, or a place in an input such as `input.files[0].name`. */
  path: string;
  /** From 1. */
  line?: number;
  /** From 1. */
  column?: number;
  /** What is wrong there. */
  message: string;
}

/** No recipe of that name on the search path. */
export class RecipeNotFoundError extends RecipeError {
  override readonly name: string = 'RecipeNotFoundError';
  constructor(name: string, near: readonly string[], searched: readonly string[]) {
    const hint = near.length > 0 ? ` Did you mean: ${near.join(', ')}?` : '';
    super('recipe_not_found', `Recipe '${name}' not found.${hint}`, { details: { recipe: name, searched } });
  }
}

/** The recipe, the input given to it or the output it returned does not have the right form. */
export class RecipeValidationError extends RecipeError {
  override readonly name: string = 'RecipeValidationError';
  /** All that is wrong, in the order of the file. */
  readonly errors: readonly RecipeProblem[];
  /** Only another run can return other output; a wrong recipe or input stays wrong. */
  readonly retryable: boolean;
  constructor(recipe: string, errors: readonly RecipeProblem[], what: 'recipe' | 'input' | 'output' = 'recipe') {
    const subject = what === 'recipe' ? 'Recipe' : what === 'input' ? 'Input of recipe' : 'Output of recipe';
    super('recipe_invalid', `${subject} '${recipe}' is not valid: ${errors.map(problemText).join('; ')}`, {
      details: { errors },
    });
    this.errors = errors;
    this.retryable = what === 'output';
  }
}

function problemText({ path, line, column, message }: RecipeProblem): string {
  const place = line === undefined ? path : `${path}:${line}:${column ?? 1}`;
  return `${place}: ${message}`;
}

/** The recipe needs something that is not here: an environment variable, a package, a program. */
export class RecipeDependencyError extends RecipeError {
  override readonly name: string = 'RecipeDependencyError';
  /** `env NAME`, `package NAME`, `external NAME`. */
  readonly missing: readonly string[];
  /** `help`: what to do about it, where that is not plain. */
  constructor(recipe: string, missing: readonly string[], help?: string) {
    const what = `Recipe '${recipe}' needs what is missing here: ${missing.join(', ')}`;
    super('missing_dependency', help === undefined ? what : `${what}; ${help}`, {
      details: { missing },
    });
    this.missing = missing;
  }
}

/** The recipe's own settings, the configuration, or a folder that does not count refuse what was asked. */
export class RecipePolicyError extends RecipeError {
  override readonly name: string = 'RecipePolicyError';
  constructor(message: string, options: TaskErrorOptions = {}) {
    super('policy_denied', message, options);
  }
}

import { TaskError } from './base.ts';

/** What was to be used up no further. */
export interface BudgetFacts {
  /** Which limit, and what it is: `{ tokens: 100000 }`. */
  limit: unknown;
  /** How much of it was used, in the same words. */
  used: unknown;
  /** The step that was to go on. */
  step?: string;
}

/**
 * What a task may use is used up: the task fails with `budget_exceeded` and is not retried. Only this package makes it: code
 * that throws an error with that `code` has failed like any other, since it knows nothing of the budget.
 */
export class BudgetExceededError extends TaskError {
  override readonly name: string = 'BudgetExceededError';
  override readonly details: BudgetFacts;
  readonly retryable = false;
  readonly #own = true;

  constructor(message: string, facts: BudgetFacts) {
    super('budget_exceeded', message);
    this.details = facts;
    this.stack = ''; // ours says nothing about the work
  }

  /** Whether it is one that was made here, whatever was thrown: a proxy is not asked. */
  static is(thrown: unknown): thrown is BudgetExceededError {
    return typeof thrown === 'object' && thrown !== null && #own in thrown && thrown.#own;
  }
}

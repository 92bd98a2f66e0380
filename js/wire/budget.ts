/** Bounds of what the agents of a task may use. */
import { invalid } from '../errors/argument.ts';
import { checkObject } from './check.ts';

/** A sum over all attempts of a task, and over those whose steps it has kept. What is left out has no bound. */
export interface Budget {
  /** Tokens that models read and write. */
  tokens?: number | undefined;
  /** US dollars, as servers say or as `agents.prices` of the configuration says. */
  cost?: number | undefined;
  /** Calls of models. */
  calls?: number | undefined;
}

/** What a recipe says of its agents. */
export interface AgentLimits {
  /** Over all attempts of a task. */
  budget: Budget;
  /** Model calls of one step. */
  maxTurns?: number;
}

/** What a model costs, in US dollars for a million tokens. */
export interface ModelPrice {
  /** Tokens that it reads. */
  input: number;
  /** Those of them that were cached. Default: as the others. */
  cached_input?: number;
  /** Tokens that it writes. */
  output: number;
}

/** The names of what is bounded. */
export const BUDGET_KEYS = ['tokens', 'cost', 'calls'] as const satisfies readonly (keyof Budget)[];

/** What each bound must be, for people. */
export const BUDGET_FORMS: Readonly<Record<keyof Budget, string>> = {
  tokens: 'tokens: a whole number above 0',
  cost: 'US dollars above 0',
  calls: 'calls: a whole number above 0',
};

/** Whether a value is a bound of that name. */
export const isBound = (key: keyof Budget, value: unknown): value is number =>
  key === 'cost' ? typeof value === 'number' && value > 0 && Number.isFinite(value) : isCount(value);

/** Whether it is a whole number above 0. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

/** Whether it is the price of a model. */
export function isPrice(value: unknown): value is ModelPrice {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { input, output, cached_input = 0, ...others } = value as Record<string, unknown>;
  const isPaid = (one: unknown): boolean => typeof one === 'number' && one >= 0 && Number.isFinite(one);
  return [input, output, cached_input].every(isPaid) && Object.keys(others).length === 0;
}

/** Checks what was given. `InvalidArgumentError` names the bound. */
export function checkedBudget(budget: unknown): Budget {
  checkObject('budget', budget, { tokens: true, cost: true, calls: true }, 'budget');
  const given = Object.entries(budget as Budget).filter(([, value]) => value !== undefined);
  for (const [key, value] of given) {
    if (!isBound(key as keyof Budget, value)) throw invalid(`budget.${key}`, value, BUDGET_FORMS[key as keyof Budget]);
  }
  return Object.fromEntries(given);
}

/** Checks how many model calls a step may make. */
export function checkedTurns(turns: unknown): number {
  if (isCount(turns)) return turns;
  throw invalid('maxTurns', turns, 'a whole number above 0');
}

/** Both as they were asked for, checked. */
export const checkedLimits = ({ budget, maxTurns }: { budget?: unknown; maxTurns?: unknown }) => ({
  budget: budget === undefined ? undefined : checkedBudget(budget),
  maxTurns: maxTurns === undefined ? undefined : checkedTurns(maxTurns),
});

/** Of several budgets the smallest of each bound. */
export function smallestOf(budgets: readonly (Budget | undefined)[]): Budget {
  const smallest: Budget = {};
  for (const key of BUDGET_KEYS) {
    const all = budgets.flatMap((one) => (one?.[key] === undefined ? [] : [one[key]]));
    if (all.length > 0) smallest[key] = Math.min(...all);
  }
  return smallest;
}

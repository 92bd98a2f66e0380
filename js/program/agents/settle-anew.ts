/** What is settled of a task that goes on where another one has ended. */
import type { Budget } from '../../wire/budget.ts';
import type { AgentsConfig } from '../../wire/config.ts';
import type { StoredUsage } from '../../wire/usage.ts';
import { type AgentsSettled, pricesOf, refuseUnpriced } from './settle.ts';
import { NOTHING, spentOf, sumOf } from './spending.ts';

export interface Anew {
  /** Over what was settled, bound by bound. */
  budget?: Budget | undefined;
  maxTurns?: number | undefined;
  config: AgentsConfig;
  /** What the ended task has used; undefined where its steps are not kept: then nothing counts. */
  kept: { usage: StoredUsage | null | undefined } | undefined;
}

/** Endpoint, models and tools stay as they were. `InvalidArgumentError` for a bound of what is not known. */
export function settledAnew(old: AgentsSettled, { budget, maxTurns, config, kept }: Anew): AgentsSettled {
  const { spent = NOTHING, ...settled } = old;
  const anew = {
    ...settled,
    budget: { ...settled.budget, ...budget },
    max_turns: maxTurns ?? settled.max_turns,
    prices: { ...settled.prices, ...pricesOf(Object.values(settled.models), config) },
  };
  refuseUnpriced(anew);
  return kept === undefined ? anew : { ...anew, spent: sumOf(spent, spentOf(kept.usage, anew.prices)) };
}

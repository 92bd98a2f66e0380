/**
 * What the agents of one task may use of models, and have used.
 *
 * 1. It is looked at before a call, never in the middle of one: an answer that goes over is kept, and nothing is asked after it.
 * 2. What a call may write is set aside while it is under way, so that calls at once share what is left.
 */
import { BudgetExceededError } from '../../errors/budget.ts';
import type { Budget, ModelPrice } from '../../wire/budget.ts';
import type { StoredUsage } from '../../wire/usage.ts';
import type { TokenUsage } from './model/types.ts';

/** What was used, as a record keeps it. */
export type Spent = Record<keyof Budget, number>;

/** A call that wants to be made. */
export interface Wish {
  /** Its step, for errors. */
  step: string;
  /** Tokens that it may write as the agent has it; undefined: as many as it likes. */
  maxTokens: number | undefined;
  price: ModelPrice | undefined;
  /** Calls that may be under way beside each other. */
  atOnce: number;
}

/** A call that may be made. */
export interface Grant {
  /** Tokens that it may write; undefined: as many as it likes. */
  maxTokens: number | undefined;
  /** It may write less than its agent would let it. */
  isCapped: boolean;
  /** It has ended, and has used so much. */
  end(used: Spent): void;
}

export const NOTHING: Spent = { tokens: 0, cost: 0, calls: 0 };

export class Spending {
  readonly #budget: Budget;
  #used: Spent;
  readonly #open = new Set<Spent>();
  #waiting: (() => void)[] = [];

  constructor(budget: Budget, before: Spent) {
    this.#budget = budget;
    this.#used = before;
  }

  /** Waits where calls under way may leave something over. Rejects with `BudgetExceededError` where there is nothing left. */
  async grant(wish: Wish): Promise<Grant> {
    for (;;) {
      const short = this.#short(wish.price);
      if (short === undefined) return this.#give(wish);
      if (this.#open.size === 0) throw this.#exceeded(short, wish.step);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** What to throw where an answer was cut because there was nothing left. */
  cut({ step, price }: Pick<Wish, 'step' | 'price'>): BudgetExceededError {
    return this.#exceeded(this.#short(price) ?? (this.#budget.tokens === undefined ? 'cost' : 'tokens'), step);
  }

  #exceeded(key: keyof Budget, step: string): BudgetExceededError {
    const [limit, used] = [this.#budget[key], rounded(this.#used[key])];
    const message = `${step}: ${used} of budget.${key} ${limit} used: nothing is left for another model call`;
    return new BudgetExceededError(message, { limit: { [key]: limit }, used: { [key]: used }, step });
  }

  /** The first bound of which nothing is left. */
  #short(price: ModelPrice | undefined): keyof Budget | undefined {
    if (this.#left('calls') < 1) return 'calls';
    if (this.#left('tokens') < 1) return 'tokens';
    return this.#left('cost') <= 0 || this.#payable(price) < 1 ? 'cost' : undefined;
  }

  #left(key: keyof Budget): number {
    const limit = this.#budget[key];
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    return [...this.#open].reduce((left, one) => left - one[key], limit - this.#used[key]);
  }

  /** Tokens that may be written for what is left of the money. */
  #payable(price: ModelPrice | undefined): number {
    const each = (price?.output ?? 0) / MILLION;
    return each === 0 ? Number.POSITIVE_INFINITY : Math.floor(this.#left('cost') / each);
  }

  #give({ maxTokens = Number.POSITIVE_INFINITY, price, atOnce }: Wish): Grant {
    const room = Math.min(this.#left('tokens'), this.#payable(price));
    const share = Math.max(1, Math.floor(room / Math.min(atOnce, this.#left('calls'))));
    const most = Math.min(maxTokens, share);
    const tokens = Number.isFinite(most) ? most : 0;
    const set: Spent = { tokens, cost: (tokens * (price?.output ?? 0)) / MILLION, calls: 1 };
    this.#open.add(set);
    return {
      maxTokens: Number.isFinite(most) ? most : undefined,
      isCapped: share < maxTokens,
      end: (used) => {
        if (!this.#open.delete(set)) return;
        this.#used = sumOf(this.#used, used);
        for (const goOn of this.#waiting.splice(0)) goOn();
      },
    };
  }
}

const MILLION = 1_000_000;

export const sumOf = (a: Spent, b: Spent): Spent => ({
  tokens: a.tokens + b.tokens,
  cost: a.cost + b.cost,
  calls: a.calls + b.calls,
});

/** Dollars without what only the arithmetic of computers adds. */
const rounded = (used: number): number => Math.round(used * 1e9) / 1e9;

/** Dollars; undefined where no price is known. */
export function costOf(
  usage: Pick<TokenUsage, 'input_tokens' | 'output_tokens' | 'cached_input_tokens'>,
  price: ModelPrice | undefined,
): number | undefined {
  if (price === undefined) return undefined;
  const { input_tokens: all, output_tokens: written } = usage;
  const cached = Math.min(usage.cached_input_tokens, all);
  const read = (all - cached) * price.input + cached * (price.cached_input ?? price.input);
  return rounded((read + written * price.output) / MILLION);
}

/** What a task has used, by what its record says; a cost that nobody has said is by these prices. */
export function spentOf(usage: StoredUsage | null | undefined, prices: Readonly<Record<string, ModelPrice>>): Spent {
  if (usage == null) return NOTHING;
  const { total, models = [] } = usage;
  const priced = models.map(({ model, tally }) => tally.cost ?? costOf(tally, priceOf(prices, model)) ?? 0);
  return {
    tokens: total.input_tokens + total.output_tokens,
    cost: total.cost ?? priced.reduce((sum, one) => sum + one, 0),
    calls: total.requests,
  };
}

/** The price of a model; undefined where none is known. */
export const priceOf = (prices: Readonly<Record<string, ModelPrice>>, model: string): ModelPrice | undefined =>
  Object.hasOwn(prices, model) ? prices[model] : undefined;

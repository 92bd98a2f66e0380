/**
 * One model call: asked once in the life of a task, as far as the budget goes, and paid for where everybody sees it.
 *
 * 1. The answer is stored before anybody gets it, and what it used in the same commit.
 * 2. That it begins is stored before it is asked: a run that finds a call which has begun and not ended tells that some of it
 *    was paid for, once.
 */
import type { RecipeContext } from '../../ports/recipe.ts';
import type { UsageFact } from '../../wire/usage.ts';
import { AgentError } from './failure.ts';
import type { Asking } from './model/ask-model.ts';
import type { ModelAnswer, Question } from './model/types.ts';
import { OutputFlow } from './output-flow.ts';
import { type TalkRun, warn } from './run-facts.ts';
import { costOf, NOTHING, priceOf, type Spent } from './spending.ts';

export interface ModelCall {
  run: TalkRun;
  /** The step that asks, and the key of this call of it. */
  step: string;
  key: string;
  question: Question;
  /** Calls that may be under way beside each other. */
  atOnce: number;
}

/** Rejects with what `askModel` does, and with `BudgetExceededError`. */
export async function askOnce(call: ModelCall): Promise<ModelAnswer> {
  const { run, step, key, question } = call;
  const { context, spending, settled } = run;
  return context.step(key, async () => {
    const price = priceOf(settled.prices, question.model);
    const wish = { step, price, maxTokens: question.maxTokens, atOnce: call.atOnce };
    const grant = await spending.grant(wish);
    let used = NOTHING;
    try {
      const number = await begun(context, call);
      const asked = { ...question, maxTokens: grant.maxTokens };
      const answer = await askNumbered(call, asked, number);
      const fact = usageOf(call, answer);
      context.usage(fact);
      used = spentOn(fact);
      const isCut = answer.finish_reason === 'length';
      if (isCut)
        warn(context, 'length', `${step}: the answer was cut: the model had no tokens left (finish_reason: length)`);
      if (!isCut || !grant.isCapped) return { ...answer, model: question.model };
      await ended(context, `${key}!${number}`);
    } finally {
      grant.end(used);
    }
    throw spending.cut(wish);
  });
}

/** Stores that a call begins, as which one under its key; tells of those before it that they were lost on their way. */
async function begun(context: RecipeContext, { key, question }: ModelCall): Promise<number> {
  for (let number = 0; ; number += 1) {
    let isNew = false;
    const task = await context.step(`${key}?${number}`, () => {
      isNew = true;
      return context.taskId;
    });
    if (isNew) return number;
    if (task !== context.taskId) continue; // of a task whose steps this one has kept, and that one's to tell
    await context.step(`${key}!${number}`, () => {
      context.usage({ model: named(question.model), step: key, incomplete: true });
      return 'lost';
    });
  }
}

/** Stores that a call has ended without an answer that is kept. */
const ended = (context: RecipeContext, key: string, tell: () => void = () => {}): Promise<string> =>
  context.step(key, () => {
    tell();
    return 'ended';
  });

async function askNumbered(call: ModelCall, question: Question, number: number): Promise<Timed> {
  const { run, step, key } = call;
  const { context } = run;
  const flow = new OutputFlow((text) => context.output(text));
  const since = performance.now();
  let told = false;
  const asking: Asking = {
    signal: context.signal,
    step,
    tell: (text) => {
      told = true;
      flow.add(text);
    },
  };
  try {
    const answer = await run.ask(question, asking);
    return { ...answer, ms: Math.round(performance.now() - since) };
  } catch (error) {
    context.signal.throwIfAborted(); // whoever goes on finds that it has begun
    await ended(context, `${key}!${number}`, () => {
      if (hasBegun(error, told)) context.usage({ model: named(question.model), step: key, incomplete: true });
    });
    throw error;
  } finally {
    flow.end();
  }
}

type Timed = ModelAnswer & { ms: number };

/** Some of an answer that was lost on its way was paid for. */
const hasBegun = (error: unknown, told: boolean): boolean =>
  told || (error instanceof AgentError && error.facts.reason === 'model_stream');

/** As it is counted by. */
const named = (model: string): string => model.slice(0, 200) || 'model';

/** What the server says of a call, and what that costs; one that says nothing has used more than is told. */
function usageOf({ run, key, question }: ModelCall, { usage, ms, finish_reason: why }: Timed): UsageFact {
  const call = {
    model: named(question.model),
    step: key,
    ms,
    ...(why === '' ? {} : { finishReason: why.slice(0, 200) }),
  };
  if (usage === null) return { ...call, incomplete: true };
  const { input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost } = usage;
  const priced = costOf(usage, priceOf(run.settled.prices, question.model));
  return {
    ...call,
    inputTokens: input_tokens,
    outputTokens: output_tokens,
    cachedInputTokens: cached_input_tokens,
    reasoningTokens: reasoning_tokens,
    ...(cost !== undefined ? { cost } : priced === undefined ? {} : { cost: priced, costSource: 'config' }),
  };
}

const spentOn = ({ inputTokens = 0, outputTokens = 0, cost = 0 }: UsageFact): Spent => ({
  tokens: inputTokens + outputTokens,
  cost,
  calls: 1,
});

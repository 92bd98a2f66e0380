/** What tasks use of models: facts that their code tells, and the sums that are shown. */
import { invalid } from '../errors/argument.ts';
import { checkObject, checkWhole } from './check.ts';

/** What was used at once, most often by one call of a model. What is not known is left out: it is never 0. */
export interface UsageFact {
  /** Which model: at most 200 characters. */
  model?: string | undefined;
  /** Tokens that it read. */
  inputTokens?: number | undefined;
  /** Tokens that it wrote. */
  outputTokens?: number | undefined;
  /** Those of the input that were cached. */
  cachedInputTokens?: number | undefined;
  /** Those of the output that nobody is shown. */
  reasoningTokens?: number | undefined;
  /** US dollars. */
  cost?: number | undefined;
  /** Who says so. Default: `'provider'`. */
  costSource?: 'provider' | 'config' | undefined;
  /** Steps of an agent. */
  steps?: number | undefined;
  /** Which step it was: at most 200 characters. Facts of a step stay apart from others. */
  step?: string | undefined;
  /** How long the call took, in milliseconds. */
  ms?: number | undefined;
  /** Why the model's answer ended: at most 200 characters. */
  finishReason?: string | undefined;
  /** More was used than is told: a call was lost half-way, or its server says nothing of it. Default false. */
  incomplete?: boolean | undefined;
}

/** Sums over calls of a model. */
export interface ModelUsageJson {
  /** Tokens that were read. */
  input_tokens: number;
  /** Tokens that were written. */
  output_tokens: number;
  /** Those of the input that were cached. */
  cached_input_tokens: number;
  /** Those of the output that nobody is shown. */
  reasoning_tokens: number;
  /** How many calls. */
  requests: number;
  /** US dollars; null: of one of the calls it is not known. */
  cost: number | null;
}

/** What a task has used, over all of its attempts. */
export interface UsageJson extends ModelUsageJson {
  /** Steps of agents. */
  steps: number;
  /** Of `cost`. */
  currency: 'USD';
  /** Who says what it costs: whoever was called, or prices of the configuration. */
  cost_source: 'provider' | 'config' | null;
  /** More was used than is told. */
  incomplete: boolean;
  /** By model; of more than twenty the rest is `others`. */
  models: Record<string, ModelUsageJson>;
}

/** `ModelUsageJson` in camelCase. */
export interface ModelUsage {
  /** Tokens that were read. */
  inputTokens: number;
  /** Tokens that were written. */
  outputTokens: number;
  /** Those of the input that were cached. */
  cachedInputTokens: number;
  /** Those of the output that nobody is shown. */
  reasoningTokens: number;
  /** How many calls. */
  requests: number;
  /** US dollars; null: of one of the calls it is not known. */
  cost: number | null;
}

/** `UsageJson` in camelCase. */
export interface Usage extends ModelUsage {
  /** Steps of agents. */
  steps: number;
  /** Of `cost`. */
  currency: 'USD';
  /** Who says what it costs: whoever was called, or prices of the configuration. */
  costSource: 'provider' | 'config' | null;
  /** More was used than is told. */
  incomplete: boolean;
  /** By model; of more than twenty the rest is `others`. */
  models: Record<string, ModelUsage>;
}

type Tally = Omit<ModelUsageJson, 'cost'> & { cost?: number | null };

/** As the core keeps it in a record. */
export interface StoredUsage {
  total: Tally;
  steps: number;
  cost_source?: 'provider' | 'config' | null;
  incomplete?: boolean;
  models?: readonly { model: string; tally: Tally }[];
}

/** What the core is told of a fact. */
export type Used = Partial<Record<(typeof COUNTS)[number] | 'requests' | 'cost' | 'ms', number>> & {
  model?: string;
  step?: string;
  finish_reason?: string;
  cost_source?: 'provider' | 'config';
  incomplete?: boolean;
};

const COUNTS = ['input_tokens', 'output_tokens', 'cached_input_tokens', 'reasoning_tokens', 'steps'] as const;

const KEYS: Record<keyof UsageFact, keyof Used> = {
  model: 'model',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cachedInputTokens: 'cached_input_tokens',
  reasoningTokens: 'reasoning_tokens',
  cost: 'cost',
  costSource: 'cost_source',
  steps: 'steps',
  step: 'step',
  ms: 'ms',
  finishReason: 'finish_reason',
  incomplete: 'incomplete',
};

/** Checks a fact. `InvalidArgumentError` names what is no count. */
export function usedOf(fact: UsageFact): Used {
  checkObject('usage', fact, KEYS, 'usage');
  const used: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fact)) {
    if (value === undefined) continue;
    const name = KEYS[key as keyof UsageFact];
    if (name === 'model' || name === 'step' || name === 'finish_reason') checkText(key, value);
    else if (name === 'cost') checkCost(value);
    else if (name === 'cost_source') checkSource(value);
    else if (name === 'ms') checkMs(value);
    else if (name === 'incomplete') checkFlag(value);
    else if (!Number.isSafeInteger(value) || value < 0) throw invalid(`usage.${key}`, value, 'a whole number from 0');
    used[name] = value;
  }
  return used as Used;
}

function checkText(key: string, text: unknown): void {
  checkWhole(`usage.${key}`, text);
  if (typeof text === 'string' && text !== '' && [...text].length <= 200) return;
  throw invalid(`usage.${key}`, text, 'a text of 1 to 200 characters');
}

function checkSource(source: unknown): void {
  if (source === 'provider' || source === 'config') return;
  throw invalid('usage.costSource', source, "'provider' or 'config'");
}

function checkMs(ms: unknown): void {
  if (typeof ms === 'number' && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER) return;
  throw invalid('usage.ms', ms, 'milliseconds from 0');
}

function checkFlag(flag: unknown): void {
  if (typeof flag !== 'boolean') throw invalid('usage.incomplete', flag, 'true or false');
}

function checkCost(cost: unknown): void {
  if (typeof cost === 'number' && cost >= 0 && cost <= 1e9) return;
  throw invalid('usage.cost', cost, 'US dollars from 0');
}

/** One fact of two, of the same model and step, whose costs are both known or both not, and said by the same. */
export function joined(a: Used, b: Used): Used {
  const sum: Used = { ...a, requests: callsOf(a) + callsOf(b) };
  for (const key of [...COUNTS, 'cost', 'ms'] as const) {
    if (b[key] !== undefined) sum[key] = (a[key] ?? 0) + b[key];
  }
  if (b.incomplete) sum.incomplete = true;
  return sum;
}

/** Steps alone are no call. */
const callsOf = ({ requests, ...used }: Used): number =>
  requests ?? (OF_CALLS.some((key) => used[key] !== undefined) ? 1 : 0);

const OF_CALLS = [
  'model',
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'reasoning_tokens',
  'cost',
  'incomplete',
] as const;

/** Turns what is stored into what is shown. */
export function usageJson(stored: StoredUsage | null | undefined): UsageJson | null {
  if (stored == null) return null;
  const models = (stored.models ?? []).map(({ model, tally }) => [model, tallyJson(tally)]);
  return {
    ...tallyJson(stored.total),
    steps: stored.steps,
    currency: 'USD',
    cost_source: stored.cost_source ?? null,
    incomplete: stored.incomplete ?? false,
    models: Object.fromEntries(models),
  };
}

const tallyJson = ({ cost = null, ...counts }: Tally): ModelUsageJson => ({ ...counts, cost });

/** Turns the wire's usage into the one of the TypeScript API. */
export function usageFromJson(json: UsageJson | null): Usage | null {
  if (json === null) return null;
  const models = Object.entries(json.models).map(([model, one]) => [model, modelFromJson(one)]);
  const { steps, currency, cost_source: costSource, incomplete } = json;
  return { ...modelFromJson(json), steps, currency, costSource, incomplete, models: Object.fromEntries(models) };
}

const modelFromJson = (json: ModelUsageJson): ModelUsage => ({
  inputTokens: json.input_tokens,
  outputTokens: json.output_tokens,
  cachedInputTokens: json.cached_input_tokens,
  reasoningTokens: json.reasoning_tokens,
  requests: json.requests,
  cost: json.cost,
});

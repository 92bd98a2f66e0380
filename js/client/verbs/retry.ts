import { parseDuration } from '../../core/index.ts';
import { timeoutMs } from '../../core/options.ts';
import { invalid } from '../../errors/index.ts';
import { needGroups } from '../../platform/groups.ts';
import { thisPlace } from '../../platform/place.ts';
import type { AgentsSettled } from '../../program/agents/settle.ts';
import type { Anew as Renewal } from '../../program/agents/settle-anew.ts';
import type { RecipeSource } from '../../recipe/index.ts';
import type { Anew } from '../../store/types.ts';
import type { Submitted } from '../../wire/answers.ts';
import { checkedLimits } from '../../wire/budget.ts';
import { checkObject } from '../../wire/check.ts';
import type { RetryOptions } from '../../wire/requests.ts';
import { isTerminal } from '../../wire/task.ts';
import type { StoredUsage } from '../../wire/usage.ts';
import { ownBinding } from '../staff/environment.ts';
import { afterStored, provideFor, rowToStart, tellUnserved } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { refuseOfAgents } from './of-agents.ts';
import { storedJson } from './stored-json.ts';

/**
 * Submits a task that has ended once more, with the values of this process if it has all that it needs; the new one says so
 * by `retried_from`. One that waits for values which nobody has is given those of this process.
 */
export async function retry(context: VerbContext, id: string, options: RetryOptions = {}): Promise<Submitted> {
  checkObject('options', options, RETRY_KEYS, 'retry');
  await context.due();
  // before anything is made: an unknown task is refused without a store
  const old = await context.run('get', { id, payloads: [] });
  if (old === null) throw context.notFound(id);
  const record = recordIn(old.record);
  if (record.source) needGroups('a task of a recipe that is a folder, or of a command,');
  const by = await ownBinding(context);
  const start = await rowToStart(context, by);
  const anew = await anewOf(context, record, isTerminal(old.status), options);
  const { task, spawn } = await context.run('retry', { id, start, by, ...anew });
  const json = storedJson(task);
  await afterStored(context, [json], spawn ? start : null);
  if (start === null) await tellUnserved(context, [json]);
  if (task.missing.length > 0 && !spawn) await provideFor(context, [json]);
  return json;
}

const RETRY_KEYS: Record<keyof RetryOptions, true> = { keepSteps: true, timeout: true, budget: true, maxTurns: true };

/** What is other of the new task: what was asked for, and where its recipe lies. */
async function anewOf(context: VerbContext, record: Ended, isOver: boolean, options: RetryOptions): Promise<Anew> {
  const { timeout, budget, maxTurns } = options;
  const { settled, usage, source } = record;
  const { keepSteps = settled !== undefined } = options;
  if (typeof keepSteps !== 'boolean') throw invalid('keepSteps', keepSteps, 'true or false');
  if (settled === undefined) refuseOfAgents({ budget, maxTurns }, 'a task that has no agents');
  const found = isOver ? await sourceAnew(context, record) : {};
  const own = found.source ?? source;
  const kept = keepSteps ? { usage } : undefined;
  const isOther = settled !== undefined && (kept !== undefined || budget !== undefined || maxTurns !== undefined);
  return {
    ...found,
    ...(isOther && own ? { source: { ...own, settled: await settleAnew(context, settled, options, kept) } } : {}),
    ...(timeout === undefined ? {} : { timeoutMs: timeoutMs(timeout, parseDuration) }),
    ...(keepSteps ? { keepSteps } : {}),
  };
}

async function settleAnew(
  context: VerbContext,
  settled: AgentsSettled,
  options: RetryOptions,
  kept: Renewal['kept'],
): Promise<AgentsSettled> {
  const { settledAnew } = await import('../../program/agents/settle-anew.ts');
  return settledAnew(settled, {
    ...checkedLimits(options),
    config: context.config.agents ?? {},
    kept,
  });
}

/** The folder is looked for anew where it does not hold the recipe any more, or is that of another place. */
async function sourceAnew(context: VerbContext, { recipe, source }: Ended): Promise<{ source?: RecipeSource }> {
  if (!source || source.ad_hoc) return {};
  const { findRecipe, holdsRecipe, sourceOf } = await import('../../recipe/index.ts');
  const isHere = source.place === undefined || source.place === thisPlace();
  if (isHere && (await holdsRecipe(source.root, recipe))) return {};
  const found = await findRecipe(recipe, context.search());
  const { needs, inherit_env, settled } = source;
  const kept = { needs, inherit_env, ...(settled === undefined ? {} : { settled }) };
  return { source: { ...sourceOf(found), ...kept } };
}

interface Ended {
  recipe: string;
  source?: RecipeSource | null;
  usage?: StoredUsage | null;
  /** Of agents. */
  settled?: AgentsSettled;
}

function recordIn(record: string): Ended {
  try {
    const read = JSON.parse(record) as Ended;
    return { ...read, settled: read.source?.settled as AgentsSettled };
  } catch {
    return { recipe: '' }; // the store says that it is damaged
  }
}

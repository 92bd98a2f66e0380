/** Which model an agent gets. */
import { InvalidArgumentError } from '../../errors/argument.ts';
import type { AgentsConfig } from '../../wire/config.ts';
import type { Environment } from '../../wire/globals.ts';
import { type Endpoint, isOpenAi } from './endpoint.ts';

export interface ModelChoice {
  endpoint: Endpoint;
  /** Asked for at the submit. */
  asked: string | undefined;
  config: AgentsConfig;
  env: Environment;
}

const DEFAULT = 'gpt-4o-mini';

/**
 * The model for an agent whose author meant `llm`. Another endpoint than OpenAI's has its own models, so that what is said
 * for all counts there before what the author meant.
 *
 * `InvalidArgumentError` where nobody names one.
 */
export function modelFor(llm: string | undefined, { endpoint, asked, config, env }: ModelChoice): string {
  const said = env.OFFSTAGE_MODEL || config.model;
  const mapped = llm !== undefined && Object.hasOwn(config.models ?? {}, llm) ? config.models?.[llm] : undefined;
  if (isOpenAi(endpoint)) return asked ?? mapped ?? llm?.replace(/^openai\//, '') ?? said ?? DEFAULT;
  const found = asked ?? mapped ?? said ?? llm;
  if (found !== undefined) return found;
  throw new InvalidArgumentError(
    `no model: ${endpoint.url} has its own; name one by --model, OFFSTAGE_MODEL, or agents.model of the configuration`,
    { option: 'model' },
  );
}

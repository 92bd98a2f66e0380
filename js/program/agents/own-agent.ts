/** Runs an agent that is given in code: its model is named, or an object; its tools are functions. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { RecipeDependencyError } from '../../errors/recipe.ts';
import type { RecipeContext } from '../../ports/recipe.ts';
import type { Budget, ModelPrice } from '../../wire/budget.ts';
import { loadJsonSchema } from '../../wire/json-schema.ts';
import { USED } from '../../wire/note.ts';
import { converse } from './converse.ts';
import { type Endpoint, endpointOf, NO_ENDPOINT } from './endpoint.ts';
import { askModel } from './model/ask-model.ts';
import { askObject, isModelObject, type LanguageModelLike } from './model/ask-object.ts';
import type { Message } from './model/types.ts';
import { modelFor } from './model-name.ts';
import type { AgentSpec } from './plan.ts';
import { keyFrom, type TalkRun } from './run-facts.ts';
import { DEFAULT_TURNS } from './settings.ts';
import { Spending, spentOf } from './spending.ts';
import { standardForm } from './structured.ts';
import { codeTool, jsonSchemaOf } from './tools/code-tools.ts';

/** An agent of our own, as `defineAgent` takes it. */
export interface OwnAgent {
  name: string;
  instructions?: string | undefined;
  model?: string | LanguageModelLike | undefined;
  tools?: Readonly<Record<string, unknown>> | undefined;
  maxTurns?: number | undefined;
  /** Over all attempts. */
  budget?: Budget | undefined;
  price?: ModelPrice | undefined;
  output?: StandardSchemaV1 | undefined;
  approve?: 'ask' | 'deny' | undefined;
}

/** What is settled by the first attempt and holds for all others. */
interface Where {
  endpoint: Endpoint;
  model: string;
}

/** Milliseconds. */
const IDLE = 600_000;

/** Answers with what the agent says to these messages, or with its output as its schema returns it. */
export async function runOwnAgent(
  agent: OwnAgent,
  messages: readonly Message[],
  context: RecipeContext,
): Promise<unknown> {
  await loadJsonSchema();
  const { name, instructions = '', output } = agent;
  const tools = Object.entries(agent.tools ?? {}).map(([tool, given]) => codeTool(tool, given));
  const form = output === undefined ? undefined : standardForm(output, jsonSchemaOf(output));
  const system: Message[] = [instructions, form?.text ?? '']
    .filter((text) => text !== '')
    .map((content) => ({ role: 'system', content }));
  return converse({
    run: await runOf(agent, context),
    key: keyFrom([name], 'agent'),
    agent: specOf(agent),
    messages: [...system, ...messages],
    tools,
    limits: { all: undefined, byTool: {} },
    remembered: new Set(),
    atOnce: 1,
    form,
  });
}

const specOf = ({ name, instructions = '' }: OwnAgent): AgentSpec => ({
  name,
  role: '',
  goal: '',
  backstory: '',
  instructions,
  llm: undefined,
  tools: [],
  toolChoice: undefined,
  maxTokens: undefined,
  temperature: undefined,
});

async function runOf(agent: OwnAgent, context: RecipeContext): Promise<TalkRun> {
  const { model } = agent;
  const talk = (modelId: string) => {
    const settled = settledOf(agent, modelId);
    return { context, settled, spending: new Spending(agent.budget ?? {}, spentOf(context[USED], settled.prices)) };
  };
  if (isModelObject(model)) {
    const { modelId, provider = '' } = model;
    return { ...talk(modelId), endpoint: provider, ask: (question, asking) => askObject(model, question, asking) };
  }
  const { endpoint, model: name } = await context.step('agent:where', () => whereOf(agent));
  const key = endpoint.key === undefined ? undefined : process.env[endpoint.key];
  const server = { url: endpoint.url, key, idleMs: IDLE, omitted: { schema: false, usage: false } };
  const ask: TalkRun['ask'] = (question, asking) => askModel(server, question, asking);
  return { ...talk(name), endpoint: endpoint.url, ask };
}

/** By the environment of the first attempt. */
function whereOf({ name, model }: OwnAgent): Where {
  const endpoint = endpointOf(process.env, {});
  if (endpoint === undefined) throw new RecipeDependencyError(name, ['env OPENAI_API_KEY'], NO_ENDPOINT);
  const asked = typeof model === 'string' ? model : undefined;
  return { endpoint, model: modelFor(undefined, { endpoint, asked, config: {}, env: process.env }) };
}

function settledOf(
  { tools = {}, maxTurns = DEFAULT_TURNS, approve = 'ask', price }: OwnAgent,
  model: string,
): TalkRun['settled'] {
  const asked = Object.entries(tools).filter(
    ([, tool]) => (tool as { needsApproval?: unknown }).needsApproval === true,
  );
  return {
    models: { '': model },
    tools: Object.fromEntries(asked.map(([name]) => [name, approve])),
    max_turns: maxTurns,
    prices: price === undefined ? {} : { [model]: price },
    structured: true,
  };
}

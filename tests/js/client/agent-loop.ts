/** An agent with tools of the test's own, on the loop that agents run on, against the server of a test. */
import type { BackgroundTool } from '#offstage';
import { converse } from '#offstage/program/agents/converse.js';
import { askModel } from '#offstage/program/agents/model/ask-model.js';
import { NOTHING, Spending } from '#offstage/program/agents/spending.js';
import { fakeContext } from '../recipe/helpers.js';

/** Asks once, and lets it use its tools until it answers. */
export async function askWithTools(
  models: { url: string },
  prompt: string,
  tools: readonly BackgroundTool[],
): Promise<unknown> {
  const { context } = fakeContext(new AbortController());
  const settled = { max_turns: 20, models: { '': 'test-model' }, prices: {}, structured: true, tools: {} };
  const server = { url: models.url, key: undefined, idleMs: 60_000, omitted: { schema: false, usage: false } };
  return converse({
    run: {
      context,
      settled,
      endpoint: models.url,
      ask: (question, asking) => askModel(server, question, asking),
      spending: new Spending({}, NOTHING),
    },
    key: 'test',
    agent: {
      name: 'test',
      role: '',
      goal: '',
      backstory: '',
      instructions: '',
      llm: undefined,
      tools: [],
      toolChoice: undefined,
      maxTokens: undefined,
      temperature: undefined,
    },
    messages: [{ role: 'user', content: prompt }],
    atOnce: 1,
    form: undefined,
    tools: tools.map(({ name, description, inputSchema, execute }) => ({
      name,
      description,
      parameters: { ...inputSchema },
      run: async (args: unknown, signal: AbortSignal) => JSON.stringify(await execute(args, { signal })),
    })),
    limits: { all: undefined, byTool: {} },
    remembered: new Set(),
  });
}

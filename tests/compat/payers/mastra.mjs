/** Mastra, with a storage that survives its process. */
import { appendFileSync } from 'node:fs';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { createTool } from '@mastra/core/tools';
import { LibSQLStore } from '@mastra/libsql';
import { defineAgent } from 'offstage';
import { z } from 'zod';

const { MODELS_URL: baseURL, PROJECT } = process.env;

const pay = createTool({
  id: 'pay',
  description: 'Pays.',
  inputSchema: z.object({ usd: z.number() }),
  requireApproval: true,
  async execute(given) {
    const { usd } = given.context ?? given; // of 0.x, and of 1.x
    appendFileSync(`${PROJECT}/paid`, `${usd}\n`);
    return 'done';
  },
});

export default defineAgent({
  name: 'payer',
  create() {
    const payer = new Agent({
      id: 'payer',
      name: 'payer',
      instructions: 'You pay.',
      model: createOpenAICompatible({ name: 'local', baseURL, includeUsage: true })('m'),
      tools: { pay },
    });
    const storage = new LibSQLStore({ id: 'runs', url: `file:${PROJECT}/runs.db` });
    return new Mastra({ agents: { payer }, storage, logger: false }).getAgent('payer');
  },
});

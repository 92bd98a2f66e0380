/** The AI SDK, 6 and 7. */
import { appendFileSync } from 'node:fs';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { ToolLoopAgent, tool } from 'ai';
import { defineAgent } from 'offstage';
import { z } from 'zod';

const { MODELS_URL: baseURL, PROJECT } = process.env;

export default defineAgent({
  name: 'payer',
  create: () =>
    new ToolLoopAgent({
      model: createOpenAICompatible({ name: 'local', baseURL, includeUsage: true })('m'),
      tools: {
        pay: tool({
          description: 'Pays.',
          inputSchema: z.object({ usd: z.number() }),
          needsApproval: true,
          execute({ usd }) {
            appendFileSync(`${PROJECT}/paid`, `${usd}\n`);
            return 'done';
          },
        }),
      },
    }),
});

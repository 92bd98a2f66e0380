/** `@openai/agents`. */
import { appendFileSync } from 'node:fs';
import { Agent, OpenAIChatCompletionsModel, setTracingDisabled, tool } from '@openai/agents';
import { defineAgent } from 'offstage';
import OpenAI from 'openai';
import { z } from 'zod';

const { MODELS_URL: baseURL, PROJECT } = process.env;
setTracingDisabled(true);

const pay = tool({
  name: 'pay',
  description: 'Pays.',
  parameters: z.object({ usd: z.number() }),
  needsApproval: true,
  execute({ usd }) {
    appendFileSync(`${PROJECT}/paid`, `${usd}\n`);
    return 'done';
  },
});

export default defineAgent({
  name: 'payer',
  create() {
    const model = new OpenAIChatCompletionsModel(new OpenAI({ apiKey: 'none', baseURL }), 'm');
    return new Agent({ name: 'payer', model, tools: [pay] });
  },
});

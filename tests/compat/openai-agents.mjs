/** `@openai/agents`: an agent with background tools. */
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { probe } from './stage.mjs';

setTracingDisabled(true);
await probe(
  (baseURL, tools) => {
    const model = new OpenAIChatCompletionsModel(new OpenAI({ apiKey: 'none', baseURL }), 'm');
    const known = Object.values(tools).map((one) =>
      tool({ ...one, parameters: { ...one.inputSchema }, strict: false }),
    );
    return new Agent({ name: 'doubler', model, tools: known });
  },
  { how: { run } },
);

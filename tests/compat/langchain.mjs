/** LangChain and LangGraph: an agent with background tools. */
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { createAgent } from 'langchain';
import { probe } from './stage.mjs';

await probe((baseURL, tools) => {
  const known = Object.values(tools).map((one) =>
    tool(async (input) => JSON.stringify(await one.execute(input)), {
      name: one.name,
      description: one.description,
      schema: { ...one.inputSchema },
    }),
  );
  const model = new ChatOpenAI({ model: 'm', apiKey: 'none', streaming: true, configuration: { baseURL } });
  return createAgent({ model, tools: known });
});

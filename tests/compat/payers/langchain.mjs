/** LangChain with its human-in-the-loop middleware. */
import { appendFileSync } from 'node:fs';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { createAgent, humanInTheLoopMiddleware } from 'langchain';
import { defineAgent } from 'offstage';
import { FileSaver } from '../../../file-saver.mjs';

const { MODELS_URL: baseURL, PROJECT } = process.env;

const pay = tool(
  ({ usd }) => {
    appendFileSync(`${PROJECT}/paid`, `${usd}\n`);
    return 'done';
  },
  {
    name: 'pay',
    description: 'Pays.',
    schema: { type: 'object', properties: { usd: { type: 'number' } }, required: ['usd'] },
  },
);

export default defineAgent({
  name: 'payer',
  create: () =>
    createAgent({
      model: new ChatOpenAI({ model: 'm', apiKey: 'none', streaming: true, configuration: { baseURL } }),
      tools: [pay],
      middleware: [humanInTheLoopMiddleware({ interruptOn: { pay: true } })],
      checkpointer: new FileSaver(`${PROJECT}/threads`),
    }),
});

/** A graph of LangGraph that interrupts itself. */
import { appendFileSync } from 'node:fs';
import { ToolMessage } from '@langchain/core/messages';
import { interrupt, MessagesAnnotation, StateGraph } from '@langchain/langgraph';
import { ChatOpenAI } from '@langchain/openai';
import { defineAgent } from 'offstage';
import { FileSaver } from '../../../file-saver.mjs';

const { MODELS_URL: baseURL, PROJECT } = process.env;
const PAY = {
  type: 'function',
  function: { name: 'pay', parameters: { type: 'object', properties: { usd: { type: 'number' } } } },
};

export default defineAgent({
  name: 'payer',
  create() {
    const model = new ChatOpenAI({ model: 'm', apiKey: 'none', streaming: true, configuration: { baseURL } }).bindTools(
      [PAY],
    );
    const ask = async ({ messages }) => ({ messages: [await model.invoke(messages)] });
    const pay = ({ messages }) => {
      const [{ id, args }] = messages.at(-1).tool_calls;
      const isAllowed = interrupt(`May it pay ${args.usd}?`);
      if (isAllowed) appendFileSync(`${PROJECT}/paid`, `${args.usd}\n`);
      return { messages: [new ToolMessage({ content: isAllowed ? 'done' : 'refused', tool_call_id: id })] };
    };
    return new StateGraph(MessagesAnnotation)
      .addNode('ask', ask)
      .addNode('pay', pay)
      .addEdge('__start__', 'ask')
      .addConditionalEdges('ask', ({ messages }) => (messages.at(-1).tool_calls?.length > 0 ? 'pay' : '__end__'))
      .addEdge('pay', 'ask')
      .compile({ checkpointer: new FileSaver(`${PROJECT}/threads`) });
  },
});

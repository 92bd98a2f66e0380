/** Graphs of LangGraph, agents of LangChain and whatever else is a runnable. Their deprecated `run` is not called. */
import { call, type Framework, has, isShape, messagesOf, type Shape, tellUsage } from './framework.ts';

type Task = Parameters<Framework['ask']>[2];

const isGraph = (agent: Shape): boolean =>
  agent.lg_is_pregel === true || (isShape(agent.graph) && agent.graph.lg_is_pregel === true);

export const langchain: Framework = {
  is: (agent) => (isGraph(agent) || agent.lc_runnable === true) && has(agent, 'invoke', 'stream'),
  ask: (agent, prompt, task) =>
    isGraph(agent)
      ? askGraph(agent, { messages: messagesOf(prompt) }, task)
      : askRunnable(agent, typeof prompt === 'string' ? prompt : messagesOf(prompt), task),
};

/** The outcome is the text of the last message that a model wrote. */
async function askGraph(agent: Shape, input: object, task: Task): Promise<unknown> {
  const { signal, taskId, output } = task;
  const how = { streamMode: ['messages', 'updates'], signal, configurable: { thread_id: taskId } };
  let [text, last]: [string, unknown] = ['', undefined];
  for await (const item of (await call(agent, 'stream', input, how)) as AsyncIterable<unknown>) {
    signal.throwIfAborted();
    const [mode, data] = item as [string, unknown];
    if (mode === 'updates' && isShape(data) && '__interrupt__' in data) {
      throw new Error('the graph asks a person (interrupt), which is not passed on for graphs');
    }
    const [message] = mode === 'messages' ? (data as unknown[]) : [];
    if (!isShape(message) || !isOfModel(message)) continue;
    tellUsage(task, message.usage_metadata);
    const said = textIn(message.content);
    text = message.id === last ? text + said : said;
    last = message.id;
    if (said !== '') output(said);
  }
  signal.throwIfAborted();
  return text;
}

const isOfModel = (message: Shape): boolean => !has(message, 'getType') || typeOf(message) === 'ai';

const typeOf = (message: Shape): unknown => (message.getType as () => unknown).call(message);

/** Texts are put together; anything else is as it came. */
async function askRunnable(agent: Shape, input: unknown, { signal, output }: Task): Promise<unknown> {
  const items: unknown[] = [];
  for await (const item of (await call(agent, 'stream', input, { signal })) as AsyncIterable<unknown>) {
    signal.throwIfAborted();
    const piece = isShape(item) && 'content' in item ? textIn(item.content) : item;
    items.push(piece);
    output(piece);
  }
  signal.throwIfAborted();
  if (items.every((item) => typeof item === 'string')) return items.join('');
  return items.length === 1 ? items[0] : items;
}

/** A text, or that of its parts. */
function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isShape(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

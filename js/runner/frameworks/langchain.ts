/** Graphs of LangGraph, agents of LangChain and whatever else is a runnable. Their deprecated `run` is not called. */
import { MissingDependencyError } from '../../errors/refusal.ts';
import { call, DENIED, type Framework, has, isShape, mayUse, messagesOf, type Shape, tellUsage } from './framework.ts';

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

/** What a graph says until it has ended or interrupts itself. */
type Turn = { text: string } | { interrupts: { id?: unknown; value: unknown }[] };

/** The outcome is the text of the last message that a model wrote. Its own checkpointer keeps where it stands. */
async function askGraph(agent: Shape, first: object, task: Task): Promise<unknown> {
  let input: unknown = first;
  for (let number = 1; ; number += 1) {
    const turn: Turn = await task.step(`agent:${number}`, () => turnOf(agent, input, task));
    if ('text' in turn) return turn.text;
    if (task.load === undefined) throw new MissingDependencyError('a graph that asks a person', PACKAGE, HELP);
    const { Command } = (await task.load(PACKAGE)) as { Command: CommandClass };
    const answers: unknown[] = [];
    for (const [index, one] of turn.interrupts.entries()) {
      answers.push(await answerTo(one.value, `interrupt:${number}.${index + 1}`, task));
    }
    const byId = turn.interrupts.map(({ id }, index) => [String(id), answers[index]] as const);
    input = new Command({ resume: answers.length === 1 ? answers[0] : Object.fromEntries(byId) });
  }
}

async function turnOf(agent: Shape, input: unknown, task: Task): Promise<Turn> {
  const { signal, taskId, sessionId, output } = task;
  const how = { streamMode: ['messages', 'updates'], signal, configurable: { thread_id: sessionId ?? taskId } };
  let [text, last]: [string, unknown] = ['', undefined];
  const interrupts: { id?: unknown; value: unknown }[] = [];
  for await (const item of (await call(agent, 'stream', input, how)) as AsyncIterable<unknown>) {
    signal.throwIfAborted();
    const [mode, data] = item as [string, unknown];
    if (mode === 'updates') interrupts.push(...interruptsIn(data));
    const [message] = mode === 'messages' ? (data as unknown[]) : [];
    if (!isShape(message) || !isOfModel(message)) continue;
    tellUsage(task, message.usage_metadata);
    const said = textIn(message.content);
    text = message.id === last ? text + said : said;
    last = message.id;
    if (said !== '') output(said);
  }
  signal.throwIfAborted();
  return interrupts.length === 0 ? { text } : { interrupts };
}

function interruptsIn(update: unknown): { id?: unknown; value: unknown }[] {
  const found = isShape(update) ? update.__interrupt__ : undefined;
  if (!Array.isArray(found)) return [];
  return found.filter(isShape).map(({ id, value = null }) => ({ ...(id === undefined ? {} : { id }), value }));
}

/** What a graph is told: of LangChain's approvals a decision for each call, else what the person said, and false for no. */
async function answerTo(value: unknown, key: string, task: Task): Promise<unknown> {
  const calls = isShape(value) ? (value.actionRequests ?? value.action_requests) : undefined;
  if (!Array.isArray(calls)) {
    if (task.approve === 'deny') return false;
    const { action, content } = await task.requestInput({ key, message: shown(value) });
    return action === 'accept' ? (content ?? true) : false;
  }
  const decisions: unknown[] = [];
  for (const [index, one] of calls.entries()) {
    const { name, args } = isShape(one) ? one : {};
    const isAllowed = await mayUse(task, `${key}.${index + 1}`, name, args);
    decisions.push(isAllowed ? { type: 'approve' } : { type: 'reject', message: DENIED });
  }
  return { decisions };
}

const MOST_SHOWN = 500;

const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MOST_SHOWN) || 'The graph asks.';

/** Only the graph's own class is a command to it. */
type CommandClass = new (how: object) => unknown;

const PACKAGE = '@langchain/langgraph';
const HELP = 'it is needed to tell a graph what a person has answered: use defineAgent, in a project that has it';

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

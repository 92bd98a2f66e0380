/** Agents of Mastra: `generate`, `stream` and `getInstructions`, without a version. */
import { type AgentTask, call, type Framework, has, isShape, mayUse, type Shape, tellUsage } from './framework.ts';

/** What it says until it has ended, or wants a tool approved: its own storage keeps the run then. */
type Turn = { text: unknown } | { asked: Shape };

export const mastra: Framework = {
  is: (agent) => has(agent, 'generate', 'stream', 'getInstructions'),
  async ask(agent, prompt, task) {
    const { signal: abortSignal } = task;
    let begin = (): Promise<unknown> => call(agent, 'stream', prompt, { abortSignal });
    for (let number = 1; ; number += 1) {
      const turn: Turn = await task.step(`agent:${number}`, () => turnOf(begin, task));
      if ('text' in turn) return turn.text;
      const { runId, toolCallId, toolName, args } = turn.asked;
      const isAllowed = await mayUse(task, String(toolCallId), toolName, args);
      const method = isAllowed ? 'approveToolCall' : 'declineToolCall';
      begin = () => call(agent, method, { runId, toolCallId });
    }
  },
};

async function turnOf(begin: () => Promise<unknown>, task: AgentTask): Promise<Turn> {
  const result = (await begin()) as Shape;
  const { text, asked } = await read(result, task);
  if (asked !== undefined) return { asked }; // what it used so far is in the totals of the turn that ends
  tellUsage(task, await result.totalUsage);
  return { text: (await result.text) ?? text };
}

async function read(result: Shape, { signal, output }: AgentTask) {
  let text = '';
  let asked: Shape | undefined;
  for await (const part of (result.fullStream ?? result.textStream) as AsyncIterable<unknown>) {
    signal.throwIfAborted();
    const { type, runId, payload } = isShape(part)
      ? part
      : { type: 'text-delta', runId: undefined, payload: { text: part } };
    const more = isShape(payload) ? payload : {};
    if (type === 'error') throw more.error ?? new Error('the agent says that it failed');
    if (type === 'tool-call-approval') asked = { ...more, runId };
    if (type !== 'text-delta' || typeof more.text !== 'string') continue;
    text += more.text;
    output(more.text);
  }
  signal.throwIfAborted();
  return { text, asked };
}

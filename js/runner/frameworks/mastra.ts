/** Agents of Mastra: `generate`, `stream` and `getInstructions`, without a version. */
import { call, type Framework, has, isShape, mayUse, type Shape, tellUsage } from './framework.ts';

export const mastra: Framework = {
  is: (agent) => has(agent, 'generate', 'stream', 'getInstructions'),
  async ask(agent, prompt, task) {
    let result = (await call(agent, 'stream', prompt, { abortSignal: task.signal })) as Shape;
    for (;;) {
      const { text, asked } = await read(result, task);
      tellUsage(task, await result.totalUsage);
      if (asked === undefined) return (await result.text) ?? text;
      const { runId, toolCallId, toolName, args } = asked;
      const isAllowed = await mayUse(task, String(toolCallId), toolName, args);
      const method = isAllowed ? 'approveToolCall' : 'declineToolCall';
      result = (await call(agent, method, { runId, toolCallId })) as Shape;
    }
  },
};

async function read(result: Shape, { signal, output }: Parameters<Framework['ask']>[2]) {
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

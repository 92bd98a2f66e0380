/** Agents of the AI SDK (6 and 7): `version` begins with `agent-`. */
import {
  type AgentMessage,
  type AgentTask,
  call,
  DENIED,
  type Framework,
  has,
  isShape,
  mayUse,
  messagesOf,
  type Shape,
  tellUsage,
} from './framework.ts';

interface Read {
  text: string;
  approvals: Shape[];
}

/** What it says until it has ended, or wants tools approved. */
type Turn = { text: unknown } | { approvals: Shape[]; messages: AgentMessage[] };

export const aiSdk: Framework = {
  is: (agent) => String(agent.version).startsWith('agent-') && has(agent, 'generate', 'stream'),
  async ask(agent, prompt, task) {
    const messages: AgentMessage[] = [...messagesOf(prompt)];
    let asked: object = typeof prompt === 'string' ? { prompt } : { messages };
    for (let number = 1; ; number += 1) {
      const turn: Turn = await task.step(`agent:${number}`, () => turnOf(agent, asked, task));
      if ('text' in turn) return turn.text;
      const content: unknown[] = [];
      for (const { approvalId, toolCall } of turn.approvals) {
        const { toolName, input } = isShape(toolCall) ? toolCall : {};
        const approved = await mayUse(task, String(approvalId), toolName, input);
        const reason = approved ? {} : { reason: DENIED };
        content.push({ type: 'tool-approval-response', approvalId, approved, ...reason });
      }
      messages.push(...turn.messages, { role: 'tool', content });
      asked = { messages };
    }
  },
};

async function turnOf(agent: Shape, asked: object, task: AgentTask): Promise<Turn> {
  const result = (await call(agent, 'stream', { ...asked, abortSignal: task.signal })) as Shape;
  const { text, approvals } = await read(result, task);
  tellUsage(task, await result.totalUsage);
  if (approvals.length === 0) return { text: (await result.text) ?? text };
  const { messages } = (await result.response) as { messages: AgentMessage[] };
  return { approvals, messages };
}

/** What it says, as it says it: `fullStream` of 6, `stream` of 7. */
async function read(result: Shape, { signal, output }: AgentTask): Promise<Read> {
  const found: Read = { text: '', approvals: [] };
  for await (const part of (result.fullStream ?? result.stream ?? result.textStream) as AsyncIterable<unknown>) {
    signal.throwIfAborted();
    const { type, text, error, ...more } = isShape(part) ? part : { type: 'text-delta', text: part };
    if (type === 'error') throw error;
    if (type === 'start-step') found.text = ''; // the outcome is what the last of its turns says
    if (type === 'tool-approval-request') found.approvals.push(more);
    if (type !== 'text-delta' || typeof text !== 'string') continue;
    found.text += text;
    output(text);
  }
  signal.throwIfAborted();
  return found;
}

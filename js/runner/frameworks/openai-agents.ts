/** Agents of `@openai/agents`, which have no method to run them: the package's `run` does. */
import { MissingDependencyError } from '../../errors/refusal.ts';
import { type Framework, has, isShape, mayUse, type OpenAIAgentsRun, type Shape, tellUsage } from './framework.ts';

type Run = (agent: Shape, input: unknown, options: object) => Promise<Shape & AsyncIterable<unknown>>;

export const openaiAgents: Framework = {
  is: (agent) => has(agent, 'asTool', 'getSystemPrompt', 'getAllTools') && !has(agent, 'run'),
  async ask(agent, prompt, task, given?: OpenAIAgentsRun) {
    const run = given as unknown as Run;
    let result = await run(agent, prompt, { stream: true, signal: task.signal });
    for (;;) {
      await tell(result, task);
      const asked = (result.interruptions ?? []) as Shape[];
      const state = (result.state ?? {}) as Shape;
      if (asked.length === 0) {
        tellUsage(task, state.usage); // of all its turns
        return result.finalOutput;
      }
      for (const one of asked) {
        const { callId, id, name, arguments: args } = (isShape(one.rawItem) ? one.rawItem : one) as Shape;
        const isAllowed = await mayUse(task, String(callId ?? id), name ?? one.name, args);
        (state[isAllowed ? 'approve' : 'reject'] as (item: Shape) => void).call(state, one);
      }
      result = await run(agent, state, { stream: true, signal: task.signal });
    }
  },
};

/** Refuses an agent for which nobody gave what runs it. */
export function needRun(run: OpenAIAgentsRun | undefined): void {
  if (run !== undefined) return;
  const help = 'give it the run of that package: submitAgent(agent, prompt, { run })';
  throw new MissingDependencyError('submitAgent', '@openai/agents', help);
}

async function tell(result: Shape & AsyncIterable<unknown>, { signal, output }: Parameters<Framework['ask']>[2]) {
  for await (const event of result) {
    signal.throwIfAborted();
    const { type, data } = isShape(event) ? event : {};
    if (type !== 'raw_model_stream_event' || !isShape(data)) continue;
    if (data.type === 'output_text_delta' && typeof data.delta === 'string') output(data.delta);
  }
  await result.completed;
  signal.throwIfAborted();
}

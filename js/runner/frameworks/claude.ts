/** The `query` of the Claude Agent SDK with its options. */
import { type Framework, isShape, type Shape, tellUsage } from './framework.ts';

type Query = (question: object) => AsyncIterable<unknown>;

export const claude: Framework = {
  is: (agent) => typeof agent.query === 'function' && isShape(agent.options),
  async ask({ query, options }, prompt, task) {
    const { signal, output } = task;
    const abortController = new AbortController();
    const abort = (): void => abortController.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const text = typeof prompt === 'string' ? prompt : prompt.map(({ content }) => String(content)).join('\n\n');
      for await (const message of (query as Query)({
        prompt: text,
        options: { ...(options as Shape), abortController },
      })) {
        signal.throwIfAborted();
        if (!isShape(message)) continue;
        for (const piece of textsIn(message)) output(piece);
        if (message.type !== 'result') continue;
        tellUsage(task, message.usage, message.total_cost_usd);
        return resultOf(message);
      }
      throw new Error('the query ended without a result');
    } finally {
      signal.removeEventListener('abort', abort);
    }
  },
};

function textsIn({ type, message }: Shape): string[] {
  const content = type === 'assistant' && isShape(message) ? message.content : undefined;
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => (isShape(part) && part.type === 'text' ? [String(part.text)] : []));
}

function resultOf({ subtype, result, errors }: Shape): unknown {
  if (subtype === 'success') return result;
  throw new Error(`the query failed: ${String(subtype)}${Array.isArray(errors) ? `: ${errors.join('; ')}` : ''}`);
}

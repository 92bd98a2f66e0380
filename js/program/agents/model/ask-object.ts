/** Asks a model that is an object of the AI SDK's providers, by its `doStream` (specification v2 to v4); `ai` is not needed. */
import { isObject } from '../../../wire/check.ts';
import { AgentError, type FailureFacts } from '../failure.ts';
import type { Asking } from './ask-model.ts';
import type { Message, ModelAnswer, Question, TokenUsage, ToolCall } from './types.ts';

/** A model object, as far as it is used. */
export interface LanguageModelLike {
  /** Of the AI SDK's provider interface. */
  readonly specificationVersion: 'v2' | 'v3' | 'v4';
  /** What usage is counted by. */
  readonly modelId: string;
  /** For errors. */
  readonly provider?: string;
  /** Asks it; the answer is a stream of its parts. */
  doStream(options: never): PromiseLike<{ stream: unknown }>;
}

/** Whether a value is one. */
export const isModelObject = (value: unknown): value is LanguageModelLike =>
  isObject(value) &&
  ['v2', 'v3', 'v4'].includes(String(value.specificationVersion)) &&
  typeof value.doStream === 'function';

/** Rejects with the signal's reason, or with an `AgentError`. Further tries are the model's own business. */
export async function askObject(model: LanguageModelLike, question: Question, asking: Asking): Promise<ModelAnswer> {
  const facts = { endpoint: model.provider ?? '', model: question.model, step: asking.step };
  let begun = false;
  try {
    const { stream } = await model.doStream(optionsOf(question, asking.signal) as never);
    return await answerFrom(stream as AsyncIterable<unknown>, facts, (text) => {
      begun = true;
      asking.tell(text);
    });
  } catch (error) {
    asking.signal.throwIfAborted();
    throw error instanceof AgentError ? error : failureOf(error, begun, facts);
  }
}

type Facts = Omit<FailureFacts, 'reason'>;

function failureOf(error: unknown, begun: boolean, facts: Facts): AgentError {
  const { message = String(error), statusCode: status } = (isObject(error) ? error : {}) as {
    message?: string;
    statusCode?: unknown;
  };
  const known = typeof status === 'number' ? { status } : {};
  return new AgentError(message, { ...facts, ...known, reason: reasonOf(status, begun) }, error);
}

function reasonOf(status: unknown, begun: boolean): FailureFacts['reason'] {
  if (begun) return 'model_stream';
  if (status === 401 || status === 403) return 'model_auth';
  if (typeof status !== 'number' || status === 408 || status === 429 || status >= 500) return 'model_unavailable';
  return 'model_request';
}

function optionsOf(
  { messages, tools, toolChoice, maxTokens, temperature, schema }: Question,
  abortSignal: AbortSignal,
) {
  return {
    prompt: promptOf(messages),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, parameters: inputSchema }) => ({
            type: 'function',
            name,
            description,
            inputSchema,
          })),
          toolChoice: { type: toolChoice ?? 'auto' },
        }),
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(schema === undefined ? {} : { responseFormat: { type: 'json', schema } }),
    abortSignal,
    includeRawChunks: false,
  };
}

/** In its words: a tool's result names the tool, which ours does not. */
function promptOf(messages: readonly Message[]): object[] {
  const names = new Map<string, string>();
  return messages.map((message) => {
    if (message.role === 'system') return message;
    if (message.role === 'user') return { role: 'user', content: [{ type: 'text', text: message.content }] };
    if (message.role === 'tool') {
      const { tool_call_id: toolCallId, content: value } = message;
      const output = { type: 'text', value };
      const toolName = names.get(toolCallId) ?? '';
      return { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output }] };
    }
    const { tool_calls: calls = [] } = message as Extract<Message, { role: 'assistant' }>;
    for (const { id, function: named } of calls) names.set(id, named.name);
    const text = message.content === null ? [] : [{ type: 'text', text: message.content }];
    return { role: 'assistant', content: [...text, ...calls.map(partOf)] };
  });
}

const partOf = ({
  id,
  function: { name, arguments: args },
}: {
  id: string;
  function: { name: string; arguments: string };
}) => ({
  type: 'tool-call',
  toolCallId: id,
  toolName: name,
  input: parsed(args),
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // what a model wrote that is no JSON
  }
}

async function answerFrom(
  stream: AsyncIterable<unknown>,
  facts: Facts,
  tell: (text: string) => void,
): Promise<ModelAnswer> {
  let text = '';
  const tool_calls: ToolCall[] = [];
  for await (const part of stream) {
    if (!isObject(part)) continue;
    if (part.type === 'text-delta' && typeof part.delta === 'string') {
      text += part.delta;
      tell(part.delta);
    }
    if (part.type === 'tool-call') {
      const { toolCallId, toolName, input } = part;
      const args = typeof input === 'string' ? input : JSON.stringify(input ?? {});
      tool_calls.push({ id: String(toolCallId), name: String(toolName), arguments: args });
    }
    if (part.type === 'error') throw part.error;
    if (part.type === 'finish')
      return { text, tool_calls, finish_reason: reasonIn(part.finishReason), usage: usageIn(part.usage) };
  }
  throw new AgentError('the answer was cut off: its stream has no finish', { ...facts, reason: 'model_stream' });
}

/** A text in v2, `{ unified, raw }` behind it. */
const reasonIn = (reason: unknown): string => String(isObject(reason) ? (reason.unified ?? reason.raw) : reason);

/** Numbers in v2, sums with parts behind it. Null where it is not known. */
function usageIn(usage: unknown): TokenUsage | null {
  if (!isObject(usage)) return null;
  const { inputTokens: read, outputTokens: written } = usage;
  const input = countOf(isObject(read) ? read.total : read);
  const output = countOf(isObject(written) ? written.total : written);
  if (input === undefined && output === undefined) return null;
  return {
    input_tokens: input ?? 0,
    output_tokens: output ?? 0,
    cached_input_tokens: countOf(isObject(read) ? read.cacheRead : usage.cachedInputTokens) ?? 0,
    reasoning_tokens: countOf(isObject(written) ? written.reasoning : usage.reasoningTokens) ?? 0,
  };
}

const countOf = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;

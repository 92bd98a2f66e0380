/** A question as the body of a request. */
import type { Question } from './types.ts';

/** What some servers refuse, so that it is left out for them. */
export interface Omitted {
  /** They do not keep to schemas. */
  schema: boolean;
  /** They do not tell the usage of a stream. */
  usage: boolean;
}

export function bodyOf(question: Question, omitted: Omitted): string {
  const { model, messages, tools, toolChoice, maxTokens, temperature, schema } = question;
  return JSON.stringify({
    model,
    messages,
    stream: true,
    ...(omitted.usage ? {} : { stream_options: { include_usage: true } }),
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
    ...(tools.length === 0 || toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(schema === undefined || omitted.schema ? {} : { response_format: formatOf(schema) }),
  });
}

const formatOf = (schema: Record<string, unknown>) => ({
  type: 'json_schema',
  json_schema: { name: 'output', schema },
});

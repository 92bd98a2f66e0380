/** What a model is asked, and what it answers: in the words of the OpenAI chat API, which most servers speak. */

/** A call that a model wants made. `arguments` is JSON text as the model wrote it. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

export type Message =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string | null; tool_calls?: readonly WireCall[] }
  | { role: 'tool'; tool_call_id: string; content: string };

export interface WireCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** A tool as a model is told of it; `parameters` is a JSON Schema. */
export interface ToolFacts {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}

export interface TokenUsage {
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  reasoning_tokens: number;
  /** US dollars, where the server says so. */
  cost?: number;
}

/** One answer, whole. */
export interface ModelAnswer {
  text: string;
  tool_calls: readonly ToolCall[];
  finish_reason: string;
  /** Null: the server said nothing of it. */
  usage: TokenUsage | null;
}

/** One question. */
export interface Question {
  model: string;
  messages: readonly Message[];
  tools: readonly ToolFacts[];
  toolChoice: 'auto' | 'required' | 'none' | undefined;
  maxTokens: number | undefined;
  temperature: number | undefined;
  /** JSON Schema, an object's, that the server is asked to keep to. */
  schema: Record<string, unknown> | undefined;
}

/** Puts an answer together from the pieces of a stream. */
import { isObject } from '../../../wire/check.ts';
import { AgentError, type FailureFacts } from '../failure.ts';
import type { ModelAnswer, TokenUsage, ToolCall } from './types.ts';

/** Characters of an answer, its calls included. */
const LONGEST = 8 * 1024 * 1024;
/** Calls in one answer. */
const MOST_CALLS = 128;

interface Delta {
  content?: unknown;
  tool_calls?: unknown;
}

export class Assembly {
  #text = '';
  #size = 0;
  readonly #calls: ToolCall[] = [];
  #finish: string | undefined;
  #usage: TokenUsage | null = null;
  readonly #facts: Omit<FailureFacts, 'reason'>;

  /** `facts` go into what is thrown. */
  constructor(facts: Omit<FailureFacts, 'reason'>) {
    this.#facts = facts;
  }

  /** Takes a piece, parsed; answers with the text that it brought. `AgentError` for an error in a piece. */
  add(piece: unknown): string {
    if (!isObject(piece)) return '';
    if (isObject(piece.error)) throw this.#broken(`the server says: ${String(piece.error.message ?? 'an error')}`);
    this.#usage = usageOf(piece.usage) ?? this.#usage;
    const [choice] = Array.isArray(piece.choices) ? piece.choices : [];
    if (!isObject(choice)) return '';
    if (typeof choice.finish_reason === 'string') this.#finish = choice.finish_reason;
    const delta = isObject(choice.delta) ? choice.delta : isObject(choice.message) ? choice.message : {};
    return this.#addDelta(delta);
  }

  /** The answer. `AgentError` when it was not ended: its server, or somebody between, was cut off. */
  whole(): ModelAnswer {
    const finish_reason = this.#finish;
    if (finish_reason === undefined) throw this.#broken('the answer was cut off: it has no finish_reason');
    return { text: this.#text, tool_calls: this.#calls, finish_reason, usage: this.#usage };
  }

  #addDelta({ content, tool_calls: calls }: Delta): string {
    for (const call of Array.isArray(calls) ? calls : []) if (isObject(call)) this.#addCall(call);
    if (typeof content !== 'string') return '';
    this.#text += content;
    this.#grow(content.length);
    return content;
  }

  /** Pieces of one call have one index; without an index a new id begins a new call. */
  #addCall({ index, id, function: named }: Record<string, unknown>): void {
    const { name, arguments: written } = isObject(named) ? named : {};
    const at = typeof index === 'number' ? index : this.#placeFor(id, name);
    if (!Number.isInteger(at) || at < 0 || at >= MOST_CALLS) throw this.#broken(`a tool call has the index ${at}`);
    while (this.#calls.length <= at) this.#calls.push({ id: '', name: '', arguments: '' });
    const call = this.#calls[at] as ToolCall;
    const text = typeof written === 'string' ? written : written === undefined ? '' : JSON.stringify(written);
    if (typeof id === 'string' && id !== '') call.id = id;
    if (typeof name === 'string' && call.name === '') call.name = name;
    call.arguments += text;
    this.#grow(text.length);
  }

  #placeFor(id: unknown, name: unknown): number {
    const known = this.#calls.findIndex((call) => typeof id === 'string' && call.id === id);
    if (known >= 0) return known;
    const isNew = typeof id === 'string' || typeof name === 'string' || this.#calls.length === 0;
    return isNew ? this.#calls.length : this.#calls.length - 1;
  }

  #grow(by: number): void {
    this.#size += by;
    if (this.#size > LONGEST) throw this.#broken(`the answer is longer than ${LONGEST} characters`);
  }

  #broken(message: string): AgentError {
    return new AgentError(message, { ...this.#facts, reason: 'model_stream' });
  }
}

function usageOf(usage: unknown): TokenUsage | undefined {
  if (!isObject(usage)) return undefined;
  const { prompt_tokens_details: input, completion_tokens_details: output } = usage;
  const { cost } = usage;
  return {
    ...(typeof cost === 'number' && cost >= 0 ? { cost } : {}),
    input_tokens: count(usage.prompt_tokens),
    output_tokens: count(usage.completion_tokens),
    cached_input_tokens: isObject(input) ? count(input.cached_tokens) : 0,
    reasoning_tokens: isObject(output) ? count(output.reasoning_tokens) : 0,
  };
}

const count = (value: unknown): number => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0);

/**
 * A task as the AI SDK's UI message stream (version 1), which `useChat` and `readUIMessageStream` read. Of the SDK nothing is
 * imported: what is put out here is what its documentation says.
 */
import { checkNumber, checkObject, checkWhole } from './check.ts';
import type { TaskEvent } from './event.ts';
import type { AbortSignal, Response as PlatformResponse, TypedStream } from './globals.ts';
import type { BackgroundTaskHandle } from './task-handle.ts';

/** Which part of a task's message. */
export interface UIMessageOptions {
  /** Only what happened after this `seq`. Default 0: the whole message. */
  after?: number | undefined;
  /** What the message is called. Default: the task's id. */
  messageId?: string | undefined;
  /** Aborting it ends the stream with the signal's reason; the task runs on. */
  signal?: AbortSignal | undefined;
}

/**
 * One part of a message: texts become `text-*`, other output `data-output`, progress `data-progress`, a question to a person
 * `data-input-request`; a failure is an `error`, a cancel an `abort`.
 */
export type UIMessagePart =
  | { type: 'start'; messageId: string }
  | { type: 'text-start' | 'text-end'; id: string }
  | { type: 'text-delta'; id: string; delta: string }
  | { type: `data-${string}`; id?: string; data: unknown; transient?: boolean }
  | { type: 'error'; errorText: string }
  | { type: 'abort' }
  | { type: 'finish' };

const KEYS: Record<keyof UIMessageOptions, true> = { after: true, messageId: true, signal: true };

/** The parts of a task's message as they come, until it has ended. For `createUIMessageStreamResponse({ stream })`. */
export function toUIMessageStream(
  task: BackgroundTaskHandle,
  options: UIMessageOptions = {},
): TypedStream<UIMessagePart> {
  const parts = partsOf(task, options);
  return streamOf(parts, ([part]) => part) as unknown as TypedStream<UIMessagePart>;
}

/**
 * The same as a response of server-sent events. The `id` of each is its `seq`: who asks again gives the last one
 * (`Last-Event-ID`) as `after`.
 */
export function toUIMessageStreamResponse(
  task: BackgroundTaskHandle,
  options: UIMessageOptions = {},
): PlatformResponse {
  const parts = partsOf(task, options);
  const text = new TextEncoder();
  const line = ([part, seq]: Numbered) => text.encode(`id: ${seq}\ndata: ${JSON.stringify(part)}\n\n`);
  const body = streamOf(parts, line, text.encode('data: [DONE]\n\n'));
  return new Response(body, { headers: HEADERS });
}

/** `x-accel-buffering`: proxies that gather what they pass on are asked not to. */
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-vercel-ai-ui-message-stream': 'v1',
  'x-accel-buffering': 'no',
};

/** A part, and the `seq` of the event that it comes from. */
type Numbered = readonly [part: UIMessagePart, seq: number];

function streamOf<T>(parts: AsyncIterator<Numbered>, shown: (part: Numbered) => T, last?: T): ReadableStream<T> {
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (!done) return controller.enqueue(shown(value));
        if (last !== undefined) controller.enqueue(last);
        controller.close();
      },
      async cancel() {
        await parts.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Options are checked at once; the task is looked at when somebody reads. */
function partsOf(task: BackgroundTaskHandle, options: UIMessageOptions): AsyncGenerator<Numbered> {
  checkObject('options', options, KEYS);
  const { after = 0, messageId = task.id, signal } = options;
  checkWhole('messageId', messageId);
  return new Message(task, messageId, checkNumber('after', after, 0), signal).parts();
}

class Message {
  readonly #task: BackgroundTaskHandle;
  readonly #id: string;
  readonly #after: number;
  readonly #signal: AbortSignal | undefined;
  /** Texts are numbered: a further attempt begins a new one. */
  #texts = 0;
  #isOpen = false;

  constructor(task: BackgroundTaskHandle, id: string, after: number, signal: AbortSignal | undefined) {
    this.#task = task;
    this.#id = id;
    this.#after = after;
    this.#signal = signal;
  }

  async *parts(): AsyncGenerator<Numbered> {
    let seq = this.#after;
    yield [{ type: 'start', messageId: this.#id }, seq];
    for await (const event of this.#task.events({ after: seq, follow: true, signal: this.#signal })) {
      if (event.kind === 'completed' || event.kind === 'failed' || event.kind === 'cancelled') break;
      const parts = this.#partsOf(event);
      // who has only some of them must be given all of them again
      for (const [index, part] of parts.entries()) yield [part, index < parts.length - 1 ? seq : event.seq];
      seq = event.seq;
    }
    this.#signal?.throwIfAborted();
    for await (const part of this.#end()) yield [part, seq];
  }

  #partsOf(event: TaskEvent): UIMessagePart[] {
    if (event.kind === 'started') return this.#closeText();
    if (event.kind === 'output') return this.#output(event.data.chunk);
    if (event.kind === 'progress') return [{ type: 'data-progress', data: event.data, transient: true }];
    if (event.kind !== 'input_requested') return [];
    const { key, message, schema } = event.data;
    const data = { taskId: this.#task.id, key, message, ...(schema === undefined ? {} : { schema }) };
    return [...this.#closeText(), { type: 'data-input-request', id: key, data }];
  }

  #output(chunk: unknown): UIMessagePart[] {
    if (typeof chunk !== 'string') return [...this.#closeText(), { type: 'data-output', data: chunk }];
    if (chunk === '') return []; // the SDK begins no text with nothing
    const opened = this.#openText();
    return [...opened, { type: 'text-delta', id: this.#textId, delta: chunk }];
  }

  get #textId(): string {
    return `text-${this.#texts}`;
  }

  #openText(): UIMessagePart[] {
    if (this.#isOpen) return [];
    this.#isOpen = true;
    this.#texts += 1;
    return [{ type: 'text-start', id: this.#textId }];
  }

  #closeText(): UIMessagePart[] {
    if (!this.#isOpen) return [];
    this.#isOpen = false;
    return [{ type: 'text-end', id: this.#textId }];
  }

  /** A task that has put nothing out says its result. */
  async *#end(): AsyncGenerator<UIMessagePart> {
    const { status, result, error } = await this.#task.snapshot();
    const isSilent = this.#texts === 0 && this.#after === 0 && status === 'completed';
    if (isSilent && typeof result === 'string') yield* this.#output(result);
    yield* this.#closeText();
    if (status === 'failed') yield { type: 'error', errorText: error?.message ?? 'failed' };
    yield status === 'cancelled' ? { type: 'abort' } : { type: 'finish' };
  }
}

/**
 * What a run asks of its worker while it runs.
 *
 * 1. Once the run was told to end every call rejects with the signal's reason, also those that have no answer yet; a new
 *    submit is a `ConflictError`, as everywhere under an attempt that is over (rule F2).
 * 2. Once the run is over a call rejects with `ConflictError`; one without an answer never gets any.
 */
import { ConflictError, errorFrom } from '../../errors/index.ts';
import type { SessionMessage } from '../../wire/conversation.ts';
import type { Answer, TaskEventJson } from '../../wire/event.ts';
import type { InputAnswer } from '../../wire/question.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { Duration } from '../../wire/task-handle.ts';
import type { Method, ReplyMessage, Say } from '../protocol.ts';

/** A child as its submit answers. */
export interface Submitted {
  taskId: string;
  name: string;
  recipeName: string;
  sessionId: string | null;
  deduplicated: boolean;
}

/** What each method takes and gives. */
export interface Methods {
  /** Whether the recipe holds what tasks of this version run; answers with the version to run, null for none. */
  code: [args: { serves: boolean }, value: { version: string | null }];
  stepGet: [args: { key: string }, value: { found: boolean; data?: string }];
  stepPut: [args: { key: string; data: string }, value: { kept: boolean }];
  ask: [args: { key: string; message: string; schema?: unknown; expiresMs?: number }, value: InputAnswer];
  submit: [args: { request: unknown; key?: string }, value: Submitted];
  get: [args: { id: string; whole?: boolean }, value: TaskJson];
  wait: [args: { id: string; timeout?: Duration }, value: { task: TaskJson; wait_status: 'ok' | 'timeout' }];
  cancel: [args: { id: string; reason?: string; stopped?: boolean }, value: boolean];
  events: [
    args: { id: string; after: number; wait: boolean },
    value: { events: TaskEventJson[]; next_after: number; over: boolean },
  ];
  respond: [args: { id: string; key: string; answer: Answer }, value: null];
  /** What was said in the session of the task. */
  conversation: [args: Record<string, never>, value: SessionMessage[]];
}

/** Asks the worker; see `Calls` for when it rejects. */
export type Call = <M extends Method>(method: M, args: Methods[M][0]) => Promise<Methods[M][1]>;

interface Open {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class Calls {
  readonly #run: number;
  readonly #say: Say;
  readonly #signalOf: () => AbortSignal;
  /** That of the run, once something was asked: most runs ask for nothing. */
  #signal: AbortSignal | undefined;
  readonly #open = new Map<number, Open>();
  #last = 0;
  #over = false;

  constructor(run: number, say: Say, signalOf: () => AbortSignal) {
    this.#run = run;
    this.#say = say;
    this.#signalOf = signalOf;
  }

  /** How many calls have no answer yet: whoever made them goes on when it comes. */
  get open(): number {
    return this.#open.size;
  }

  readonly call: Call = async (method, args) => {
    const signal = this.#heard();
    if (signal.aborted && method === 'submit') {
      throw new ConflictError('this attempt was told to end and submits no more', { cause: signal.reason });
    }
    signal.throwIfAborted();
    if (this.#over) throw new ConflictError(`the run is over: '${method}' is not taken any more`);
    this.#last += 1;
    const call = this.#last;
    const answer = new Promise<unknown>((resolve, reject) => this.#open.set(call, { resolve, reject }));
    this.#say({ kind: 'call', run: this.#run, call, method, args: JSON.stringify(args) });
    return (await answer) as never;
  };

  /** The worker's answer. One that nobody waits for is dropped. */
  reply(message: ReplyMessage): void {
    const open = this.#open.get(message.call);
    this.#open.delete(message.call);
    if ('error' in message) open?.reject(errorFrom(message.error));
    else open?.resolve(JSON.parse(message.value));
  }

  /** The run is over. */
  close(): void {
    this.#over = true;
  }

  #heard(): AbortSignal {
    if (this.#signal === undefined) {
      this.#signal = this.#signalOf();
      this.#signal.addEventListener('abort', () => this.#giveUp(), { once: true });
    }
    return this.#signal;
  }

  #giveUp(): void {
    const waiting = [...this.#open.values()];
    this.#open.clear();
    if (!this.#over) for (const { reject } of waiting) reject(this.#signal?.reason);
  }
}

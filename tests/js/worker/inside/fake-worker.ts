/** A run whose worker is the test: it answers the calls, or leaves them open. */

import type { errorFrom } from '#offstage/errors/index.js';
import type { RecipeContext } from '#offstage/recipe/index.js';
import { Run } from '#offstage/worker/inside/code-run.js';
import type { CallMessage, Fact, Method, Outcome } from '#offstage/worker/protocol.js';
import { within } from '../../../waiting.js';

/** What the worker does about a call; an error it throws is the answer. `undefined`: nothing, for now. */
type Served = (args: never) => unknown;

export const OPEN = Symbol('open');

export class FakeWorker {
  readonly run: Run;
  readonly calls: { method: Method; args: unknown }[] = [];
  readonly facts: Fact[] = [];
  readonly #served: Partial<Record<Method, Served>>;
  #waiting: { method: Method; wake: () => void }[] = [];

  constructor(served: Partial<Record<Method, Served>> = {}, facts: { input?: string; attempt?: number } = {}) {
    this.#served = served;
    this.run = new Run(
      {
        run: 7,
        task: { taskId: 'task_1', name: 'name', sessionId: 'session_1', attempt: facts.attempt ?? 1, version: '1' },
        input: facts.input,
        config: '{"k":1}',
      },
      (message) => {
        if (message.kind === 'call') void this.#serve(message);
        else this.facts.push(...message.facts);
        return true;
      },
    );
  }

  /** What work resolved with; the very thing that it threw is thrown. */
  async value(work: (context: RecipeContext) => unknown): Promise<unknown> {
    let value: unknown;
    const outcome = await this.perform(async (context) => {
      value = await work(context);
      return null;
    });
    if (outcome.kind === 'value') return value;
    throw this.run.thrown === undefined ? new Error(outcome.kind) : this.run.thrown.value;
  }

  perform(work: (context: RecipeContext) => unknown): Promise<Outcome> {
    return this.run.perform(work);
  }

  /** Resolves when such a call has come. */
  called(method: Method): Promise<void> {
    if (this.calls.some((call) => call.method === method)) return Promise.resolve();
    const called = new Promise<void>((wake) => this.#waiting.push({ method, wake }));
    return within(called, { what: `a call of ${method}` });
  }

  methods(): Method[] {
    return this.calls.map(({ method }) => method);
  }

  async #serve({ run, call, method, args }: CallMessage): Promise<void> {
    const given = JSON.parse(args);
    this.calls.push({ method, args: given });
    for (const waiting of this.#waiting.filter((one) => one.method === method)) waiting.wake();
    try {
      const value = await (this.#served[method] as ((args: unknown) => unknown) | undefined)?.(given);
      if (value === OPEN) return;
      this.run.reply({ kind: 'reply', run, call, value: JSON.stringify(value ?? null) });
    } catch (error) {
      this.run.reply({ kind: 'reply', run, call, error: error as Parameters<typeof errorFrom>[0] });
    }
  }
}

/** The steps of a task as a store keeps them. */
export function stepStore(stored: Record<string, string> = {}) {
  return {
    stored,
    served: {
      stepGet: ({ key }: { key: string }) => (key in stored ? { found: true, data: stored[key] } : { found: false }),
      stepPut: ({ key, data }: { key: string; data: string }) => {
        if (key in stored) return { kept: false };
        stored[key] = data;
        return { kept: true };
      },
    },
  };
}

/** Resolves with the error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const settled = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  if ('error' in settled) return settled.error;
  throw new Error(`expected a rejection, got ${JSON.stringify(settled.value)}`);
}

/** One run of a recipe inside a child process. */
import { TaskCancelledError } from '../../errors/index.ts';
import { loadRecipe, runRecipe } from '../../recipe/run.ts';
import { serialize } from '../../wire/serialize.ts';
import { read, thrownJson } from '../../wire/thrown.ts';
import type { AbortMessage, FromChild, Outcome, RunMessage } from '../protocol.ts';
import { runContext } from './context.ts';
import { type Busy, busy, isClean } from './leftovers.ts';
import { flushed } from './surroundings.ts';

export class Run {
  readonly id: number;
  readonly #message: RunMessage;
  readonly #say: (message: FromChild) => void;
  readonly #controller = new AbortController();
  #closeContext: () => void = () => {};
  #before: Busy = new Map();
  #ended = false;
  #reported = false;
  #tainted = false;

  constructor(message: RunMessage, say: (message: FromChild) => void) {
    this.id = message.run;
    this.#message = message;
    this.#say = say;
  }

  /** Loads and runs the recipe, then reports. Never rejects. */
  async start(): Promise<void> {
    await this.#end(await this.#outcome());
  }

  abort({ cause, message }: AbortMessage): void {
    const reason =
      cause === 'timeout'
        ? Object.assign(new Error(message), { name: 'TimeoutError' })
        : new TaskCancelledError(message, { taskId: this.#message.task.taskId });
    this.#controller.abort(reason);
  }

  /** An error that nobody caught ends the run, or taints what is about to be reported; false when that is past. */
  crash(thrown: unknown): boolean {
    if (this.#reported) return false;
    this.#tainted = true;
    if (this.#ended) return true;
    const outcome: Outcome = this.#isOurAbort(thrown)
      ? { kind: 'aborted' }
      : { kind: 'error', error: thrownJson(thrown), crashed: true };
    void this.#end(outcome);
    return true;
  }

  async #outcome(): Promise<Outcome> {
    let value: unknown;
    try {
      const recipe = await loadRecipe(this.#message.entry);
      this.#before = busy();
      const { context, close } = runContext(this.#message, this.#controller.signal, this.#say);
      this.#closeContext = close;
      this.#controller.signal.throwIfAborted(); // told to end before the user's function began
      value = await runRecipe(recipe, context.input, context);
    } catch (thrown) {
      if (this.#isOurAbort(thrown)) return { kind: 'aborted' };
      return { kind: 'error', error: thrownJson(thrown), crashed: false };
    }
    try {
      return { kind: 'value', json: serialize(value, 'the result') };
    } catch (thrown) {
      return { kind: 'error', error: thrownJson(thrown, 'unserializable'), crashed: false };
    }
  }

  /** After the abort, code that ends with the signal's reason, or an `AbortError`, did what it was told. */
  #isOurAbort(thrown: unknown): boolean {
    const { signal } = this.#controller;
    if (!signal.aborted) return false;
    return thrown === signal.reason || read(thrown, 'name') === 'AbortError' || read(thrown, 'cause') === signal.reason;
  }

  async #end(outcome: Outcome): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#closeContext();
    await flushed();
    const clean = await isClean(this.#before);
    this.#reported = true;
    this.#say({ kind: 'done', run: this.id, outcome, clean: clean && !this.#tainted });
  }
}

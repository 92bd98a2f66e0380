/**
 * One run of a recipe, wherever: in a child process, or in the process that defined the recipe. It touches nothing of the
 * process that it is in.
 */
import { SerializationError, TaskCancelledError } from '../../errors/index.ts';
import type { RecipeContext } from '../../ports/recipe.ts';
import { ResultError } from '../../program/result-error.ts';
import { Asked } from '../../wire/asked.ts';
import type { SessionMessage } from '../../wire/conversation.ts';
import { cut } from '../../wire/cut.ts';
import { serialize } from '../../wire/serialize.ts';
import { read, thrownJson } from '../../wire/thrown.ts';
import type { AbortMessage, Fact, Outcome, ReplyMessage, Say } from '../protocol.ts';
import { Calls } from './calls.ts';
import { type RunFacts, runContext } from './recipe-context.ts';
import { Telling } from './telling.ts';

export type { RunFacts } from './recipe-context.ts';

export class Run {
  /** What the work threw, whatever it was; undefined unless it failed. */
  thrown: { value: unknown } | undefined;
  readonly #facts: RunFacts;
  readonly #telling: Telling;
  /** Made when the code asks for its signal, or is told to end. */
  #controller: AbortController | undefined;
  readonly #calls: Calls;
  readonly #asked = new Asked();

  /** `say` is told facts and calls, a call after all facts before it; the answers of calls go to `reply`. */
  constructor(facts: RunFacts, say: Say) {
    this.#facts = facts;
    this.#telling = new Telling(facts.run, say);
    const sayCall: Say = (message) => {
      this.#telling.flush();
      return say(message);
    };
    this.#calls = new Calls(facts.run, sayCall, () => this.signal);
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** How many calls have no answer: code that made them goes on when it comes. */
  get openCalls(): number {
    return this.#calls.open;
  }

  /**
   * Does the work and answers with how it ended, once what it has asked for is done; then nothing that it says is taken.
   * Never rejects.
   */
  async perform(work: (context: RecipeContext) => unknown): Promise<Outcome> {
    const outcome = await this.#perform(work);
    if (!this.#asked.isIdle) await this.#asked.done();
    for (const line of this.#asked.unheard()) this.tell({ kind: 'log', lines: [cut(line)] });
    this.close();
    return outcome;
  }

  async #perform(work: (context: RecipeContext) => unknown): Promise<Outcome> {
    try {
      const value = await this.#begin(work);
      return { kind: 'value', json: resultJson(value) };
    } catch (thrown) {
      if (this.isOurAbort(thrown)) return { kind: 'aborted' };
      this.thrown = { value: thrown };
      const error = ResultError.is(thrown) ? thrownJson(thrown, 'unserializable') : thrownJson(thrown);
      return { kind: 'error', error, crashed: false };
    }
  }

  #begin(work: (context: RecipeContext) => unknown): unknown {
    const signal = (): AbortSignal => this.signal;
    const port = { signal, tell: (fact: Fact) => this.tell(fact), call: this.#calls.call, asked: this.#asked };
    const context = runContext(this.#facts, port);
    this.#controller?.signal.throwIfAborted(); // told to end before it began
    return work(context);
  }

  /** Asks which version is run. Null: none, nothing of this recipe. */
  async version(serves: boolean): Promise<string | null> {
    return (await this.#calls.call('code', { serves })).version;
  }

  /** What was said in the session of the task before. */
  conversation(): Promise<SessionMessage[]> {
    return this.#calls.call('conversation', {});
  }

  /** Tells a fact about the run, soon. */
  tell(fact: Fact): void {
    this.#telling.tell(fact);
  }

  /** Sends at once what is held back. */
  flush(): void {
    this.#telling.flush();
  }

  /**
   * Aborts the signal; its reason is a `TaskCancelledError`, or for a timeout an error named `TimeoutError`. `given` is the
   * reason of the signal that cancelled the task, its cause.
   */
  abort({ cause, message }: Pick<AbortMessage, 'cause' | 'message'>, given?: { value: unknown }): void {
    const reason =
      cause === 'timeout'
        ? Object.assign(new Error(message), { name: 'TimeoutError' })
        : new TaskCancelledError(message, {
            taskId: this.#facts.task.taskId,
            ...(given === undefined ? {} : { cause: given.value }),
          });
    this.#asked.release();
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  /** The worker's answer to a call. */
  reply(message: ReplyMessage): void {
    this.#calls.reply(message);
  }

  /** Sends what is held back; from now on nothing more is taken, or waited for. Once is enough. */
  close(): void {
    this.#asked.release();
    this.#telling.close();
    this.#calls.close();
  }

  /** After the abort, code that ends with the signal's reason, or an `AbortError`, did what it was told. */
  isOurAbort(thrown: unknown): boolean {
    const signal = this.#controller?.signal;
    if (!signal?.aborted) return false;
    const { reason } = signal;
    if (thrown === reason || read(thrown, 'name') === 'AbortError' || read(thrown, 'cause') === reason) return true;
    // Code that listens to the submitter's own signal ends with that one's reason.
    const given = read(reason, 'cause');
    return given !== undefined && thrown === given;
  }
}

function resultJson(value: unknown): string {
  try {
    return serialize(value, 'the result');
  } catch (thrown) {
    if (thrown instanceof SerializationError) throw new ResultError(thrown.message, { cause: thrown.cause });
    throw thrown;
  }
}

/**
 * One run of a recipe, wherever: in a child process, or in the process that defined the recipe. It touches nothing of the
 * process that it is in.
 */
import { SerializationError, TaskCancelledError } from '../../errors/index.ts';
import type { RecipeContext } from '../../ports/recipe.ts';
import { ResultError } from '../../program/result-error.ts';
import type { Asked } from '../../wire/asked.ts';
import type { SessionMessage } from '../../wire/conversation.ts';
import { serialize } from '../../wire/serialize.ts';
import { read, thrownJson } from '../../wire/thrown.ts';
import type { AbortMessage, Fact, Outcome, ReplyMessage, Say } from '../protocol.ts';
import type { Call } from './calls.ts';
import { type RunFacts, type RunPort, runContext } from './recipe-context.ts';
import { Talk } from './talk.ts';

export type { RunFacts } from './recipe-context.ts';

export class Run implements RunPort {
  /** What the work threw, whatever it was; undefined unless it failed. */
  thrown: { value: unknown } | undefined;
  readonly #facts: RunFacts;
  readonly #say: Say;
  /** Made when the code asks for its signal, or is told to end. */
  #controller: AbortController | undefined;
  /** Made when the code first says something. */
  #said: Talk | undefined;
  #isClosed = false;

  /** `say` is told facts and calls, a call after all facts before it; the answers of calls go to `reply`. */
  constructor(facts: RunFacts, say: Say) {
    this.#facts = facts;
    this.#say = say;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  get call(): Call {
    return this.#talk.calls.call;
  }

  get asked(): Asked {
    return this.#talk.asked;
  }

  get #talk(): Talk {
    if (this.#said !== undefined) return this.#said;
    this.#said = new Talk(this.#facts.run, this.#say, () => this.signal);
    if (this.#isClosed) this.#said.close();
    else if (this.#controller?.signal.aborted) this.#said.asked.release();
    return this.#said;
  }

  /** How many calls have no answer: code that made them goes on when it comes. */
  get openCalls(): number {
    return this.#said?.calls.open ?? 0;
  }

  /**
   * Does the work and answers with how it ended, once what it has asked for is done; then nothing that it says is taken.
   * Never rejects.
   */
  async perform(work: (context: RecipeContext) => unknown): Promise<Outcome> {
    let outcome: Outcome;
    try {
      const value = await this.#begin(work);
      outcome = { kind: 'value', json: resultJson(value) };
    } catch (thrown) {
      outcome = this.#failed(thrown);
    }
    if (this.#said !== undefined) await this.#said.settle();
    this.close();
    return outcome;
  }

  #failed(thrown: unknown): Outcome {
    if (this.isOurAbort(thrown)) return { kind: 'aborted' };
    this.thrown = { value: thrown };
    const error = ResultError.is(thrown) ? thrownJson(thrown, 'unserializable') : thrownJson(thrown);
    return { kind: 'error', error, crashed: false };
  }

  #begin(work: (context: RecipeContext) => unknown): unknown {
    const context = runContext(this.#facts, this);
    this.#controller?.signal.throwIfAborted(); // told to end before it began
    return work(context);
  }

  /** Asks which version is run. Null: none, nothing of this recipe. */
  async version(serves: boolean): Promise<string | null> {
    return (await this.call('code', { serves })).version;
  }

  /** What was said in the session of the task before. */
  conversation(): Promise<SessionMessage[]> {
    return this.call('conversation', {});
  }

  /** Tells a fact about the run, soon. */
  tell(fact: Fact): void {
    this.#talk.telling.tell(fact);
  }

  /** Sends at once what is held back. */
  flush(): void {
    this.#said?.telling.flush();
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
    this.#said?.asked.release();
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  /** The worker's answer to a call. */
  reply(message: ReplyMessage): void {
    this.#said?.calls.reply(message);
  }

  /** Sends what is held back; from now on nothing more is taken, or waited for. Once is enough. */
  close(): void {
    this.#isClosed = true;
    this.#said?.close();
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

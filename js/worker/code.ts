/** An attempt's code in this process: a recipe in code. */
import { emptyScope, type Scope } from '../platform/scope.ts';
import type { Recipe } from '../ports/recipe.ts';
import { olderRun, runRecipe } from '../program/module/run-recipe.ts';
import { FIRST_VERSION } from '../recipe/name.ts';
import type { Claimed, Payloads, Store } from '../store/types.ts';
import { Run, type RunFacts } from './inside/code-run.ts';
import type { Secret } from './mask/forms.ts';
import type { AbortCause, Outcome } from './protocol.ts';
import { recordOf, spanOf, taskOf } from './source.ts';
import { agreedVersion, type FoundCode, type KnownCode } from './which-code.ts';
import type { Reply, Surrounding, Work, WorkListener } from './work.ts';

/** What a task in code has of the process that it was submitted in, where that is this one. */
interface Submitter {
  /** The async context of its submit; undefined: it runs in one where nothing is set. */
  scope: Scope | undefined;
  /** The reason of the signal that cancelled it. */
  abortedWith(): { value: unknown } | undefined;
  /** Told the very value that the code threw. */
  onThrown(thrown: unknown): void;
}

/** Throws `OtherCodeError` when the recipe is not, or not any more, what the task may run. */
export async function codeWork(store: Store, claimed: Claimed, recipe: Recipe, submitter: Submitter): Promise<Work> {
  const { id, attempt, epoch } = claimed;
  const record = recordOf(claimed);
  const version = await agreedVersion(store, { id, attempt, epoch }, record, codeIn(recipe, record));
  return new CodeWork({ ...taskOf(claimed, record), version }, recipe, submitter);
}

/** What a recipe in code is for a task. */
export const codeIn = (recipe: Recipe, { version }: KnownCode): FoundCode => ({
  version: recipe.version ?? FIRST_VERSION, // one that was not made by defineRecipe has none
  serves: olderRun(recipe, version ?? undefined) !== undefined,
});

/** There is one run of it only. */
const RUN = 1;

class CodeWork implements Work {
  readonly secrets: readonly Secret[] = [];
  readonly notes: readonly string[] = [];
  readonly killable = false;
  readonly #task: RunFacts['task'];
  readonly #recipe: Recipe;
  readonly #submitter: Submitter;
  readonly #scope: Scope;
  #run: Run | undefined;
  #outcome: Promise<Outcome> | undefined;
  #ended = true;
  #hushed = false;

  constructor(task: RunFacts['task'], recipe: Recipe, submitter: Submitter) {
    this.#task = task;
    this.#recipe = recipe;
    this.#submitter = submitter;
    this.#scope = submitter.scope ?? emptyScope();
  }

  valueOf(variable: string): string | undefined {
    return process.env[variable];
  }

  async begin(listener: WorkListener, { input, config = '{}' }: Payloads, by?: Surrounding): Promise<void> {
    const task = { ...this.#task, ...spanOf(by?.trace) };
    const run = new Run({ run: RUN, task, input, config }, (message) => {
      if (this.#hushed) return true;
      if (message.kind === 'call') listener.call(message);
      else for (const fact of message.facts) listener.fact(fact);
      return true;
    });
    if (!listener.begins()) return listener.end({ kind: 'aborted' });
    this.#run = run;
    this.#ended = false;
    const perform = () => this.#perform(run);
    const { within } = by ?? {};
    this.#outcome = this.#scope.runInAsyncScope(within === undefined ? perform : () => within(perform));
    void this.#outcome.then((outcome) => listener.end(outcome));
  }

  abort(cause: AbortCause, message: string): void {
    const given = cause === 'cancelled' ? this.#submitter.abortedWith() : undefined;
    this.#scope.runInAsyncScope(() => this.#run?.abort({ cause, message }, given));
  }

  reply(reply: Reply): void {
    this.#run?.reply({ kind: 'reply', run: RUN, ...reply });
  }

  async hush(): Promise<void> {
    this.#hushed = true;
  }

  /** It cannot be ended: what goes on goes on. */
  async finish(): Promise<boolean> {
    return this.#ended;
  }

  release(): void {}

  async late(): Promise<Outcome> {
    return this.#outcome ?? { kind: 'aborted' };
  }

  async #perform(run: Run): Promise<Outcome> {
    const outcome = await run.perform((context) => runRecipe(this.#recipe, context.input, context));
    this.#ended = true;
    if (run.thrown !== undefined) this.#submitter.onThrown(run.thrown.value);
    return outcome;
  }
}

/** An attempt's code in this process: a recipe in code. */
import { emptyScope, type Scope } from '../platform/scope.ts';
import type { Recipe } from '../ports/recipe.ts';
import { olderRun, startRecipe } from '../program/module/run-recipe.ts';
import { FIRST_VERSION } from '../recipe/name.ts';
import type { Claimed, Payloads, Store } from '../store/types.ts';
import { type Soon, soon } from '../wire/soon.ts';
import { Run, type RunFacts } from './inside/code-run.ts';
import type { Secret } from './mask/forms.ts';
import type { AbortCause, Outcome } from './protocol.ts';
import { recordOf, taskOf } from './source.ts';
import type { RunWorkerOptions } from './types.ts';
import { agreedVersion, type FoundCode, type KnownCode } from './which-code.ts';
import type { Reply, Surrounding, Work, WorkListener } from './work.ts';

/** What a task in code has of the process that it was submitted in, where that is this one; by its id. */
type Submitters = Pick<RunWorkerOptions, 'scopeOf' | 'abortedWith' | 'onThrown'>;

/** Throws `OtherCodeError` when the recipe is not, or not any more, what the task may run. */
export function codeWork(store: Store, claimed: Claimed, recipe: Recipe, submitters: Submitters): Soon<Work> {
  const { id, attempt, epoch } = claimed;
  const record = recordOf(claimed);
  const agreed = agreedVersion(store, { id, attempt, epoch }, record, codeIn(recipe, record));
  return soon(agreed, (version) => new CodeWork(taskOf(claimed, record, version), recipe, submitters));
}

/** What a recipe in code is for a task. */
export const codeIn = (recipe: Recipe, { version }: KnownCode): FoundCode => ({
  version: recipe.version ?? FIRST_VERSION, // one that was not made by defineRecipe has none
  serves: olderRun(recipe, version ?? undefined) !== undefined,
});

/** Without hooks. */
const NOBODY: Surrounding = {};

const NO_SECRETS: readonly Secret[] = [];
const NO_NOTES: readonly string[] = [];

/** There is one run of it only. */
const RUN = 1;

class CodeWork implements Work {
  readonly secrets: readonly Secret[] = NO_SECRETS;
  readonly notes: readonly string[] = NO_NOTES;
  readonly killable = false;
  readonly #task: RunFacts['task'];
  readonly #recipe: Recipe;
  readonly #submitters: Submitters;
  /** The async context of its submit, or one where nothing is set. */
  readonly #scope: Scope;
  #run: Run | undefined;
  #outcome: Promise<Outcome> | undefined;
  #ended = true;
  #hushed = false;

  constructor(task: RunFacts['task'], recipe: Recipe, submitters: Submitters) {
    this.#task = task;
    this.#recipe = recipe;
    this.#submitters = submitters;
    this.#scope = submitters.scopeOf?.(task.taskId) ?? emptyScope();
  }

  valueOf(variable: string): string | undefined {
    return process.env[variable];
  }

  begin(listener: WorkListener, { input, config = '{}' }: Payloads, by?: Surrounding): undefined {
    const { within, trace } = by ?? NOBODY;
    const task = trace === undefined ? this.#task : { ...this.#task, trace };
    const run = new Run({ run: RUN, task, input, config }, (message) => {
      if (this.#hushed) return true;
      if (message.kind === 'call') listener.call(message);
      else for (const fact of message.facts) listener.fact(fact);
      return true;
    });
    if (!listener.begins()) {
      listener.end({ kind: 'aborted' });
      return;
    }
    this.#run = run;
    this.#ended = false;
    const perform = () => this.#perform(run);
    this.#outcome = this.#scope.runInAsyncScope(within === undefined ? perform : () => within(perform));
    void this.#outcome.then((outcome) => listener.end(outcome));
  }

  abort(cause: AbortCause, message: string): void {
    const given = cause === 'cancelled' ? this.#submitters.abortedWith?.(this.#task.taskId) : undefined;
    this.#scope.runInAsyncScope(() => this.#run?.abort({ cause, message }, given));
  }

  reply(reply: Reply): void {
    this.#run?.reply({ kind: 'reply', run: RUN, ...reply });
  }

  hush(): undefined {
    this.#hushed = true;
  }

  /** It cannot be ended: what goes on goes on. */
  finish(): boolean {
    return this.#ended;
  }

  release(): void {}

  async late(): Promise<Outcome> {
    return this.#outcome ?? { kind: 'aborted' };
  }

  async #perform(run: Run): Promise<Outcome> {
    const outcome = await run.perform((context) => startRecipe(this.#recipe, context.input, context));
    this.#ended = true;
    if (run.thrown !== undefined) this.#submitters.onThrown?.(this.#task.taskId, run.thrown.value);
    return outcome;
  }
}

/** An attempt's code in this process: a recipe in code. */
import type { Recipe } from '../recipe/define.ts';
import { runRecipe } from '../recipe/run.ts';
import type { Claimed, Payloads } from '../store/types.ts';
import { Run, type RunFacts } from './inside/run.ts';
import type { Secret } from './mask/forms.ts';
import type { AbortCause, Outcome } from './protocol.ts';
import { taskOf } from './source.ts';
import type { Reply, Work, WorkListener } from './work.ts';

/** `onThrown` is told the very value that the code threw. */
export function codeWork(claimed: Claimed, recipe: Recipe, onThrown: (thrown: unknown) => void): Work {
  return new CodeWork(taskOf(claimed), recipe, onThrown);
}

/** There is one run of it only. */
const RUN = 1;

class CodeWork implements Work {
  readonly secrets: readonly Secret[] = [];
  readonly notes: readonly string[] = [];
  readonly killable = false;
  readonly #task: RunFacts['task'];
  readonly #recipe: Recipe;
  readonly #onThrown: (thrown: unknown) => void;
  #run: Run | undefined;
  #outcome: Promise<Outcome> | undefined;
  #ended = true;
  #hushed = false;

  constructor(task: RunFacts['task'], recipe: Recipe, onThrown: (thrown: unknown) => void) {
    this.#task = task;
    this.#recipe = recipe;
    this.#onThrown = onThrown;
  }

  valueOf(variable: string): string | undefined {
    return process.env[variable];
  }

  async begin(listener: WorkListener, { input, config = '{}' }: Payloads): Promise<void> {
    const run = new Run({ run: RUN, task: this.#task, input, config }, (message) => {
      if (this.#hushed) return;
      if (message.kind === 'call') listener.call(message);
      else listener.fact(message);
    });
    if (!listener.begins()) return listener.end({ kind: 'aborted' });
    this.#run = run;
    this.#ended = false;
    this.#outcome = this.#perform(run);
    void this.#outcome.then((outcome) => listener.end(outcome));
  }

  abort(cause: AbortCause, message: string): void {
    this.#run?.abort({ cause, message });
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
    if (run.thrown !== undefined) this.#onThrown(run.thrown.value);
    return outcome;
  }
}

/** An attempt's code in this process: a recipe in code. */
import type { Recipe } from '../recipe/define.ts';
import { runRecipe } from '../recipe/run.ts';
import type { Claimed } from '../store/types.ts';
import { Run, type RunFacts } from './inside/run.ts';
import type { AbortCause, Outcome } from './protocol.ts';
import { taskOf } from './source.ts';
import type { Reply, Work, WorkListener } from './work.ts';

/** `onThrown` is told the very value that the code threw. */
export function codeWork(claimed: Claimed, recipe: Recipe, onThrown: (thrown: unknown) => void): Work {
  const { input, config = '{}' } = claimed.payloads;
  return new CodeWork({ run: 1, task: taskOf(claimed), input, config }, recipe, onThrown);
}

class CodeWork implements Work {
  readonly secrets: readonly string[] = [];
  readonly notes: readonly string[] = [];
  readonly killable = false;
  readonly #facts: RunFacts;
  readonly #recipe: Recipe;
  readonly #onThrown: (thrown: unknown) => void;
  #run: Run | undefined;
  #outcome: Promise<Outcome> | undefined;
  #ended = true;
  #hushed = false;

  constructor(facts: RunFacts, recipe: Recipe, onThrown: (thrown: unknown) => void) {
    this.#facts = facts;
    this.#recipe = recipe;
    this.#onThrown = onThrown;
  }

  async begin(listener: WorkListener): Promise<void> {
    const run = new Run(this.#facts, (message) => {
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
    this.#run?.reply({ kind: 'reply', run: this.#facts.run, ...reply });
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

/** One run inside a child process: what it leaves behind there decides whether the process is used again. */
import type { RecipeContext } from '../../recipe/context.ts';
import { loadRecipe, runRecipe } from '../../recipe/run.ts';
import { thrownJson } from '../../wire/thrown.ts';
import type { AbortMessage, FromChild, Outcome, ReplyMessage, RunMessage } from '../protocol.ts';
import { type Busy, busy, isAlone, isClean } from './leftovers.ts';
import { Run } from './run.ts';
import { flushed } from './surroundings.ts';

export class ChildRun {
  readonly id: number;
  readonly #message: RunMessage;
  readonly #say: (message: FromChild) => void;
  readonly #run: Run;
  #before: Busy = new Map();
  #forget: () => void = () => {};
  #ended = false;
  #reported = false;
  #tainted = false;

  constructor(message: RunMessage, say: (message: FromChild) => void) {
    this.id = message.run;
    this.#message = message;
    this.#say = say;
    this.#run = new Run(message, say);
  }

  /** Loads and runs the recipe, then reports. Never rejects. */
  async start(): Promise<void> {
    await this.#end(await this.#run.perform((context) => this.#work(context)));
  }

  abort(message: AbortMessage): void {
    this.#run.abort(message);
  }

  reply(message: ReplyMessage): void {
    this.#run.reply(message);
  }

  /** The process ends now: removes what must not stay. */
  forget(): void {
    this.#forget();
  }

  /** An error that nobody caught ends the run, or taints what is about to be reported; false when that is past. */
  crash(thrown: unknown): boolean {
    if (this.#reported) return false;
    this.#tainted = true;
    if (this.#ended) return true;
    const outcome: Outcome = this.#run.isOurAbort(thrown)
      ? { kind: 'aborted' }
      : { kind: 'error', error: thrownJson(thrown), crashed: true };
    void this.#end(outcome);
    return true;
  }

  async #work(context: RecipeContext): Promise<unknown> {
    const { program } = this.#message;
    if (program.kind === 'command') {
      const [{ runCommand }, { removeInputFiles }] = await Promise.all([
        import('./command.ts'),
        import('./input-files.ts'),
      ]);
      this.#forget = removeInputFiles;
      this.#before = busy();
      return runCommand(program, context);
    }
    const recipe = await loadRecipe(program.entry);
    this.#before = busy();
    context.signal.throwIfAborted(); // told to end while it was loaded
    return runRecipe(recipe, context.input, context);
  }

  async #end(outcome: Outcome): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#run.close();
    await flushed();
    const clean = (await isClean(this.#before)) && this.#run.openCalls === 0 && (await this.#isAlone());
    this.#reported = true;
    this.#say({ kind: 'done', run: this.id, outcome, clean: clean && !this.#tainted });
  }

  /** Programs leave others behind, whose parents have ended, more easily than modules do. */
  async #isAlone(): Promise<boolean> {
    return this.#message.program.kind === 'module' || isAlone();
  }
}

/** One run inside a child process: what it leaves behind there decides whether the process is used again. */
import type { RecipeContext } from '../../ports/recipe.ts';
import { kindOf, runningOf } from '../../program/kinds.ts';
import { thrownJson } from '../../wire/thrown.ts';
import { NotBegunError } from '../not-begun.ts';
import type {
  AbortMessage,
  DoneMessage,
  NotBegunMessage,
  Outcome,
  ReplyMessage,
  RunMessage,
  Say,
} from '../protocol.ts';
import { Run } from './code-run.ts';
import { type Busy, busy, isAlone, isClean } from './leftovers.ts';
import { flushed } from './surroundings.ts';

export class ChildRun {
  readonly id: number;
  readonly #message: RunMessage;
  readonly #sayEnd: (message: DoneMessage | NotBegunMessage) => void;
  readonly #run: Run;
  #before: Busy = new Map();
  #forget: () => void = () => {};
  #ended = false;
  #reported = false;
  #tainted = false;

  constructor(message: RunMessage, say: Say, sayEnd: (message: DoneMessage | NotBegunMessage) => void) {
    this.id = message.run;
    this.#message = message;
    this.#sayEnd = sayEnd;
    this.#run = new Run(message, say);
  }

  /** Loads and runs the recipe, then reports. Never rejects. */
  async start(): Promise<void> {
    const outcome = await this.#run.perform((context) => this.#work(context));
    const { thrown } = this.#run;
    if (thrown?.value instanceof NotBegunError) this.#giveUp(thrown.value);
    else await this.#end(outcome);
  }

  abort(message: AbortMessage): void {
    this.#run.abort(message);
  }

  reply(message: ReplyMessage): void {
    this.#run.reply(message);
  }

  /** The process ends now, by itself: tells what is held back. */
  flush(): void {
    this.#run.flush();
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
    const { program, asks } = this.#message;
    const { runProgram, forget } = await runningOf(program).catch(cannotBegin);
    this.#forget = forget ?? this.#forget;
    return runProgram(program, context, {
      used: this.#message.task.used,
      begun: () => {
        this.#before = busy();
      },
      log: (lines) => this.#run.tell({ kind: 'log', lines }),
      version: (serves) => (asks ? this.#versionToRun(serves) : Promise.resolve(context.version)),
      conversation: () => this.#run.conversation(),
      cannotBegin,
    });
  }

  async #versionToRun(serves: boolean): Promise<string> {
    const version = await this.#run.version(serves);
    if (version === null) throw new NotBegunError('the code that is here must not be run for this task');
    return version;
  }

  #giveUp({ message }: NotBegunError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reported = true;
    this.#sayEnd({ kind: 'not_begun', run: this.id, reason: message });
  }

  async #end(outcome: Outcome): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#run.close();
    await flushed();
    const clean = (await isClean(this.#before)) && this.#run.openCalls === 0 && (await this.#isAlone());
    this.#reported = true;
    this.#sayEnd({ kind: 'done', run: this.id, outcome, clean: clean && !this.#tainted });
  }

  /** Programs leave others behind, whose parents have ended, more easily than modules do. */
  async #isAlone(): Promise<boolean> {
    return kindOf(this.#message.program.kind).loadsCode || isAlone();
  }
}

function cannotBegin(error: unknown): never {
  throw new NotBegunError(`a file of the package could not be loaded: ${(error as Error).message}`, { cause: error });
}

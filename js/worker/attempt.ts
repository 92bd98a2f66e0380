/**
 * One attempt of one task, from claim to its last commit.
 *
 * 1. User code is loaded only in a process whose group is stored.
 * 2. Once told to end (cancelled, timed out, shut down) the attempt never uses its process again: the group is killed and
 *    gone before `stopped` is committed.
 * 3. Whatever goes wrong in here ends the attempt with a failure; only a lost store is passed on.
 */
import type { Changed, Claimed, Attempt as Key, Store } from '../store/types.ts';
import type { TaskErrorJson } from '../wire/task.ts';
import { type Child, settled } from './children/child.ts';
import type { ChildPool } from './children/pool.ts';
import { after } from './clock.ts';
import { attemptError, type Conclusion, conclude, type Ending, type Stop, timeoutError } from './conclude.ts';
import { Journal } from './journal.ts';
import { Mask } from './mask.ts';
import type { AbortCause, DoneMessage, FactMessage, FromChild } from './protocol.ts';
import { type Plan, planOf, recordOf } from './source.ts';
import { isStoreLost, oneLine } from './trouble.ts';

export interface AttemptOptions {
  store: Store;
  pool: ChildPool;
  /** Milliseconds, for records that do not say. */
  killGrace: number;
  onTrouble(error: unknown): void;
}

export class Attempt {
  readonly key: Key;
  readonly recipe: string;
  readonly #claimed: Claimed;
  readonly #options: AttemptOptions;
  readonly #journal: Journal;
  readonly #killGrace: number;
  readonly #ending: Promise<Ending>;
  #end!: (ending: Ending) => void;
  #stop: Stop | undefined;
  #ended = false;
  /** Whether the process said that nothing of the run goes on in it. */
  #clean = false;
  #poolKey = '';
  #child: Child | undefined;
  #mask = new Mask([]);
  #timers: (() => void)[] = [];

  constructor(claimed: Claimed, options: AttemptOptions) {
    const { id, attempt, epoch } = claimed;
    const { recipe, kill_grace_ms } = recordOf(claimed);
    this.key = { id, attempt, epoch };
    this.recipe = recipe;
    this.#claimed = claimed;
    this.#options = options;
    this.#journal = new Journal(options.store, this.key, options.onTrouble);
    this.#killGrace = kill_grace_ms ?? options.killGrace;
    this.#ending = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Runs it to its end. Answers with the last change, null when the task is gone. Rejects when the store is lost. */
  async run(): Promise<Changed | null> {
    const ending = await this.#work().catch((error) => {
      if (isStoreLost(error)) throw error;
      return this.#stop ? ABORTED : failedInside(error, true);
    });
    return this.#conclude(ending);
  }

  /** The task was cancelled or decided otherwise: aborts the work, and kills it after the grace. */
  cancel(message: string): void {
    if (this.#stop !== undefined || this.#ended) return;
    this.#stop = { because: 'cancelled', message };
    this.#abort('cancelled', message);
  }

  /** Kills the work at once; the attempt ends as lost to an orderly shutdown. */
  shutDown(): void {
    this.#stop ??= { because: 'shutdown' };
    this.#finish({ kind: 'killed' });
  }

  async #work(): Promise<Ending> {
    let plan: Plan;
    try {
      plan = await planOf(this.#claimed);
    } catch (error) {
      return failedInside(error, false); // refused: another attempt would be refused as well
    }
    this.#poolKey = plan.key;
    this.#mask = new Mask(plan.secrets);
    for (const line of plan.notes) this.#log(line);
    if (this.#stop !== undefined) return ABORTED;
    this.#child = await this.#options.pool.take(plan.key);
    if (this.#stop === undefined) this.#begin(this.#child, plan);
    else this.#finish(ABORTED);
    return this.#ending;
  }

  #begin(child: Child, plan: Plan): void {
    child.runs += 1;
    child.listen({ message: (message) => this.#hear(message), line: (line) => this.#log(line) });
    void child.gone.then((gone) => this.#finish({ kind: 'gone', gone }));
    child.send({ ...plan.message, run: child.runs });
    this.#timers.push(after(plan.timeout, () => this.#timeOut(plan.timeout)));
  }

  #hear(message: FromChild): void {
    if (message.kind === 'ready' || message.run !== this.#child?.runs) return;
    if (message.kind === 'done') this.#done(message);
    else this.#note(message);
  }

  #done({ outcome, clean }: DoneMessage): void {
    this.#clean = clean && !(outcome.kind === 'error' && outcome.crashed);
    this.#finish(outcome);
  }

  #note(fact: FactMessage): void {
    if (fact.kind === 'log') {
      this.#log(fact.line);
    } else if (fact.kind === 'output') {
      const json = this.#mask.json(fact.chunk);
      this.#journal.add({ command: 'output', chunk: JSON.parse(json) }, json.length);
    } else {
      const message = fact.message === null ? {} : { message: this.#mask.text(fact.message) };
      this.#journal.add({ command: 'progress', fraction: fact.fraction, ...message });
    }
  }

  #log(line: string): void {
    this.#journal.add({ command: 'log', line: this.#mask.text(line) }, line.length);
  }

  #timeOut(ms: number): void {
    if (this.#stop !== undefined || this.#ended) return;
    this.#stop = { because: 'timeout' };
    const { attempt, epoch } = this.key;
    const error = timeoutError(ms);
    this.#abort('timeout', error.message);
    this.#journal.commit([{ command: 'fail', attempt, epoch, error, settled: false }]).catch(this.#options.onTrouble);
  }

  #abort(cause: AbortCause, message: string): void {
    const child = this.#child;
    if (child === undefined) return; // not begun; `#work` sees the stop
    child.send({ kind: 'abort', run: child.runs, cause, message });
    this.#timers.push(after(this.#killGrace, () => this.#finish({ kind: 'killed' })));
  }

  /** The first end counts. */
  #finish(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const cancel of this.#timers) cancel();
    this.#end(ending);
  }

  async #conclude(ending: Ending): Promise<Changed | null> {
    this.#ended = true;
    const child = this.#child;
    if (child !== undefined) await settled();
    child?.unlisten();
    this.#journal.close();
    const groupEnded = child === undefined || this.#mayReuse(child) || (await this.#options.pool.retire(child));
    const end = conclude(this.key, ending, this.#stop, groupEnded, this.#mask);
    const changed = await this.#commit(end);
    if (child !== undefined && this.#mayReuse(child)) this.#giveBack(child, changed);
    return changed;
  }

  #mayReuse(child: Child): boolean {
    return this.#clean && this.#stop === undefined && child.alive;
  }

  /** What ended well here may have been cancelled a moment before: then its process is not used again either. */
  #giveBack(child: Child, changed: Changed | null): void {
    const late = changed === null || changed.events.some(({ kind }) => kind === 'late_result');
    if (late) void this.#options.pool.retire(child);
    else this.#options.pool.give(child, this.#poolKey);
  }

  /** Tries again without the gathered facts, then with a plain failure, so that no attempt is left hanging. */
  async #commit({ commands, payloads }: Conclusion): Promise<Changed | null> {
    const { attempt, epoch } = this.key;
    const tries = [
      () => this.#journal.commit(commands, payloads),
      () => this.#journal.commit(commands, payloads),
      (error: unknown) =>
        this.#journal.commit([{ command: 'fail', attempt, epoch, error: internal(error, true), settled: true }]),
    ];
    let trouble: unknown;
    for (const one of tries) {
      try {
        return await one(trouble);
      } catch (error) {
        if (isStoreLost(error)) throw error;
        this.#options.onTrouble(error);
        trouble = error;
      }
    }
    return null;
  }
}

const ABORTED: Ending = { kind: 'aborted' };

const failedInside = (error: unknown, retryable: boolean): Ending => ({
  kind: 'error',
  error: internal(error, retryable),
  crashed: true,
});

function internal(error: unknown, retryable: boolean): TaskErrorJson {
  const { name, message } = error instanceof Error ? error : new Error(oneLine(error));
  return attemptError(name, message, 'failed', retryable);
}

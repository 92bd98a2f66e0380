/**
 * One attempt of one task, from claim to its last commit.
 *
 * 1. User code is loaded only in a process whose group is stored, or in this one.
 * 2. Once told to end (cancelled, timed out, shut down) the attempt never uses its process again: the group is killed and
 *    gone before `stopped` is committed. Code in this process is given up after the grace.
 * 3. A question changes the execution: after the answer the same code goes on with the next epoch. Until then only this
 *    worker's claim can do that, so what the attempt commits meanwhile and claims take turns.
 * 4. Whatever goes wrong in here ends the attempt with a failure; only a lost store is passed on.
 */
import type { Changed, Claimed, Attempt as Key } from '../store/types.ts';
import type { AttemptOptions } from './attempt-options.ts';
import { type Ending, timeoutError } from './conclude.ts';
import { Countdown } from './countdown.ts';
import { ABORTED, commitEnd, type EndOf, failedInside, notBegun } from './ending.ts';
import type { Told, With } from './journal.ts';
import type { Lending } from './lending.ts';
import { Life } from './life.ts';
import type { Mask } from './mask/mask.ts';
import { NotBegunError } from './not-begun.ts';
import { Parts, type Whole } from './parts.ts';
import type { AbortCause, CallMessage, Fact } from './protocol.ts';
import { recordOf } from './source.ts';
import { isPassing, isStoreLost } from './trouble.ts';
import type { Work, WorkListener } from './work.ts';

const nothing = (): void => {};

export class Attempt implements Whole, WorkListener, EndOf {
  readonly key: Key;
  readonly recipe: string;
  readonly claimed: Claimed;
  readonly options: AttemptOptions;
  readonly life = new Life();
  work: Work | undefined;
  countdown: Countdown | undefined;
  /** The worker is about to end. */
  isDismissed = false;
  readonly #parts = new Parts(this);
  #cancelGrace = nothing;

  constructor(claimed: Claimed, options: AttemptOptions) {
    const { id, attempt, epoch } = claimed;
    this.key = { id, attempt, epoch };
    this.recipe = recordOf(claimed).recipe;
    this.claimed = claimed;
    this.options = options;
  }

  get lending(): Lending {
    return this.#parts.lending;
  }

  get mask(): Mask {
    return this.#parts.mask;
  }

  /** Whether it waits for a person, or to go on after an answer. */
  get isAsking(): boolean {
    return this.life.isAsking;
  }

  /** Whether a claim may make it another execution: it asks, or has a question on its way. */
  get isFluid(): boolean {
    return this.#parts.isFluid;
  }

  /** Runs it to its end. Answers with the last change, null when the task is gone. Rejects when the store is lost. */
  async run(): Promise<Changed | null> {
    let changed: Changed | null = null;
    try {
      this.#prepare();
      changed = await this.#conclude(await this.life.ending);
      return changed;
    } finally {
      this.work?.decided?.(changed?.status);
    }
  }

  /** The person has answered and the task is claimed again: the code goes on as the next execution. */
  goOn({ epoch, record }: Claimed): void {
    this.key.epoch = epoch;
    const goesOn = this.#parts.asking.goOn();
    this.#parts.goOn(record);
    if (goesOn) this.lending.again().catch(this.options.onTrouble);
  }

  /** The task was cancelled or decided otherwise: aborts the work, and ends it after the grace. */
  cancel(cause: AbortCause, message: string): void {
    if (!this.life.tellToEnd({ because: 'cancelled', message })) return;
    this.#parts.journal.discard();
    this.#abort(cause, message);
  }

  /** Ends the work at once, or after the grace where that needs its consent, as lost to an orderly shutdown. */
  shutDown(): void {
    this.isDismissed = true;
    if (this.life.hasEnded) return;
    const isFirst = this.life.tellToEnd({ because: 'shutdown' });
    if (this.work?.killable ?? true) this.end({ kind: 'killed' });
    else if (isFirst) this.#abort('cancelled', 'the worker is shutting down');
  }

  /** Has its code run; what goes wrong is how it ends. Code that is here may run at once. */
  #prepare(): void {
    try {
      const found = this.options.workOf(this.claimed, this.#parts);
      if (found instanceof Promise) found.then((work) => this.#perform(work)).catch((error) => this.#refuse(error));
      else this.#perform(found);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** One that is refused would be refused again. */
  #refuse(error: unknown): void {
    this.end(error instanceof NotBegunError ? notBegun(error.message) : failedInside(error, false));
  }

  #perform(work: Work): void {
    const given = this.#parts.handed(work);
    for (const line of work.notes) this.#parts.log(line);
    if (!this.life.isOpen) {
      this.end(ABORTED);
      return;
    }
    this.work = work;
    try {
      work.begin(this, given)?.catch((error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { hasBegun, stop } = this.life;
    if (isStoreLost(error)) this.life.lose(error);
    else if (!hasBegun && isNotBegun(error)) this.end(notBegun(error.message));
    else this.end(stop ? ABORTED : failedInside(error, true));
  }

  /** As its work tells it. */
  begins(): boolean {
    if (!this.life.begin()) return false;
    const { timeout_ms: timeout, ran_ms: ran = 0 } = recordOf(this.claimed);
    if (timeout == null) return true;
    this.countdown = new Countdown(this.options.countdowns, timeout - ran, () => this.#timeOut(timeout));
    this.countdown.run();
    return true;
  }

  fact(fact: Fact): void {
    this.#parts.journal.add(fact);
  }

  call(call: CallMessage): void {
    void this.#parts.serve(call);
  }

  /** The first end counts. */
  end(ending: Ending): void {
    if (!this.life.end(ending)) return;
    this.countdown?.pause();
    this.#cancelGrace();
  }

  commit(commands: readonly Told[], more: With): Promise<Changed | null> {
    return this.#parts.commit(commands, more);
  }

  waits(): void {
    this.options.onAsking();
    this.options.wake(); // its slot is free
  }

  /** While somebody here awaits the task its end is one act with his asking for his slot; see also 3. */
  gate<T>(commit: () => Promise<T>): Promise<T> {
    const { turn, isAwaited, reclaim } = this.options;
    const { id } = this.key;
    if (this.life.hasEnded && isAwaited(id)) {
      return turn(async () => {
        const answer = await commit();
        await reclaim(id);
        return answer;
      });
    }
    return this.life.isAsking ? turn(commit) : commit();
  }

  #timeOut(ms: number): void {
    if (!this.life.tellToEnd({ because: 'timeout' })) return;
    const error = timeoutError(ms);
    this.#abort('timeout', error.message);
    const { journal } = this.#parts;
    this.#parts.close(true);
    journal.commit([{ command: 'fail', error, settled: false }]).catch(this.options.onTrouble);
    journal.discard();
  }

  #abort(cause: AbortCause, message: string): void {
    this.countdown?.pause();
    this.#parts.letGo();
    if (!this.life.hasBegun) this.end(ABORTED); // and it does not begin any more
    if (this.life.hasEnded) return;
    this.work?.abort(cause, message);
    const { clock, killGrace } = this.options;
    const grace = recordOf(this.claimed).kill_grace_ms ?? killGrace;
    this.#cancelGrace = clock.after(grace, () => this.end({ kind: 'killed' }));
  }

  async #conclude(ending: Ending): Promise<Changed | null> {
    const { work, life } = this;
    const { stop, hasBegun } = life;
    const isNone = stop?.because === 'shutdown' && !hasBegun;
    this.#parts.hush();
    const hushed = work?.hush();
    if (hushed !== undefined) await hushed;
    const trusted = stop === undefined;
    this.#parts.close(!trusted);
    const finished = work?.finish(trusted) ?? true;
    const ended = finished instanceof Promise ? await finished : finished;
    const changed = await this.#commitEnd(isNone ? notBegun(SHUT_DOWN) : ending, ended);
    // What ended well here may have been cancelled a moment before: then its process is not used again either.
    const late = changed === null || changed.events.some(({ kind }) => kind === 'late_result');
    work?.release(trusted && !late);
    if (!ended) void this.#hearLate();
    return changed;
  }

  /** Code that was given up may end after all: its outcome is kept as late. */
  async #hearLate(): Promise<void> {
    const outcome = await this.work?.late?.();
    if (outcome === undefined || outcome.kind === 'aborted') return;
    await this.#commitEnd(outcome, true).catch(this.options.onTrouble);
  }

  #commitEnd(ending: Ending, ended: boolean): Promise<Changed | null> {
    return commitEnd(this, ending, this.life.stop, ended);
  }
}

const SHUT_DOWN = 'the worker was shut down before it began';

const isNotBegun = (error: unknown): error is Error => error instanceof NotBegunError || isPassing(error);

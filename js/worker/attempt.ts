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
import type { Changed, Claimed, Attempt as Key, Payloads, Store } from '../store/types.ts';
import { Asking } from './asking.ts';
import { Calls } from './calls.ts';
import { type Clock, Countdown } from './clock.ts';
import { type Ending, timeoutError } from './conclude.ts';
import { ABORTED, commitEnd, failedInside, notBegun } from './ending.ts';
import { commandsOf } from './facts.ts';
import { Journal } from './journal.ts';
import type { Lending } from './lending.ts';
import { Life } from './life.ts';
import { MaskedFacts } from './mask/facts.ts';
import type { Mask } from './mask/mask.ts';
import { NotBegunError } from './not-begun.ts';
import type { AbortCause, CallMessage } from './protocol.ts';
import { Secrets } from './secrets.ts';
import { lendingOf } from './slot.ts';
import { recordOf } from './source.ts';
import { isPassing, isStoreLost } from './trouble.ts';
import type { Family } from './types.ts';
import type { Work, WorkListener } from './work.ts';

export interface AttemptOptions {
  worker: string;
  store: Store;
  clock: Clock;
  family: Family | undefined;
  /** Milliseconds, for records that do not say. */
  killGrace: number;
  /**
   * What runs the code; throws when it may not be run, `NotBegunError` when it cannot be run here and now. `mask`: what the
   * attempt keeps out of the store, as it is whenever that is asked.
   */
  workOf(claimed: Claimed, mask: () => Mask): Promise<Work>;
  /** Takes turns with the claims of the worker. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  /** Told when the attempt awaits a child, and when none any more. */
  onAwaiting(lending: Lending, some: boolean): void;
  /** Whether another attempt of this worker awaits the task. */
  isAwaited(id: string): boolean;
  /** The awaited task has ended: who awaited it gets his slot back before anything starts. */
  reclaim(id: string): Promise<void>;
  /** Something became free, or is wanted: look at the store. */
  wake(): void;
  /** The attempt waits for a person from now on. */
  onAsking(attempt: Attempt): void;
  onTrouble(error: unknown): void;
}

const nothing = (): void => {};

export class Attempt {
  readonly key: Key;
  readonly recipe: string;
  readonly lending: Lending;
  readonly #claimed: Claimed;
  readonly #options: AttemptOptions;
  readonly #journal: Journal;
  /** Made for the first call: most attempts make none. */
  #calls: Calls | undefined;
  readonly #countdown: Countdown;
  readonly #killGrace: number;
  readonly #life = new Life();
  readonly #asking: Asking;
  readonly #secrets: Secrets;
  #work: Work | undefined;
  /** The worker is about to end. */
  #dismissed = false;
  #cancelGrace = nothing;

  constructor(claimed: Claimed, options: AttemptOptions) {
    const { store, clock, onTrouble } = options;
    const { id, attempt, epoch } = claimed;
    const record = recordOf(claimed);
    const timeout = record.timeout_ms ?? Number.POSITIVE_INFINITY;
    const key = { id, attempt, epoch };
    this.key = key;
    this.recipe = record.recipe;
    this.#claimed = claimed;
    this.#options = options;
    this.#killGrace = record.kill_grace_ms ?? options.killGrace;
    this.#countdown = new Countdown(clock, timeout - (record.ran_ms ?? 0), () => this.#timeOut(timeout));
    this.lending = lendingOf(key, options);
    const note = (line: string): void => this.#log(line);
    this.#secrets = new Secrets({ recipe: record.recipe, folder: store.folder, note });
    const mask = (): Mask => this.#secrets.mask;
    let masked: MaskedFacts | undefined;
    this.#journal = new Journal({
      store,
      clock,
      attempt: key,
      commandsOf: (facts, isLast) => {
        if (facts.length === 0 && masked === undefined) return [];
        masked ??= new MaskedFacts(mask);
        return commandsOf(facts, isLast, masked, mask);
      },
      onTrouble,
      onStored: (changes) => this.#work?.told?.(changes.flatMap((changed) => changed?.events ?? [])),
      gate: (commit) => this.#gate(commit),
    });
    this.#asking = new Asking({
      life: this.#life,
      key,
      journal: this.#journal,
      countdown: this.#countdown,
      lending: this.lending,
      onAsking: () => this.#waits(),
    });
  }

  /** Whether it waits for a person, or to go on after an answer. */
  get isAsking(): boolean {
    return this.#life.isAsking;
  }

  /** Whether a claim may make it another execution: it asks, or has a question on its way. */
  get isFluid(): boolean {
    return this.#asking.isFluid;
  }

  /** Runs it to its end. Answers with the last change, null when the task is gone. Rejects when the store is lost. */
  async run(): Promise<Changed | null> {
    let changed: Changed | null = null;
    try {
      changed = await this.#conclude(await this.#ending());
      return changed;
    } finally {
      this.#work?.decided?.(changed?.status);
    }
  }

  #ending(): Promise<Ending> {
    return Promise.race([this.#perform(), this.#life.ending]).catch((error) => {
      if (isStoreLost(error)) throw error;
      if (!this.#life.hasBegun && (error instanceof NotBegunError || isPassing(error))) return notBegun(error.message);
      return this.#life.stop ? ABORTED : failedInside(error, true);
    });
  }

  /** The person has answered and the task is claimed again: the code goes on as the next execution. */
  goOn({ epoch, record }: Claimed): void {
    this.key.epoch = epoch;
    const goesOn = this.#asking.goOn();
    this.#calls?.goOn(record);
    if (goesOn) this.lending.again().catch(this.#options.onTrouble);
  }

  /** The task was cancelled or decided otherwise: aborts the work, and ends it after the grace. */
  cancel(cause: AbortCause, message: string): void {
    if (!this.#life.tellToEnd({ because: 'cancelled', message })) return;
    this.#journal.discard();
    this.#abort(cause, message);
  }

  /** Ends the work at once, or after the grace where that needs its consent, as lost to an orderly shutdown. */
  shutDown(): void {
    this.#dismissed = true;
    if (this.#life.hasEnded) return;
    const isFirst = this.#life.tellToEnd({ because: 'shutdown' });
    if (this.#work?.killable ?? true) this.#finish({ kind: 'killed' });
    else if (isFirst) this.#abort('cancelled', 'the worker is shutting down');
  }

  async #perform(): Promise<Ending> {
    let work: Work;
    let given: Payloads;
    try {
      work = await this.#options.workOf(this.#claimed, () => this.#secrets.mask);
      this.#secrets.know(work);
      given = this.#secrets.handed(this.#claimed);
    } catch (error) {
      if (error instanceof NotBegunError) throw error;
      return failedInside(error, false); // refused: another attempt would be refused as well
    }
    for (const line of work.notes) this.#log(line);
    if (!this.#life.isOpen) return ABORTED;
    this.#work = work;
    await work.begin(this.#listener(), given);
    return this.#life.ending;
  }

  #listener(): WorkListener {
    return {
      begins: () => this.#begins(),
      fact: (fact) => this.#journal.add(fact),
      call: (call) => void this.#serve(call),
      end: (ending) => this.#finish(ending),
    };
  }

  #serve(call: CallMessage): Promise<void> {
    if (this.#calls === undefined) {
      this.#calls = this.#makeCalls();
      if (this.#life.hasEnded) this.#calls.close();
    }
    return this.#calls.serve(call);
  }

  #makeCalls(): Calls {
    const { store, clock, family, turn, onTrouble } = this.#options;
    const lineage = () => this.#work?.lineage;
    const trace = () => this.#work?.trace ?? recordOf(this.#claimed).carried?.trace;
    return new Calls({
      key: this.key,
      store,
      clock,
      family,
      lending: this.lending,
      secrets: this.#secrets,
      get lineage() {
        return lineage();
      },
      get trace() {
        return trace();
      },
      versionFor: async (serves) => this.#work?.versionFor?.(serves) ?? null,
      commit: (commands, more) => this.#journal.commit(commands, more),
      ask: (question) => this.#asking.ask(question),
      asExecution: (work) => (this.isFluid ? turn(work) : work()),
      reply: (reply) => this.#work?.reply(reply),
      onTrouble,
    });
  }

  #begins(): boolean {
    if (!this.#life.begin()) return false;
    this.#countdown.run();
    return true;
  }

  #log(line: string): void {
    this.#journal.add({ kind: 'log', lines: [line] });
  }

  #waits(): void {
    this.#options.onAsking(this);
    this.#options.wake(); // its slot is free
  }

  /** While somebody here awaits the task its end is one act with his asking for his slot; see also 3. */
  #gate<T>(commit: () => Promise<T>): Promise<T> {
    const { turn, isAwaited, reclaim } = this.#options;
    const { id } = this.key;
    if (this.#life.hasEnded && isAwaited(id)) {
      return turn(async () => {
        const answer = await commit();
        await reclaim(id);
        return answer;
      });
    }
    return this.#life.isAsking ? turn(commit) : commit();
  }

  #timeOut(ms: number): void {
    if (!this.#life.tellToEnd({ because: 'timeout' })) return;
    const error = timeoutError(ms);
    this.#abort('timeout', error.message);
    this.#journal.hurry();
    this.#journal.close();
    this.#journal.commit([{ command: 'fail', error, settled: false }]).catch(this.#options.onTrouble);
    this.#journal.discard();
  }

  #abort(cause: AbortCause, message: string): void {
    this.#countdown.pause();
    this.lending.letGo();
    if (!this.#life.hasBegun) this.#finish(ABORTED); // and it does not begin any more
    if (this.#life.hasEnded) return;
    this.#work?.abort(cause, message);
    this.#cancelGrace = this.#options.clock.after(this.#killGrace, () => this.#finish({ kind: 'killed' }));
  }

  /** The first end counts. */
  #finish(ending: Ending): void {
    if (!this.#life.end(ending)) return;
    this.#countdown.pause();
    this.#cancelGrace();
  }

  async #conclude(ending: Ending): Promise<Changed | null> {
    this.#finish(ending);
    const { stop, hasBegun } = this.#life;
    if (stop?.because === 'shutdown' && !hasBegun) ending = notBegun('the worker was shut down before it began');
    this.#calls?.close();
    this.lending.letGo();
    await this.#work?.hush();
    this.#journal.close();
    const trusted = stop === undefined;
    if (!trusted) this.#journal.hurry();
    const ended = (await this.#work?.finish(trusted)) ?? true;
    const changed = await this.#commitEnd(ending, ended);
    // What ended well here may have been cancelled a moment before: then its process is not used again either.
    const late = changed === null || changed.events.some(({ kind }) => kind === 'late_result');
    this.#work?.release(trusted && !late);
    if (!ended) void this.#hearLate();
    return changed;
  }

  /** Code that was given up may end after all: its outcome is kept as late. */
  async #hearLate(): Promise<void> {
    const outcome = await this.#work?.late?.();
    if (outcome === undefined || outcome.kind === 'aborted') return;
    await this.#commitEnd(outcome, true).catch(this.#options.onTrouble);
  }

  #commitEnd(ending: Ending, ended: boolean): Promise<Changed | null> {
    const { worker, store, clock, onTrouble } = this.#options;
    const isDismissed = (): boolean => this.#dismissed;
    const of = {
      worker,
      store,
      clock,
      key: this.key,
      journal: this.#journal,
      mask: this.#secrets.mask,
      isDismissed,
      onTrouble,
    };
    return commitEnd(of, ending, this.#life.stop, ended);
  }
}

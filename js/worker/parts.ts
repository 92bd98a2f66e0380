/**
 * What some attempts need beside their work: each part is made when it is first used. An attempt of code that only returns makes
 * none of them.
 *
 * A part that is made late stands as one that was there all the time: closed where the attempt is over, without a slot where it
 * has let go of it.
 */
import type { Changed, Claimed, Attempt as Key, Payloads, Store } from '../store/types.ts';
import { Asking } from './asking.ts';
import type { AttemptOptions, Hiding } from './attempt-options.ts';
import { Calls } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Countdown } from './countdown.ts';
import { commandsOf } from './facts.ts';
import { type CommitPort, commitTold, Journal, type Told, type With } from './journal.ts';
import type { Lending } from './lending.ts';
import type { Life } from './life.ts';
import { MaskedFacts } from './mask/facts.ts';
import type { Mask } from './mask/mask.ts';
import type { CallMessage } from './protocol.ts';
import { NO_MASK, Secrets } from './secrets.ts';
import { lendingOf } from './slot.ts';
import { recordOf } from './source.ts';
import type { Work } from './work.ts';

/** The attempt that they are parts of. */
export interface Whole {
  /** The execution as it is now. */
  readonly key: Readonly<Key>;
  readonly claimed: Claimed;
  readonly options: AttemptOptions;
  readonly life: Life;
  /** What runs its code, once that may begin. */
  readonly work: Work | undefined;
  /** Of its timeout, if it has one. */
  readonly countdown: Countdown | undefined;
  /** Through it goes every commit, one after the other. */
  gate<T>(commit: () => Promise<T>): Promise<T>;
  /** It waits for a person from now on. */
  waits(): void;
}

export class Parts implements Hiding, CommitPort {
  readonly #of: Whole;
  #journal: Journal | undefined;
  #lending: Lending | undefined;
  #asking: Asking | undefined;
  #secrets: Secrets | undefined;
  #calls: Calls | undefined;
  /** Nothing more is gathered, or answered. */
  #isHushed = false;
  #isClosed = false;

  constructor(of: Whole) {
    this.#of = of;
  }

  get journal(): Journal {
    this.#journal ??= this.#madeJournal();
    return this.#journal;
  }

  get lending(): Lending {
    if (this.#lending !== undefined) return this.#lending;
    const { key, options, life } = this.#of;
    this.#lending = lendingOf(key, options);
    if (!life.isOpen || life.isAsking) this.#lending.letGo();
    return this.#lending;
  }

  get asking(): Asking {
    if (this.#asking !== undefined) return this.#asking;
    const { life, key, countdown } = this.#of;
    const { journal, lending } = this;
    this.#asking = new Asking({ life, key, countdown, journal, lending, onAsking: () => this.#of.waits() });
    return this.#asking;
  }

  get secrets(): Secrets {
    if (this.#secrets !== undefined) return this.#secrets;
    const { claimed, options, work } = this.#of;
    const note = (line: string): void => this.log(line);
    this.#secrets = new Secrets({ recipe: recordOf(claimed).recipe, folder: options.store.folder, note });
    if (work !== undefined) this.#secrets.know(work);
    return this.#secrets;
  }

  /** What it keeps out of the store by now. */
  get mask(): Mask {
    return this.#secrets?.mask ?? NO_MASK;
  }

  /** Whether a claim may make it another execution: it asks, or has a question on its way. */
  get isFluid(): boolean {
    return this.#asking?.isFluid ?? false;
  }

  /** The payloads as the code gets them. */
  handed(work: Work): Payloads {
    const { claimed } = this.#of;
    if (work.secrets.length === 0 && isEmpty(claimed.refs)) return claimed.payloads;
    this.secrets.know(work);
    return this.secrets.handed(claimed);
  }

  log(line: string): void {
    this.journal.add({ kind: 'log', lines: [line] });
  }

  serve(call: CallMessage): Promise<void> {
    this.#calls ??= this.#madeCalls();
    return this.#calls.serve(call);
  }

  /** The task was claimed again after an answer, with this record: whoever has asked is answered. */
  goOn(record: string): void {
    this.#calls?.goOn(record);
  }

  /** Commits what was gathered, if anything was, and then the commands. */
  commit(commands: readonly Told[], more: With): Promise<Changed | null> {
    return this.#journal?.commit(commands, more) ?? commitTold(this, commands, more);
  }

  /** It has ended: nothing more is answered, and no slot is wanted back. */
  hush(): void {
    this.#isHushed = true;
    this.#calls?.close();
    this.letGo();
  }

  /** From now on it needs no slot. */
  letGo(): void {
    this.#lending?.letGo();
  }

  /** Gathers nothing more. `hurries`: of what was gathered only the newest is still stored. */
  close(hurries: boolean): void {
    this.#isClosed = true;
    this.#journal?.close();
    if (hurries) this.#journal?.hurry();
  }

  #madeJournal(): Journal {
    const mask = (): Mask => this.mask;
    let masked: MaskedFacts | undefined;
    const { onTrouble } = this.#of.options;
    const journal = new Journal({
      port: this,
      commandsOf: (facts, isLast) => {
        if (facts.length === 0 && masked === undefined) return [];
        masked ??= new MaskedFacts(mask);
        return commandsOf(facts, isLast, masked, mask);
      },
      onTrouble,
    });
    if (this.#isClosed) journal.close();
    return journal;
  }

  get store(): Store {
    return this.#of.options.store;
  }

  get clock(): Clock {
    return this.#of.options.clock;
  }

  get attempt(): Readonly<Key> {
    return this.#of.key;
  }

  onStored(changes: readonly (Changed | null)[]): void {
    this.#of.work?.told?.(changes.flatMap((changed) => changed?.events ?? []));
  }

  gate<T>(commit: () => Promise<T>): Promise<T> {
    return this.#of.gate(commit);
  }

  #madeCalls(): Calls {
    const { key, options, claimed } = this.#of;
    const { store, clock, family, turn, onTrouble } = options;
    const { lending, secrets } = this;
    const work = () => this.#of.work;
    const calls = new Calls({
      key,
      store,
      clock,
      family,
      lending,
      secrets,
      get lineage() {
        return work()?.lineage;
      },
      get trace() {
        return work()?.trace ?? recordOf(claimed).carried?.trace;
      },
      versionFor: async (serves) => work()?.versionFor?.(serves) ?? null,
      commit: (commands, more) => this.journal.commit(commands, more),
      ask: (question) => this.asking.ask(question),
      asExecution: (act) => (this.isFluid ? turn(act) : act()),
      reply: (reply) => work()?.reply(reply),
      onTrouble,
    });
    if (this.#isHushed) calls.close();
    return calls;
  }
}

function isEmpty(object: object | undefined): boolean {
  for (const _ in object) return false;
  return true;
}

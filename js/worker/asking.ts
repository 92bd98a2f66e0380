/** The questions of an attempt: while one is open its clock stands still and its slot is free. */
import type { Changed, Attempt as Key } from '../store/types.ts';
import type { Countdown } from './countdown.ts';
import type { Journal, Told } from './journal.ts';
import type { Lending } from './lending.ts';
import type { Life } from './life.ts';

export interface AskingOptions {
  life: Life;
  /** The execution as it is now. */
  key: Readonly<Key>;
  journal: Journal;
  countdown: Countdown | undefined;
  lending: Lending;
  /** It waits for a person from now on. */
  onAsking(): void;
}

export class Asking {
  readonly #options: AskingOptions;
  /** Questions on their way to the store. */
  #underWay = 0;

  constructor(options: AskingOptions) {
    this.#options = options;
  }

  /** Whether a claim may make it another execution: it asks, or has a question on its way. */
  get isFluid(): boolean {
    return this.#options.life.isAsking || this.#underWay > 0;
  }

  /** The clock stands still from the question on; it goes on at once when there is nothing to wait for. */
  async ask(question: Told): Promise<Changed | null> {
    const { journal, countdown, key, life } = this.#options;
    this.#underWay += 1;
    countdown?.pause();
    try {
      const changed = await journal.commitAlone(question);
      // Answered and claimed again before this was heard of: then it has gone on already.
      const now = changed !== null && (JSON.parse(changed.record) as { epoch: number }).epoch === key.epoch;
      if (now && changed.status !== 'running') this.#waitForPerson();
      return changed;
    } finally {
      this.#underWay -= 1;
      if (!this.isFluid && life.isOpen) countdown?.run();
    }
  }

  #waitForPerson(): void {
    const { life, lending, onAsking } = this.#options;
    if (!life.ask()) return;
    lending.letGo();
    onAsking();
  }

  /** The person has answered: the code goes on. False: it has been told to end, or has ended. */
  goOn(): boolean {
    const { life, countdown } = this.#options;
    life.goOn();
    if (!life.isOpen) return false;
    if (this.#underWay === 0) countdown?.run();
    return true;
  }
}

/**
 * What is to be stored about one attempt, in order, in few commits.
 *
 * 1. Facts (log, output, progress) are gathered: at most ten commits a second, the first one at once.
 * 2. Of several progress facts in one commit only the last is kept; the last of all is never lost.
 * 3. A command takes everything gathered before it along, in the same commit; commits of one attempt never overtake.
 * 4. Beyond what a task may have of events the oldest gathered ones go first, and a log line says how many.
 * 5. What is sent carries the execution that the attempt is at that very moment: an answer to a question makes it another.
 */
import type { Command } from '../core/index.ts';
import type { Attempt, Change, Changed, Store } from '../store/types.ts';
import type { Clock } from './clock.ts';
import { insist } from './trouble.ts';

/** Milliseconds between two commits of facts. */
const EVERY = 100;
/** Gathered events kept at most, and their bytes. */
const MOST_FACTS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** A fact about an attempt, without what every one of them carries. */
export type Fact =
  | { command: 'log'; line: string }
  | { command: 'output'; chunk: unknown }
  | { command: 'progress'; fraction: number; message?: string };

interface Gathered {
  fact: Fact;
  bytes: number;
}

/** A command of an execution, which the journal names. */
export type Told =
  Extract<Command, { attempt: number }> extends infer C
    ? C extends Command
      ? Omit<C, 'attempt' | 'epoch'>
      : never
    : never;

export interface JournalOptions {
  store: Store;
  clock: Clock;
  /** The execution as it is now. */
  attempt: Readonly<Attempt>;
  onTrouble(error: unknown): void;
  /** Through it goes every commit, one after the other. Default: at once. */
  gate?<T>(commit: () => Promise<T>): Promise<T>;
}

/** What is stored with the first command of a commit. */
export type With = Pick<Change, 'payloads' | 'refs' | 'step'>;

export class Journal {
  readonly #options: JournalOptions;
  #gathered: Gathered[] = [];
  #bytes = 0;
  #dropped = 0;
  #cancelTimer: (() => void) | undefined;
  #committedAt = Number.NEGATIVE_INFINITY;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Gathers a fact; `bytes` is about what it takes. */
  add(fact: Fact, bytes = 64): void {
    if (this.#closed) return;
    if (fact.command === 'progress') this.#gathered = this.#gathered.filter((one) => one.fact.command !== 'progress');
    this.#gathered.push({ fact, bytes });
    this.#bytes += bytes;
    this.#trim();
    this.#schedule();
  }

  /** Commits what was gathered and then the commands; answers with what became of the last one, null without task. */
  async commit(commands: readonly Told[], more: With = {}): Promise<Changed | null> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#committedAt = this.#options.clock.mono();
    const gathered = this.#take();
    const told = [...gathered.map((command) => ({ command })), ...commands.map((command) => ({ command }))];
    const first = told[gathered.length];
    if (first) Object.assign(first, more);
    const answer = this.#last.then(() => this.#change(told));
    this.#last = answer.catch(() => {});
    return (await answer).at(-1) ?? null;
  }

  /** The same in two commits, for a command that may be refused: that must not cost what was gathered. */
  async commitAlone(command: Told): Promise<Changed | null> {
    if (this.#gathered.length > 0) this.commit([]).catch(this.#options.onTrouble);
    return this.commit([command]);
  }

  /** Gathers nothing more. */
  close(): void {
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#cancelTimer !== undefined) return;
    const { clock, onTrouble } = this.#options;
    const wait = Math.max(0, this.#committedAt + EVERY - clock.mono());
    this.#cancelTimer = clock.after(wait, () => {
      this.commit([]).catch(onTrouble);
    });
  }

  #take(): Fact[] {
    if (this.#dropped > 0) {
      const line = `… ${this.#dropped} events came faster than they could be stored and were left out`;
      this.#gathered.unshift({ fact: { command: 'log', line }, bytes: 0 });
    }
    const facts = this.#gathered.map(({ fact }) => fact);
    this.#gathered = [];
    this.#bytes = 0;
    this.#dropped = 0;
    return facts;
  }

  /** Drops the older half at once, so that a flood costs no shifting for every line. Progress stays. */
  #trim(): void {
    if (this.#gathered.length <= MOST_FACTS && this.#bytes <= MOST_BYTES) return;
    const half = this.#gathered.splice(0, Math.ceil(this.#gathered.length / 2));
    const progress = half.filter(({ fact }) => fact.command === 'progress');
    this.#gathered.unshift(...progress);
    this.#dropped += half.length - progress.length;
    this.#bytes = this.#gathered.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The end of an attempt must not be lost because others held the store for long, or the disk was full for a while. */
  async #change(told: readonly ({ command: Told } & With)[]): Promise<(Changed | null)[]> {
    if (told.length === 0) return [];
    const { store, clock, gate } = this.#options;
    const send = () =>
      insist(clock, () => {
        const { id, attempt, epoch } = this.#options.attempt;
        const changes = told.map(({ command, ...more }) => ({
          id,
          command: { ...command, attempt, epoch } as Command,
          ...more,
        }));
        return store.run('change', { changes });
      });
    return gate === undefined ? send() : gate(send);
  }
}

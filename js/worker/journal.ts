/**
 * What is to be stored about one attempt, in order, in few commits.
 *
 * 1. Facts (log, output, progress) are gathered: at most ten commits a second, the first one at once.
 * 2. Of several progress facts in one commit only the last is kept; the last of all is never lost.
 * 3. A command takes everything gathered before it along, in the same commit; commits of one attempt never overtake.
 * 4. Beyond what a task may have of events the oldest gathered ones go first, and a log line says how many.
 */
import type { Command } from '../core/index.ts';
import type { Attempt, Change, Changed, Payloads, Store } from '../store/types.ts';
import { isPassing } from './trouble.ts';

/** Milliseconds between two commits of facts. */
const EVERY = 100;
/** Milliseconds before a commit that the store could not take is tried again. */
const TRY_AGAIN = 500;
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

export class Journal {
  readonly #store: Store;
  readonly #attempt: Attempt;
  readonly #onTrouble: (error: unknown) => void;
  #gathered: Gathered[] = [];
  #bytes = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #committedAt = Number.NEGATIVE_INFINITY;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(store: Store, attempt: Attempt, onTrouble: (error: unknown) => void) {
    this.#store = store;
    this.#attempt = attempt;
    this.#onTrouble = onTrouble;
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
  async commit(commands: readonly Command[], payloads: Payloads = {}): Promise<Changed | null> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#committedAt = performance.now();
    const { id } = this.#attempt;
    const changes: Change[] = [...this.#take(), ...commands].map((command) => ({ id, command }));
    const first = changes[changes.length - commands.length];
    if (first) first.payloads = payloads;
    const answer = this.#last.then(() => this.#change(changes));
    this.#last = answer.catch(() => {});
    return (await answer).at(-1) ?? null;
  }

  /** Gathers nothing more. */
  close(): void {
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#committedAt + EVERY - performance.now());
    this.#timer = setTimeout(() => {
      this.commit([]).catch(this.#onTrouble);
    }, wait);
  }

  #take(): Command[] {
    const { attempt, epoch } = this.#attempt;
    if (this.#dropped > 0) {
      const line = `… ${this.#dropped} events came faster than they could be stored and were left out`;
      this.#gathered.unshift({ fact: { command: 'log', line }, bytes: 0 });
    }
    const commands = this.#gathered.map(({ fact }): Command => ({ ...fact, attempt, epoch }));
    this.#gathered = [];
    this.#bytes = 0;
    this.#dropped = 0;
    return commands;
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
  async #change(changes: readonly Change[]): Promise<(Changed | null)[]> {
    for (;;) {
      try {
        return changes.length === 0 ? [] : await this.#store.run('change', { changes });
      } catch (error) {
        if (!isPassing(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN));
      }
    }
  }
}

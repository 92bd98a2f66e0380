/**
 * What is to be stored about one attempt, in order, in few commits.
 *
 * 1. Facts (log, output, progress) are gathered, merged and bounded (`Gathered`). One commit of facts is in flight, a small
 *    one; the first comes at once, the next 100 ms after it at the earliest, and later where the store is slow, so that no
 *    flood keeps it from others. The last progress goes with each.
 * 2. A command takes everything gathered before it along, in the same commit; commits of one attempt never overtake. So an
 *    end waits for one small commit at most, however much is still to be logged. The end of an attempt that was told to
 *    end does not even take along what is more than a small commit.
 * 3. What is sent carries the execution that the attempt is at that very moment: an answer to a question makes it another.
 */
import type { Command } from '../core/index.ts';
import type { Attempt, Change, Changed, Store } from '../store/types.ts';
import type { Clock } from './clock.ts';
import { Gathered } from './gathered.ts';
import type { Fact } from './protocol.ts';
import { insist } from './trouble.ts';

/** Milliseconds between two commits of facts. */
const EVERY = 100;
/** A commit of facts alone has so much at most, so that nobody waits long for it: some milliseconds. */
const PORTION = { events: 250, size: 128 * 1024 };
/** Its attempt leaves the store alone for so many times as long as it took, but not for longer than a second. */
const REST = 4;
const LONGEST_REST = 1000;

/** A command of an execution, which the journal names. */
export type Told =
  Extract<Command, { attempt: number }> extends infer C
    ? C extends Command
      ? Omit<C, 'attempt' | 'epoch'>
      : never
    : never;

/** How an attempt tells the store. */
export interface CommitPort {
  readonly store: Store;
  readonly clock: Clock;
  /** The execution as it is now. */
  readonly attempt: Readonly<Attempt>;
  /** Told what became of what was sent. */
  onStored?(changes: readonly (Changed | null)[]): void;
  /** Through it goes every commit, one after the other. Default: at once. */
  gate?<T>(commit: () => Promise<T>): Promise<T>;
}

export interface JournalOptions {
  port: CommitPort;
  /** How facts are stored; asked only for those that are, in order. `isLast`: nothing follows, or not for long. */
  commandsOf(facts: readonly Fact[], isLast: boolean): Told[];
  onTrouble(error: unknown): void;
}

/** What is stored with the first command of a commit. */
export type With = Pick<Change, 'payloads' | 'refs' | 'step'>;

export class Journal {
  readonly #options: JournalOptions;
  readonly #gathered = new Gathered();
  #cancelTimer: (() => void) | undefined;
  /** When the next commit of facts may begin. */
  #nextAt = Number.NEGATIVE_INFINITY;
  #last: Promise<unknown> = Promise.resolve();
  #isCommitting = false;
  #closed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Gathers a fact. */
  add(fact: Fact): void {
    if (this.#closed) return;
    this.#gathered.add(fact);
    this.#schedule();
  }

  /** Commits what was gathered and then the commands; answers with what became of the last one, null without task. */
  async commit(commands: readonly Told[], more: With = {}): Promise<Changed | null> {
    return this.#send(this.#options.commandsOf(this.#gathered.take(), this.#closed), commands, more);
  }

  /** The same in two commits, for a command that may be refused: that must not cost what was gathered. */
  async commitAlone(command: Told): Promise<Changed | null> {
    const { commandsOf, onTrouble } = this.#options;
    const told = commandsOf(this.#gathered.take(), true);
    if (told.length > 0) this.#send(told, [], {}).catch(onTrouble);
    return this.commit([command]);
  }

  /** The attempt was told to end: of what waits only the newest is still stored. */
  hurry(): void {
    this.#gathered.keepNewest(PORTION.events);
  }

  /** Gathers nothing more. */
  close(): void {
    this.#closed = true;
  }

  /** Gathers nothing more, and lets go of what was: nothing that the execution tells is taken any more. */
  discard(): void {
    this.close();
    this.#gathered.clear();
    this.#cancelTimer?.();
  }

  #schedule(): void {
    if (this.#cancelTimer !== undefined || this.#isCommitting) return;
    const { clock } = this.#options.port;
    this.#cancelTimer = clock.after(Math.max(0, this.#nextAt - clock.mono()), () => this.#commitFacts());
  }

  #commitFacts(): void {
    const { port, commandsOf, onTrouble } = this.#options;
    const { clock } = port;
    this.#isCommitting = true;
    const begin = clock.mono();
    this.#send(commandsOf(this.#gathered.take(PORTION), false), [], {})
      .catch(onTrouble)
      .finally(() => {
        this.#isCommitting = false;
        const end = clock.mono();
        this.#nextAt = Math.max(this.#nextAt, end + Math.min(LONGEST_REST, REST * (end - begin)));
        if (!this.#gathered.isEmpty) this.#schedule();
      });
  }

  #send(facts: readonly Told[], commands: readonly Told[], more: With): Promise<Changed | null> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { port } = this.#options;
    this.#nextAt = port.clock.mono() + EVERY;
    const answer = this.#last.then(() => commitTold(port, [...facts, ...commands], more, facts.length));
    this.#last = answer.catch(() => {});
    return answer;
  }
}

/**
 * Commits commands as the execution that it is by then, `more` with the one at `first`; answers with what became of the last one, null
 * without task. Tries again while the trouble passes: the end of an attempt must not be lost because others held the store for
 * long, or the disk was full for a while.
 */
export async function commitTold(
  port: CommitPort,
  commands: readonly Told[],
  more: With = {},
  first = 0,
): Promise<Changed | null> {
  if (commands.length === 0) return null;
  const ask = () => port.store.run('change', { changes: changesOf(port.attempt, commands, more, first) });
  const send = () => insist(port.clock, ask);
  const changes = await (port.gate === undefined ? send() : port.gate(send));
  port.onStored?.(changes);
  return changes.at(-1) ?? null;
}

const changesOf = (
  { id, attempt, epoch }: Readonly<Attempt>,
  commands: readonly Told[],
  more: With,
  first: number,
): Change[] =>
  commands.map((told, index) => {
    const command = { ...told, attempt, epoch } as Command;
    return index === first ? { id, command, ...more } : { id, command };
  });

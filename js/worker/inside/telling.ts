/**
 * How a run tells its facts.
 *
 * 1. At once while they are few, so that they are known whatever the code does next: blocks, or dies.
 * 2. More are told together, at most 50 ms later, also by code that never lets timers run. Such code is told little of, as
 *    what the channel cannot take at once stays in the process until its event loop turns, and blocks all that follows.
 * 3. While the way to the worker is full nothing is sent. What waits is merged and bounded (`Gathered`), so that no flood
 *    makes a process grow.
 */
import { type Clock, systemClock } from '../clock.ts';
import { Gathered, type Portion } from '../gathered.ts';
import type { Fact, Say } from '../protocol.ts';

/** Milliseconds. */
const SPAN = 50;
/** Told at once in one span: messages, and characters, which a channel takes at once if its reader is awake. */
const FEW = 16;
const LITTLE = 32 * 1024;
/** Most of one message. */
const PORTION = { events: 2000, size: 256 * 1024 };

export class Telling {
  readonly #run: number;
  readonly #say: Say;
  readonly #clock: Clock;
  readonly #gathered = new Gathered();
  /** When the span began, and what is left in it. */
  #since = Number.NEGATIVE_INFINITY;
  #messages = 0;
  #room = 0;
  /** Characters that waited when the last span ended and are still to be sent. */
  #owed = 0;
  #cancelTimer: (() => void) | undefined;
  #isFull = false;
  #isOpen = true;

  constructor(run: number, say: Say, clock: Clock = systemClock) {
    this.#run = run;
    this.#say = say;
    this.#clock = clock;
  }

  tell(fact: Fact): void {
    if (!this.#isOpen) return;
    this.#gathered.add(fact);
    if (this.#isFull) return;
    const now = this.#clock.mono();
    if (now - this.#since >= SPAN) this.#begin(now, FEW);
    if (this.#messages > 0 && this.#room > 0) this.#tellLittle();
    if (!this.#gathered.isEmpty && !this.#isFull) this.#wait();
  }

  /** Sends what is held back, full or not: something else that the run says comes after it. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    while (!this.#gathered.isEmpty) this.#send(PORTION);
  }

  /** Sends what is held back; from now on nothing more is taken. */
  close(): void {
    this.flush();
    this.#isOpen = false;
  }

  #tellLittle(): void {
    this.#room -= this.#send({ ...PORTION, size: this.#room });
    this.#messages -= 1;
  }

  #wait(): void {
    const left = Math.max(0, this.#since + SPAN - this.#clock.mono());
    this.#cancelTimer ??= this.#clock.after(left, () => this.#tellRest());
  }

  /** Called by a timer: the event loop turns, and the channel takes what it is given. */
  #tellRest(): void {
    this.#cancelTimer = undefined;
    this.#begin(this.#clock.mono(), 0);
    this.#owed = this.#gathered.size + 1;
    this.#sendOwed();
  }

  #sendOwed(): void {
    while (this.#owed > 0 && !this.#gathered.isEmpty && !this.#isFull) this.#owed -= this.#send(PORTION) + 1;
  }

  #begin(now: number, messages: number): void {
    this.#since = now;
    this.#messages = messages;
    this.#room = LITTLE;
  }

  /** Answers how many characters it sent. */
  #send(most: Portion): number {
    const before = this.#gathered.size;
    const facts = this.#gathered.take(most);
    this.#isFull = !this.#say({ kind: 'facts', run: this.#run, facts }, () => this.#goOn());
    return before - this.#gathered.size;
  }

  #goOn(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    if (!this.#isOpen) return;
    this.#sendOwed();
    if (!this.#gathered.isEmpty && !this.#isFull) this.#wait();
  }
}

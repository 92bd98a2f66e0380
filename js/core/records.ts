/** Records that the core holds between two decisions, so that neither their text nor their reading is needed for the next one. */
import { isTaskError } from '../errors/base.ts';
import { type ErrorData, errorFrom } from '../errors/from.ts';
import { call } from './bindings.ts';
import { type Begun, begun, completed, specText, Texts } from './decided.ts';
import type * as glue from './pkg/offstage_core.js';
import { random } from './random.ts';
import { text } from './text.ts';
import type { Command, Decided, Spec } from './types.ts';

/** A command to the record in a slot. */
export interface Put {
  slot: number;
  id: string;
  command: Command;
  /** Its record's text is not wanted, since another one follows with which it is written. */
  isFollowed?: boolean;
}

/** A task to create in a slot. */
export interface Begin {
  slot: number;
  id: string;
  spec: Spec;
  /** Its record as it was created is not wanted: `created` is empty. */
  isBrief?: boolean;
}

/**
 * Holds records in slots, which its user counts from 0.
 *
 * 1. A slot holds what was decided of its task last; whoever does not store that calls `forget`.
 * 2. It is empty again when nobody holds the task any more, or when it is terminal.
 */
export class Records {
  #held: glue.Records | undefined;

  get #records(): glue.Records {
    this.#held ??= call((core) => new core.Records());
    return this.#held;
  }

  /** As `decide`; what becomes of the record is held in that slot. */
  decide(slot: number, record: string, command: Command, now: number): Decided {
    const json = text('command', command);
    const texts = call(() => this.#records.decide(slot, record, json, now, random())).split('\0');
    return completed(JSON.parse(texts[0] as string), new Texts(texts, 1));
  }

  /**
   * Puts commands to records one after the other. Each is judged by itself: a refusal is given in its place and leaves its record
   * as it was; undefined where the slot does not hold that task. What is followed has no text of its record.
   */
  batch(asked: readonly Put[], now: number): (Decided | Error | undefined)[] {
    const write = ({ slot, id, command, isFollowed }: Put): string =>
      `${slot}\0${id}\0${isFollowed ? '-' : chanceOf(command)}\0${text('command', command)}\0`;
    return judged(asked.map(tried(write)), (texts) => call(() => this.#records.batch(texts, now, '')), completed);
  }

  /** Creates tasks that start at once; of a refused one the refusal. */
  begin(asked: readonly Begin[], now: number, worker: string): (Begun | Error)[] {
    const write = ({ slot, id, spec, isBrief }: Begin): string =>
      `${slot}\0${id}\0${isBrief ? '=' : ''}\0${specText(spec)}\0`;
    const ask = (texts: string): string => call(() => this.#records.batch(texts, now, worker));
    return judged(asked.map(tried(write)), ask, begun) as (Begun | Error)[];
  }

  /** Empties a slot. */
  forget(slot: number): void {
    unlessDead(() => this.#held?.forget(slot));
  }

  /** Empties all. */
  clear(): void {
    const held = this.#held;
    this.#held = undefined;
    unlessDead(() => held?.free());
  }
}

/** What a core held that has failed is gone with it. */
function unlessDead(body: () => void): void {
  try {
    call(body);
  } catch (error) {
    if (!isTaskError(error) || error.code !== 'core_dead') throw error;
  }
}

/** Only the wait before a retry is by chance. */
const chanceOf = ({ command }: Command): number => (command === 'fail' ? random() * 2 ** 32 : 0);

/** What is refused before the core has seen it is refused by itself as well. */
const tried =
  <A>(write: (asked: A) => string) =>
  (asked: A): string | Error => {
    try {
      return write(asked);
    } catch (error) {
      if (!isTaskError(error)) throw error;
      return error;
    }
  };

/** So many characters go in at once, and one more text: the memory of a wasm that has grown stays so. */
const MOST_AT_ONCE = 256 * 1024;

function judged<T extends Decided>(
  asked: readonly (string | Error)[],
  ask: (texts: string) => string,
  complete: (small: Decided, texts: Texts) => T,
): (T | Error | undefined)[] {
  const left = asked.filter((one) => typeof one === 'string');
  const answers: (T | Error | undefined)[] = [];
  while (answers.length < left.length) {
    let texts = '';
    for (let n = answers.length; n < left.length && texts.length < MOST_AT_ONCE; n++) texts += left[n];
    answers.push(...answersOf(ask(texts), complete)); // of the first at least: what comes out is bounded, too
  }
  let n = 0;
  return asked.map((one) => (typeof one === 'string' ? answers[n++] : one));
}

function answersOf<T extends Decided>(
  answer: string,
  complete: (small: Decided, texts: Texts) => T,
): (T | Error | undefined)[] {
  const parts = answer.split('\0');
  const texts = new Texts(parts, 1);
  const all: (Decided | { refused: ErrorData } | null)[] = JSON.parse(parts[0] as string);
  return all.map((one) => {
    if (one === null) return undefined;
    return 'refused' in one ? errorFrom(one.refused) : complete(one, texts);
  });
}

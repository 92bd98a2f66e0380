/** Reads that are asked for in one turn of the event loop share one snapshot, taken after the last of them was asked. */

import type { Moment } from '../../ports/backend.ts';
import { atEndOfTurn } from '../turn.ts';
import { faultOf } from './driver.ts';

/** A look at the store, inside of a transaction that only reads. */
export interface Reading {
  body(moment: Moment): unknown;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

export type Answered = { answer: unknown } | { error: unknown };

export class Reads {
  readonly #readAll: (asked: readonly Reading[]) => Promise<Answered[]>;
  #asked: Reading[] = [];

  /** `readAll` runs them in one transaction; what it rejects with meets them all. */
  constructor(readAll: (asked: readonly Reading[]) => Promise<Answered[]>) {
    this.#readAll = readAll;
  }

  ask<T>(body: (moment: Moment) => T): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#asked.push({ body, resolve, reject }) === 1) atEndOfTurn(() => void this.#flush());
    }) as Promise<T>;
  }

  async #flush(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    try {
      (await this.#readAll(asked)).forEach((answer, index) => {
        if ('error' in answer) asked[index]?.reject(answer.error);
        else asked[index]?.resolve(answer.answer);
      });
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

/** An error of one read is its own, a fault of SQLite meets them all. */
export const answersTo = (asked: readonly Reading[], moment: Moment): Answered[] =>
  asked.map(({ body }) => {
    try {
      return { answer: body(moment) };
    } catch (error) {
      if (faultOf(error)) throw error;
      return { error };
    }
  });

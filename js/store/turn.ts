/** The end of a turn: what was asked until then goes together. */

/** Taken at once, since fake timers of tests may replace it while nobody lets them run. */
const { nextTick } = process;

/** Calls `action` when all promises that are settled by now have told those who wait for them. */
export const atEndOfTurn = (action: () => void): void => nextTick(action);

const now = Promise.resolve();

/** The same when those have been told as well who wait for what others do at the end of this turn. */
export const afterTurn = (action: () => void): void => void now.then(() => nextTick(action));

/** Resolves when all promises that follow what happens now have been told as well. */
export const settledTurn = (): Promise<void> => new Promise(afterTurn);

/**
 * One look for all who ask for the same in one turn. It is taken at the turn's end, so after each of them has asked, and whoever
 * asks later is answered by another one.
 */
export class OneLook<Key, Answer> {
  readonly #asked = new Map<Key, Promise<Answer>>();

  ask(key: Key, look: () => Answer | Promise<Answer>): Promise<Answer> {
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const answer = new Promise<void>(atEndOfTurn).then(() => {
      this.#asked.delete(key);
      return look();
    });
    this.#asked.set(key, answer);
    return answer;
  }
}

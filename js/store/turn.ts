/** The end of a turn: what was asked until then goes together. */

/** Taken at once, since fake timers of tests may replace it while nobody lets them run. */
const { nextTick } = process;

/** Calls `action` when all promises that are settled by now have told those who wait for them. */
export const atEndOfTurn = (action: () => void): void => nextTick(action);

/** Resolves when all promises that follow what happens now have been told as well. */
export const settledTurn = (): Promise<void> =>
  Promise.resolve().then(() => new Promise<void>((resolve) => nextTick(resolve)));

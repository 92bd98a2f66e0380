/** The end of a turn: what was asked until then goes together. */

/** Taken at once, since fake timers of tests may replace it while nobody lets them run. */
const { nextTick } = process;

/** Calls `action` when all promises that are settled by now have told those who wait for them. */
export const atEndOfTurn = (action: () => void): void => nextTick(action);

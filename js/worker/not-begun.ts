/**
 * Thrown by what is to run an attempt's code when it cannot begin, for a reason that is not the task's own: nothing of the
 * code has run. The attempt is given back: the task is pending again as if it had not been started.
 */
export class NotBegunError extends Error {
  override readonly name = 'NotBegunError';
}

/** Moments of a schedule that have come and wait, the oldest first. */
export const queuedOf = ({ queued }: { queued: string | null }): number[] =>
  queued === null ? [] : JSON.parse(queued);

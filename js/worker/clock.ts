/** Timers that neither a clock step nor a long duration breaks. */

/** What Node's timers can count, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * Calls back after `ms` milliseconds by the monotonic clock, never earlier. Returns what cancels it. Durations beyond
 * Node's limit of 24.8 days are waited for in parts; `Infinity` never comes.
 */
export function after(ms: number, callback: () => void): () => void {
  if (ms === Number.POSITIVE_INFINITY) return () => {};
  const end = performance.now() + ms;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const left = end - performance.now();
    if (left <= 0) callback();
    else timer = setTimeout(arm, Math.min(Math.ceil(left), LONGEST));
  };
  timer = setTimeout(arm, Math.min(Math.max(0, Math.ceil(ms)), LONGEST));
  return () => clearTimeout(timer);
}

/** Seconds for a person: `45s`, `2m 5s`, `3h 10m`, `2d 4h`; with `fine` tenths under a minute. */
export function shortDuration(seconds: number, { fine = false } = {}): string {
  if (seconds < 60) return `${fine ? (Math.floor(seconds * 10) / 10).toFixed(1) : Math.floor(seconds)}s`;
  const whole = Math.floor(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)}h ${Math.floor((whole % 3_600) / 60)}m`;
  return `${Math.floor(whole / 86_400)}d ${Math.floor((whole % 86_400) / 3_600)}h`;
}

/** A fraction as whole percents, never 100 before it is all. */
export const percent = (fraction: number): string => `${Math.floor(fraction * 100 + 1e-9)}%`;

const two = (n: number): string => String(n).padStart(2, '0');

/** A moment as the clock on this person's wall shows it: `2026-01-31 09:05:00`. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join('-');
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
}

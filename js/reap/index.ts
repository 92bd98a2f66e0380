/** Who is dead, and the end of what it led: outside of any transaction. */
export type { DueOptions } from './decisions.ts';
export { due } from './due.ts';
export { killGroup } from './groups.ts';
export { type Recovery, recover } from './recover.ts';

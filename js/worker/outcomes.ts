/** How tasks of here have ended, as the commits of their ends tell: nobody has to read it. */
import type { Change, Changed, Payloads } from '../store/types.ts';
import { isTerminal, type TaskStatus } from '../wire/task.ts';

/** The end of a task as it was stored. */
export interface Outcome {
  id: string;
  status: TaskStatus;
  record: string;
  /** What was stored with the end: `result`, or `error_details`. */
  payloads: Payloads;
}

const ENDS: readonly string[] = ['completed', 'failed'];

/** Those that these very changes have ended. */
export function outcomesOf(asked: readonly Change[], changed: readonly (Changed | null)[]): Outcome[] {
  return changed.flatMap((one, index) => {
    if (one === null || !isTerminal(one.status) || !one.events.some(({ kind }) => ENDS.includes(kind))) return [];
    const { id, status, record } = one;
    return { id, status, record, payloads: asked[index]?.payloads ?? {} };
  });
}

import type { TaskRow } from './task.ts';

/** A task's row, as far as its writer must know what stands there. */
export type Known = Pick<TaskRow, 'seq' | 'id' | 'status' | 'epoch' | 'code' | 'seen_at'>;

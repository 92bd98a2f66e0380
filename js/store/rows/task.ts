/** A task's row, and what its record says of who holds it. */
import { dropAt } from '../../core/index.ts';
import { isTaskError } from '../../errors/base.ts';
import type { TaskStatus } from '../../wire/task.ts';

/** A task's row, as the operations read it. */
export interface TaskRow {
  seq: number;
  id: string;
  record: string;
  status: TaskStatus;
  seen_at: number | null;
  drop_at: number | null;
  needs: string | null;
  code: string | null;
  worker: string | null;
  /** How many times it was started. */
  epoch: number;
  environment: string | null;
  bound: string | null;
  place: string | null;
  recipe: string;
  /** JSON text; null when it has none. */
  tags: string | null;
}

interface Hold {
  worker: string;
  attempt: number;
  epoch: number;
}

/** Who holds a task, as its record says; null for nobody, and for a record that cannot be read. */
export const holdOf = (record: string): Hold | null => parsed(record)?.hold ?? null;

/** Whether `decide` can read the record. A damaged one must not keep other tasks from being decided. */
export const isReadable = ({ record }: { record: string }): boolean => dropOf(record, null) !== undefined;

/** When it may go, null: not yet; undefined where the record cannot be read. A core that is dead says nothing of any record. */
export function dropOf(record: string, seenAt: number | null): number | null | undefined {
  try {
    return dropAt(record, seenAt);
  } catch (error) {
    if (isTaskError(error) && error.code === 'unreadable') return undefined;
    throw error;
  }
}

function parsed(record: string): { hold?: Hold | null } | undefined {
  try {
    const value: unknown = JSON.parse(record);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

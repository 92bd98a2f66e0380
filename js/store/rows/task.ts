/** A task's row, and what its record says of who holds it. */
import { dropAt } from '../../core/index.ts';
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
export function isReadable({ record }: { record: string }): boolean {
  try {
    dropAt(record, null);
    return true;
  } catch {
    return false;
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

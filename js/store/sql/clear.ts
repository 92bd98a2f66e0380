/** The statement that finds what may be cleared, put together from what is asked. */
import type { Condition } from './list.ts';
import { type Asked, composedRows } from './statement.ts';

export interface Found {
  seq: number;
  id: string;
  /** It still has its idempotency key. */
  keyed: number;
}

export const endedWhere = ({ where, values }: Condition): Asked<Found[]> =>
  composedRows(
    'clear.ended',
    `SELECT seq, id, idempotency_key IS NOT NULL AS keyed FROM tasks WHERE ${where} ORDER BY seq`,
    values,
  );

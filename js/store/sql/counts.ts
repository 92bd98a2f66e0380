/** Statements about how much there is. */
import type { Counts } from '../types.ts';
import { changes, row, rows } from './statement.ts';

export const countsByStatus = rows<{ status: keyof Counts; n: number }>(
  'count.all',
  "SELECT status, n FROM counts WHERE status NOT IN ('payload_bytes', 'cleared')",
);

export const countAbandoned = changes<[more: number]>(
  'count.abandoned',
  "UPDATE counts SET n = n + ? WHERE status = 'abandoned'",
);

export const countBytes = changes<[more: number]>(
  'count.bytes',
  "UPDATE counts SET n = n + ? WHERE status = 'payload_bytes'",
);

export const countHeld = row<{ n: number }>('count.held', 'SELECT count(*) AS n FROM tasks WHERE held = 1');

/** Beyond so many ended records, or bytes of payloads, spare ones go before their time. */
const MOST_ENDED = 100_000;
const MOST_BYTES = 2 ** 30;

/** What is too much; negative while it is not. */
export interface Excess {
  records: number;
  bytes: number;
}

export const excess = row<Excess>(
  'count.excess',
  `SELECT sum(n) FILTER (WHERE status IN ('completed', 'failed', 'cancelled')) - ${MOST_ENDED} AS records,
     sum(n) FILTER (WHERE status = 'payload_bytes') - ${MOST_BYTES} AS bytes FROM counts`,
);

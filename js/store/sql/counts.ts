/** Statements about how much there is. */
import type { Counts } from '../types.ts';
import { changes, row, rows } from './statement.ts';

export const countsByStatus = rows<{ status: keyof Counts; n: number }>(
  'count.all',
  "SELECT status, n FROM counts WHERE status NOT IN ('payload_bytes', 'cleared')",
);

/** What is counted: tasks by their status, executions given up, bytes of payloads, tasks that have gone and are told of. */
export type Counted = keyof Counts | 'payload_bytes' | 'cleared';

/** `more`: JSON text, by what is counted. Read once: a subquery for each row takes three times as long on Node 20. */
export const addToCounts = changes<[more: string]>(
  'count.add',
  'UPDATE counts SET n = n + more.value FROM json_each(?) AS more WHERE status = more.key',
);

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

/** Statements about what lies beside the record. */
import type { PayloadKind } from '../types.ts';
import { inserts } from './inserts.ts';
import { changes, row, rows } from './statement.ts';

/** A payload of a task. */
export type PayloadRow = readonly [task: number, kind: string, data: string, refs: string | null];

export const addPayloads = inserts<PayloadRow>('payload.add', 'payloads (task, kind, data, refs)', '(?, ?, ?, ?)');

/** Answers how many bytes it had. */
export const removePayload = row<{ n: number }, [task: number, kind: string]>(
  'payload.remove',
  'DELETE FROM payloads WHERE task = ? AND kind = ? RETURNING octet_length(data) AS n',
);

export const deletePayloads = changes<[task: number]>('payload.delete', 'DELETE FROM payloads WHERE task = ?');

/** `kinds`: JSON text of a list. */
export const payloadsOf = rows<{ kind: PayloadKind; data: string; refs: string | null }, [task: number, kinds: string]>(
  'payload.of',
  'SELECT kind, data, refs FROM payloads WHERE task = ? AND kind IN (SELECT value FROM json_each(?))',
);

/** The same of several; both are JSON texts of lists. */
export const payloadsOfAll = rows<
  { task: number; kind: PayloadKind; data: string; refs: string | null },
  [tasks: string, kinds: string]
>(
  'payload.of_all',
  `SELECT task, kind, data, refs FROM payloads
   WHERE task IN (SELECT value FROM json_each(?)) AND kind IN (SELECT value FROM json_each(?))`,
);

/** What a task was given, for another one. */
export const copyPayloads = changes<[to: number, from: number]>(
  'payload.copy',
  `INSERT INTO payloads (task, kind, data, refs) SELECT ?, kind, data, refs FROM payloads
   WHERE task = ? AND kind IN ('input', 'config', 'metadata')`,
);

export const payloadBytes = row<{ n: number | null }, [task: number]>(
  'payload.bytes',
  'SELECT sum(octet_length(data)) AS n FROM payloads WHERE task = ?',
);

/** Statements about who reads the feed and up to where, and about requests that were answered. */
import { changes, row } from './statement.ts';

export interface ConsumerRow {
  cursor: string;
  owner: string | null;
  epoch: number;
  lease_until: number;
}

export const consumerOf = row<ConsumerRow, [name: string]>(
  'consumer.of',
  'SELECT cursor, owner, epoch, lease_until FROM consumers WHERE name = ?',
);

export const addConsumer = changes<[name: string, cursor: string]>(
  'consumer.add',
  'INSERT INTO consumers (name, cursor) VALUES (?, ?)',
);

export const takeConsumer = changes<[owner: string, until: number, name: string]>(
  'consumer.take',
  'UPDATE consumers SET owner = ?, epoch = epoch + 1, lease_until = ? WHERE name = ?',
);

/** A `cursor` of NULL stays. Nothing when another one has taken it since. */
export const keepConsumer = changes<[cursor: string | null, until: number, name: string, owner: string, epoch: number]>(
  'consumer.keep',
  'UPDATE consumers SET cursor = coalesce(?, cursor), lease_until = ? WHERE name = ? AND owner = ? AND epoch = ?',
);

export interface RequestRow {
  digest: string;
  answer: string;
}

export const requestOf = row<RequestRow, [key: string, since: number]>(
  'request.of',
  'SELECT digest, answer FROM requests WHERE key = ? AND at > ?',
);

export const addRequest = changes<[key: string, digest: string, answer: string, at: number]>(
  'request.add',
  'INSERT OR REPLACE INTO requests (key, digest, answer, at) VALUES (?, ?, ?, ?)',
);

export const dropRequests = changes<[until: number]>('request.drop', 'DELETE FROM requests WHERE at <= ?');

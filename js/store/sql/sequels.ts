/** Statements about what follows the end of a task, and about what was said in sessions. */
import { changes, row, rows } from './statement.ts';

/** `wakes`: of tasks that wake the same one equal; NULL where nobody is woken. */
export const addSequel = changes<[task: number, data: string, wakes: string | null]>(
  'sequel.add',
  'INSERT INTO sequels (task, data, wakes) VALUES (?, ?, ?)',
);

export const copySequel = changes<[task: number, from: number]>(
  'sequel.copy',
  'INSERT INTO sequels (task, data, wakes) SELECT ?, data, wakes FROM sequels WHERE task = ?',
);

export const isAnySequel = row<object>('sequel.any', 'SELECT 1 FROM sequels LIMIT 1');

export const sequelOf = row<{ data: string }, [task: number]>('sequel.of', 'SELECT data FROM sequels WHERE task = ?');

export const deleteSequel = changes<[task: number]>('sequel.delete', 'DELETE FROM sequels WHERE task = ?');

/** The task that is to tell of ends and has not started yet. */
export const waitingWake = row<{ seq: number }, [wakes: string]>(
  'sequel.waiting',
  `SELECT seq FROM tasks WHERE status = 'pending' AND epoch = 0
     AND seq = (SELECT max(woke) FROM sequels WHERE wakes = ? AND woke IS NOT NULL)`,
);

export const setWoke = changes<[woke: number, task: number]>(
  'sequel.woke',
  'UPDATE sequels SET woke = ? WHERE task = ?',
);

/** A task that has ended, as what follows needs to know it. */
export interface EndedTask {
  id: string;
  status: string;
  session_id: string | null;
  input: string | null;
  result: string | null;
  record: string;
}

const payloadOf = (kind: string): string => `(SELECT data FROM payloads WHERE task = seq AND kind = '${kind}')`;

export const endedTask = row<EndedTask, [seq: number]>(
  'sequel.ended',
  `SELECT id, status, session_id, ${payloadOf('input')} AS input, ${payloadOf('result')} AS result, record
   FROM tasks WHERE seq = ? AND completed_at IS NOT NULL`,
);

export const addExchange = changes<
  [session: string, task: string, prompt: string, said: string | null, answer: string, at: number]
>('exchange.add', 'INSERT INTO exchanges (session, task, prompt, said, answer, at) VALUES (?, ?, ?, ?, ?, ?)');

export interface Exchange {
  task: string;
  prompt: string;
  /** What stands between them. */
  said: string | null;
  answer: string;
  at: number;
}

export const sessionOf = row<{ session_id: string | null }, [id: string]>(
  'exchange.session',
  'SELECT session_id FROM tasks WHERE id = ?',
);

/** The last ones, the newest first. */
export const exchangesOf = rows<Exchange, [session: string, since: number, limit: number]>(
  'exchange.of',
  'SELECT task, prompt, said, answer, at FROM exchanges WHERE session = ? AND at > ? ORDER BY n DESC LIMIT ? + 0',
);

export const forgetExchanges = changes<[session: string]>('exchange.forget', 'DELETE FROM exchanges WHERE session = ?');

export const dropExchanges = changes<[until: number]>('exchange.drop', 'DELETE FROM exchanges WHERE at <= ?');

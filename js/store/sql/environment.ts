/** Statements about whose environment a task has. */

import type { TaskRow } from '../rows/task.ts';
import { HAS_VALUES } from './conditions.ts';
import { changes, row, rows } from './statement.ts';
import { TASK_COLUMNS } from './tasks.ts';

export const environmentData = row<{ data: string }, [id: string]>(
  'environment.data',
  'SELECT data FROM environments WHERE id = ?',
);

export const addEnvironment = changes<[id: string, data: string]>(
  'environment.add',
  'INSERT OR IGNORE INTO environments (id, data) VALUES (?, ?)',
);

export const countEnvironments = row<{ n: number }>('environment.count', 'SELECT count(*) AS n FROM environments');

/** All but one that no task names. */
export const sweepEnvironments = changes<[but: string]>(
  'environment.sweep',
  `DELETE FROM environments WHERE id <> ? AND id NOT IN (
     SELECT environment FROM tasks WHERE environment IS NOT NULL)`,
);

export const bindAnew = changes<[environment: string, bound: string | null, note: string | null, seq: number]>(
  'environment.bind',
  'UPDATE tasks SET environment = ?, bound = ?, env_notes = coalesce(?, env_notes) WHERE seq = ?',
);

/** What the log of its next attempt says of its environment; null: nothing. */
export const noteEnvironment = changes<[note: string | null, seq: number]>(
  'environment.note',
  'UPDATE tasks SET env_notes = ? WHERE seq = ?',
);

export const hasAllValues = row<object, [worker: string, task: string]>(
  'environment.has_all',
  `SELECT 1 FROM tasks WHERE id = ?2 AND ${HAS_VALUES}`,
);

/** Tasks looked at by one call; those behind them have their turn when these have gone. */
const BATCH = 100;

export const dueAndBound = rows<TaskRow, [now: number]>(
  'environment.due_and_bound',
  `SELECT ${TASK_COLUMNS} FROM tasks
   WHERE status = 'pending' AND bound IS NOT NULL AND code IS NULL AND run_at <= ? ORDER BY seq LIMIT ${BATCH}`,
);

/** Statements about schedules. */
import type { Value } from '../../ports/backend.ts';
import type { ScheduleRow } from '../types.ts';
import { changes, row, rows } from './statement.ts';

const COLUMNS = `id, name, state, runner, code, data, epoch, next_at, due_at, queued, tasks, last_at, last_task, last_error,
  fired, skipped, failures, owner, lease_until, created_at`;

/** Whatever stood under its id. */
export const putSchedule = changes<readonly Value[]>(
  'schedule.put',
  `INSERT OR REPLACE INTO schedules (${COLUMNS})
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);

export const scheduleById = row<ScheduleRow, [id: string]>(
  'schedule.by_id',
  `SELECT ${COLUMNS} FROM schedules WHERE id = ?`,
);

export const scheduleByName = row<ScheduleRow, [name: string]>(
  'schedule.by_name',
  `SELECT ${COLUMNS} FROM schedules WHERE name = ?`,
);

export const allSchedules = rows<ScheduleRow>('schedule.all', `SELECT ${COLUMNS} FROM schedules ORDER BY name`);

export const removeSchedule = changes<[id: string]>('schedule.remove', 'DELETE FROM schedules WHERE id = ?');

/** Whether somebody of that kind submits for it; `?2`: JSON text of a list of recipes in code. */
const IS_FOR = `CASE ?1 WHEN 'loop' THEN runner = 'loop'
  ELSE (runner = 'worker' AND ?1 = 'worker') OR (runner = 'code' AND code IN (SELECT value FROM json_each(?2))) END`;

/** So many are looked at in one turn. */
const BATCH = 100;

export const schedulesDue = rows<ScheduleRow, [by: string, codes: string, now: number]>(
  'schedule.due',
  `SELECT ${COLUMNS} FROM schedules WHERE due_at <= ?3 AND lease_until <= ?3 AND ${IS_FOR} ORDER BY due_at LIMIT ${BATCH}`,
);

/** Those with moments that wait for the end of a task before. */
export const schedulesQueued = rows<ScheduleRow, [by: string, codes: string, now: number]>(
  'schedule.queued',
  `SELECT ${COLUMNS} FROM schedules WHERE queued IS NOT NULL AND state <> 'paused' AND lease_until <= ?3 AND ${IS_FOR}`,
);

export const nextSchedule = row<{ at: number | null }, [by: string, codes: string, now: number]>(
  'schedule.next',
  `SELECT min(max(due_at, lease_until)) AS at FROM schedules WHERE due_at IS NOT NULL AND max(due_at, lease_until) > ?3 AND ${IS_FOR}`,
);

/** That a worker of folders submits for. */
export const isAnyActive = row<object>(
  'schedule.any_active',
  "SELECT 1 FROM schedules WHERE runner = 'worker' AND (due_at IS NOT NULL OR (queued IS NOT NULL AND state <> 'paused')) LIMIT 1",
);

export const isAnyScheduleDue = row<object, [now: number]>(
  'schedule.any_due',
  "SELECT 1 FROM schedules WHERE runner = 'worker' AND (due_at <= ? OR (queued IS NOT NULL AND state <> 'paused')) LIMIT 1",
);

/** Of tasks those that have not ended, or whose work has not stopped. `ids`: JSON text of a list. */
export const unstopped = rows<{ id: string }, [ids: string]>(
  'schedule.unstopped',
  `SELECT id FROM tasks WHERE id IN (SELECT value FROM json_each(?)) AND (completed_at IS NULL OR worker IS NOT NULL)`,
);

/** Which tasks a worker can run: the conditions that claims, looks and leaving share. ?1 is the worker. */

/** Stands for all values together that a task with `runtime.env: inherit` gets. */
export const ALL_OTHERS = '*';

/** Whether the worker has variables of the names that a task needs. */
const HAS_NAMES = `(needs IS NULL OR NOT EXISTS (
    SELECT 1 FROM json_each(tasks.needs) WHERE value NOT IN (
      SELECT e.value FROM workers w, json_each(w.env) e WHERE w.id = ?1)))`;

/** Whether the worker has each value that a task is bound to, or took the task by name. */
export const HAS_VALUES = `(NOT EXISTS (
    SELECT 1 FROM json_each(tasks.bound) b
    WHERE NOT EXISTS (
        SELECT 1 FROM worker_values v
        WHERE v.worker = ?1 AND v.name = (b.value ->> 'name') AND v.hash = (b.value ->> 'hash'))
      AND NOT EXISTS (
        SELECT 1 FROM workers w WHERE w.id = ?1 AND w.value_key IS NOT (b.value ->> 'key')
          AND ((b.value ->> 'name') = '${ALL_OTHERS}' OR (b.value ->> 'name') IN (SELECT e.value FROM json_each(w.env) e))))
  OR EXISTS (SELECT 1 FROM worker_values v WHERE v.worker = ?1 AND v.name = '' AND v.hash = tasks.id))`;

/** What a worker must have of a task's environment. One whose code it holds goes on with what it has. */
const HAS_ENVIRONMENT = `(worker = ?1 OR CASE WHEN bound IS NULL THEN ${HAS_NAMES} ELSE ${HAS_VALUES} END)`;

/** Whether the worker `w` can have the recipe's folder: by its path, or by its name in a folder of its own. */
const REACHES = `(tasks.place IS NULL OR w.place IS NULL OR w.place = tasks.place
    OR EXISTS (SELECT 1 FROM json_each(w.found) f WHERE f.value = tasks.recipe))`;

/** Whether it has what the task needs; `canRun` in `rows/shown.ts` asks the same. */
const FITS = `${HAS_ENVIRONMENT}
  AND CASE WHEN code IS NULL THEN EXISTS (SELECT 1 FROM workers w WHERE w.id = ?1 AND w.folders = 1 AND ${REACHES})
    ELSE EXISTS (SELECT 1 FROM workers w, json_each(w.recipes) r WHERE w.id = ?1 AND r.value = tasks.code) END`;

/** A task that is held since its code has changed, and that the worker could run. */
export const CHANGED = `tasks INDEXED BY tasks_held WHERE stand = 'held' AND ${FITS}`;

/**
 * A pending task that the worker can run now or later, delayed ones included; not one that was answered and whose code
 * lives in another worker, nor one whose code has changed.
 */
export const RUNNABLE = `status = 'pending' AND stand <> 'held' AND ${FITS} AND NOT (head = 1 AND worker IS NOT NULL AND worker <> ?1)`;

/** Not live, and no execution of it is stopping. */
const GONE = (task: string): string => `(${task}.completed_at IS NOT NULL AND ${task}.worker IS NULL)`;

const IS_ABOVE = (ancestor: string, task: string): string =>
  `EXISTS (SELECT 1 FROM family WHERE family.ancestor = ${ancestor}.seq AND family.task = ${task}.seq)`;

/** Whether `first` waits for `above`, an ancestor of another task of its session; then that one must not wait for it. */
const WAITS_FOR_ANCESTOR = `(first.waits = 1 AND EXISTS (
    SELECT 1 FROM family f JOIN tasks above ON above.seq = f.ancestor
    WHERE f.task = tasks.seq AND above.session_id = tasks.session_id AND above.seq < first.seq
      AND NOT ${GONE('above')} AND NOT ${IS_ABOVE('above', 'first')}))`;

/** Rules S3, S4, S6: an earlier task of its session is not gone, and is no ancestor. */
const BLOCKED = `(waits > 0 AND EXISTS (
    SELECT 1 FROM tasks first INDEXED BY tasks_member
    WHERE first.session_id = tasks.session_id AND first.seq < tasks.seq
      AND (first.completed_at IS NULL OR first.worker IS NOT NULL)
      AND NOT ${IS_ABOVE('first', 'tasks')} AND NOT ${WAITS_FOR_ANCESTOR}))`;

/** How many of its recipe have a slot. */
export const HELD_OF_RECIPE = `(SELECT count(*) FROM tasks held INDEXED BY tasks_slot
    WHERE held.slot = 1 AND held.recipe = tasks.recipe)`;

/** How many of its recipe were answered and go on in other workers before it. */
const ANSWERED_OF_RECIPE = `(SELECT count(*) FROM tasks first INDEXED BY tasks_answered
    WHERE first.head = 1 AND first.worker IS NOT NULL AND first.worker <> ?1
      AND first.recipe = tasks.recipe AND first.priority >= tasks.priority)`;

/** ?2: now. */
const STARTS = `${RUNNABLE} AND (worker IS NULL OR (head = 1 AND worker = ?1)) AND stand = 'ready'
  AND run_at <= ?2 AND (due_at IS NULL OR due_at > ?2) AND NOT ${BLOCKED}
  AND (max_concurrent IS NULL OR max_concurrent > ${HELD_OF_RECIPE} + CASE WHEN head = 1 THEN 0 ELSE ${ANSWERED_OF_RECIPE} END)`;

/**
 * Those it can start now: due, in time, let through by their session, their recipe below its own limit over all workers,
 * and held by nobody, or answered while their code lives in this worker. ?2: now. The index is named because the planner
 * takes others, which makes a claim quadratic.
 */
export const READY = `tasks INDEXED BY tasks_ready WHERE ${STARTS}`;

/** The same of one task. ?3: its `seq`. */
export const READY_ONE = `tasks WHERE seq = ?3 AND ${STARTS}`;

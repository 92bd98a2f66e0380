/**
 * Whose environment a task runs with.
 *
 * 1. What is no secret is stored once a distinct set and decides nothing. Of other values only keyed hashes are stored.
 * 2. A task that is bound to values is run by workers that have them. A value whose hash was made with another key than the
 *    worker's matches by its name.
 * 3. A task without a binding is run by workers that have variables of these names.
 */
import type { Database } from './database.ts';
import type { WorkerFact } from './facts.ts';
import type { Binding, EnvValue, StoredEnvironment, WorkerRow } from './types.ts';

/** Stands for all values together that a task with `runtime.env: inherit` gets. */
export const ALL_OTHERS = '*';

/** Whether the worker ?1 has variables of the names that a task needs. */
const HAS_NAMES = `(needs IS NULL OR NOT EXISTS (
    SELECT 1 FROM json_each(tasks.needs) WHERE value NOT IN (
      SELECT e.value FROM workers w, json_each(w.env) e WHERE w.id = ?1)))`;

/** Whether the worker ?1 has each value that a task is bound to, or took the task by name. */
const HAS_VALUES = `(NOT EXISTS (
    SELECT 1 FROM json_each(tasks.bound) b
    WHERE NOT EXISTS (
        SELECT 1 FROM worker_values v
        WHERE v.worker = ?1 AND v.name = (b.value ->> 'name') AND v.hash = (b.value ->> 'hash'))
      AND NOT EXISTS (
        SELECT 1 FROM workers w WHERE w.id = ?1 AND w.value_key IS NOT (b.value ->> 'key')
          AND ((b.value ->> 'name') = '${ALL_OTHERS}' OR (b.value ->> 'name') IN (SELECT e.value FROM json_each(w.env) e))))
  OR EXISTS (SELECT 1 FROM worker_values v WHERE v.worker = ?1 AND v.name = '' AND v.hash = tasks.id))`;

/** What a worker must have of a task's environment. One whose code it holds goes on with what it has. ?1: the worker. */
export const HAS_ENVIRONMENT = `(worker = ?1 OR CASE WHEN bound IS NULL THEN ${HAS_NAMES} ELSE ${HAS_VALUES} END)`;

/** What a task needs of an environment. */
export interface EnvNeeds {
  /** The task's id. */
  id: string;
  /** Names of variables. */
  env: readonly string[];
  /** Empty when it goes by names. */
  bound: readonly EnvValue[];
}

/** As `HAS_ENVIRONMENT`. Of a worker that is not stored yet its row says what it has. */
export function hasEnvironment(db: Database, row: WorkerRow, needs: EnvNeeds): boolean {
  const { id, env, values } = row;
  if (needs.bound.length === 0) return needs.env.every((name) => env.includes(name));
  if (values !== undefined) return needs.bound.every((one) => isAmong(values, one) || matchesByName(row, one));
  return db.get(`SELECT 1 FROM tasks WHERE id = ?2 AND ${HAS_VALUES}`, id, needs.id) !== undefined;
}

const isAmong = (values: readonly EnvValue[], { hash }: EnvValue): boolean => values.some((one) => one.hash === hash);

const matchesByName = ({ env, value_key }: WorkerRow, { name, key }: EnvValue): boolean =>
  key !== value_key && (name === ALL_OTHERS || env.includes(name));

/** The names of what no living worker has for the task; all when each has some. */
export function missingOf(db: Database, workers: readonly WorkerFact[], needs: EnvNeeds): string[] {
  const living = workers.filter(({ claims }) => claims).map(({ row }) => row);
  const names = needs.bound.length === 0 ? needs.env : needs.bound.map(({ name }) => name);
  const unheld = names.filter((name) => !living.some((row) => hasOne(db, row, needs, name)));
  return unheld.length > 0 ? unheld : [...names];
}

function hasOne(db: Database, row: WorkerRow, { bound }: EnvNeeds, name: string): boolean {
  const value = bound.find((one) => one.name === name);
  if (value === undefined) return row.env.includes(name);
  const sql = 'SELECT 1 FROM worker_values WHERE worker = ? AND name = ? AND hash = ?';
  return db.get(sql, row.id, name, value.hash) !== undefined;
}

/** The values that a task needs, out of those that somebody has; undefined when he lacks one. */
export function pick({ values }: Binding, names: readonly string[]): EnvValue[] | undefined {
  const found = names.flatMap((name) => values.find((one) => one.name === name) ?? []);
  return found.length === names.length ? found : undefined;
}

/** So many new sets come between two looks for those that no task names any more. */
const SWEEP_EVERY = 256;

/** Stores what is no secret, once. */
export function storeEnvironment(db: Database, { id, data }: StoredEnvironment): void {
  const { changes } = db.run('INSERT OR IGNORE INTO environments (id, data) VALUES (?, ?)', id, data);
  if (changes === 0) return;
  const n = Number(db.get<{ n: number }>('SELECT count(*) AS n FROM environments')?.n);
  if (n % SWEEP_EVERY !== 0) return;
  db.run(
    `DELETE FROM environments WHERE id <> ? AND id NOT IN (
       SELECT environment FROM tasks WHERE environment IS NOT NULL)`,
    id,
  );
}

/**
 * Tells the workers that live which key hashes are made with now: they must not take what is bound with it by its name
 * only because the file was replaced under them.
 */
export function announceKey(db: Database, values: readonly EnvValue[]): void {
  const [first] = values;
  if (first !== undefined) db.run('UPDATE workers SET value_key = ?1 WHERE value_key IS NOT ?1', first.key);
}

/** The text of the column `bound`. */
export const boundText = (values: readonly EnvValue[]): string | null =>
  values.length === 0 ? null : JSON.stringify(values);

/** The values of the column `bound`. */
export const boundOf = (text: string | null): EnvValue[] => (text === null ? [] : JSON.parse(text));

/** A task's row as far as it says whose environment it has. */
interface Bound {
  seq: number;
  environment: string | null;
  bound: string | null;
}

/**
 * Binds a task anew, to the values of somebody who has all that it needs, and notes which they are. Answers whether it is
 * bound to his now: not one that goes by names, and not when he lacks a value.
 */
export function rebind(db: Database, row: Bound, by: Binding): boolean {
  if (row.environment === null) return false;
  const old = boundOf(row.bound);
  const values = pick(
    by,
    old.map(({ name }) => name),
  );
  if (values === undefined) return false;
  storeEnvironment(db, by.environment);
  announceKey(db, values);
  const sql = 'UPDATE tasks SET environment = ?, bound = ?, env_notes = coalesce(?, env_notes) WHERE seq = ?';
  db.run(sql, by.environment.id, boundText(values), noteOf(old, values), row.seq);
  return true;
}

/** What the log of a task is to say of values that were bound anew; null when they are the same. */
export function noteOf(old: readonly EnvValue[], values: readonly EnvValue[]): string | null {
  const changed = values.filter((one) => !isAmong(old, one)).map(({ name }) => shownName(name));
  if (changed.length === 0) return null;
  return `environment: ${changed.join(', ')} bound anew, to what whoever asked for this run has`;
}

/** A name as people read it. */
export const shownName = (name: string): string => (name === ALL_OTHERS ? 'the whole environment' : name);

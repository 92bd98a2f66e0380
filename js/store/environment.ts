/**
 * Whose environment a task runs with.
 *
 * 1. What is no secret is stored once a distinct set and decides nothing. Of other values only keyed hashes are stored.
 * 2. A task that is bound to values is run by workers that have them. A value whose hash was made with another key than the
 *    worker's matches by its name.
 * 3. A task without a binding is run by workers that have variables of these names.
 */
import type { Program } from '../ports/backend.ts';
import type { WorkerFact } from './facts.ts';
import { forget, forgetWorkers, noted } from './notes.ts';
import type { Context } from './operation-context.ts';
import { boundOf, boundText } from './rows/bound.ts';
import { ALL_OTHERS } from './sql/conditions.ts';
import { addEnvironment, bindAnew, countEnvironments, hasAllValues, sweepEnvironments } from './sql/environment.ts';
import { announceKeyOf, hasValue } from './sql/workers.ts';
import type { Binding, EnvValue, StoredEnvironment, WorkerRow } from './types.ts';

export { ALL_OTHERS } from './sql/conditions.ts';

/** What a task needs of an environment. */
export interface EnvNeeds {
  /** The task's id. */
  id: string;
  /** Names of variables. */
  env: readonly string[];
  /** Empty when it goes by names. */
  bound: readonly EnvValue[];
}

/** As `sql/conditions.ts` asks it. Of a worker that is not stored yet its row says what it has. */
export function* hasEnvironment(row: WorkerRow, needs: EnvNeeds): Program<boolean> {
  const { id, env, values } = row;
  if (needs.bound.length === 0) return needs.env.every((name) => env.includes(name));
  if (values !== undefined) return needs.bound.every((one) => isAmong(values, one) || matchesByName(row, one));
  return (yield* hasAllValues(id, needs.id)) !== undefined;
}

const isAmong = (values: readonly EnvValue[], { hash }: EnvValue): boolean => values.some((one) => one.hash === hash);

const matchesByName = ({ env, value_key }: WorkerRow, { name, key }: EnvValue): boolean =>
  key !== value_key && (name === ALL_OTHERS || env.includes(name));

/** The names of what no living worker has for the task; all when each has some. */
export function* missingOf(workers: readonly WorkerFact[], needs: EnvNeeds): Program<string[]> {
  const living = workers.filter(({ claims }) => claims).map(({ row }) => row);
  const names = needs.bound.length === 0 ? needs.env : needs.bound.map(({ name }) => name);
  const unheld: string[] = [];
  for (const name of names) if (!(yield* isHeld(living, needs, name))) unheld.push(name);
  return unheld.length > 0 ? unheld : [...names];
}

function* isHeld(living: readonly WorkerRow[], { bound }: EnvNeeds, name: string): Program<boolean> {
  const value = bound.find((one) => one.name === name);
  for (const row of living) {
    const has = value === undefined ? row.env.includes(name) : yield* hasValue(row.id, name, value.hash);
    if (has !== undefined && has !== false) return true;
  }
  return false;
}

/** The values that a task needs, out of those that somebody has; undefined when he lacks one. */
export function pick({ values }: Binding, names: readonly string[]): EnvValue[] | undefined {
  const found = names.flatMap((name) => values.find((one) => one.name === name) ?? []);
  return found.length === names.length ? found : undefined;
}

/** So many new sets come between two looks for those that no task names any more. */
const SWEEP_EVERY = 256;

/** Stores what is no secret, once. */
export function* storeEnvironment(context: Context, { id, data }: StoredEnvironment): Program<void> {
  const stored = noted(context, 'environments', () => new Set<string>()); // that this transaction has come upon
  if (stored.has(id)) return;
  const isNew = (yield* addEnvironment(id, data)) > 0;
  stored.add(id);
  const n = isNew ? ((yield* countEnvironments())?.n ?? 0) : 0;
  if (n % SWEEP_EVERY !== 0 || n === 0) return;
  yield* sweepEnvironments(id);
  forget(context, 'environments');
}

/**
 * Tells the workers that live which key hashes are made with now: they must not take what is bound with it by its name
 * only because the file was replaced under them.
 */
export function* announceKey(context: Context, values: readonly EnvValue[]): Program<void> {
  const [first] = values;
  if (first !== undefined && (yield* announceKeyOf(first.key)) > 0) forgetWorkers(context);
}

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
export function* rebind(context: Context, row: Bound, by: Binding): Program<boolean> {
  if (row.environment === null) return false;
  const old = boundOf(row.bound);
  const values = pick(
    by,
    old.map(({ name }) => name),
  );
  if (values === undefined) return false;
  yield* storeEnvironment(context, by.environment);
  yield* announceKey(context, values);
  yield* bindAnew(by.environment.id, boundText(values), noteOf(old, values), row.seq);
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

/** Statements by name: what the programs of the store yield. */
import type { Query, Value } from '../../ports/backend.ts';

/** Whether one was yielded, or several at once. */
export const isOne = (asked: Query | readonly Query[]): asked is Query => !Array.isArray(asked);

const seemsSelect = (sql: string): boolean => /^\s*(SELECT|WITH)\b/.test(sql);

/** Of the texts that have a name. */
const selects = new Map<string, boolean>();

/** Whether a statement only reads. */
export const isSelect = (sql: string): boolean => selects.get(sql) ?? seemsSelect(sql);

/** A query that `yield*` gives the answer of. */
export type Asked<A> = Query & Iterable<Query, A, unknown>;

/** Asked once: a program makes another one for the next time. */
class Asking<A> implements Query, Iterator<Query, A, unknown> {
  readonly name: string;
  readonly sql: string;
  readonly answers: Query['answers'];
  readonly values: readonly Value[];
  readonly isComposed: boolean;
  #isAsked = false;

  constructor(name: string, sql: string, answers: Query['answers'], values: readonly Value[], isComposed: boolean) {
    this.name = name;
    this.sql = sql;
    this.answers = answers;
    this.values = values;
    this.isComposed = isComposed;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(answer?: unknown): IteratorResult<Query, A> {
    if (this.#isAsked) return { done: true, value: answer as A };
    this.#isAsked = true;
    return { done: false, value: this };
  }
}

/** The text of each statement by its name. */
const named = new Map<string, string>();

/** All statements that have been loaded, by name. */
export const statements = (): ReadonlyMap<string, string> => named;

type Ask<A, P extends readonly Value[]> = (...values: P) => Asked<A>;

function statement<A, P extends readonly Value[]>(answers: Query['answers'], name: string, sql: string): Ask<A, P> {
  if (named.has(name)) throw new Error(`two statements are named ${name}`);
  named.set(name, sql);
  selects.set(sql, seemsSelect(sql));
  return (...values) => new Asking<A>(name, sql, answers, values, false);
}

/** A statement that answers with one row; undefined when there is none. */
export const row = <R, P extends readonly Value[] = []>(name: string, sql: string): Ask<R | undefined, P> =>
  statement('row', name, sql);

/** A statement that answers with all rows. */
export const rows = <R, P extends readonly Value[] = []>(name: string, sql: string): Ask<R[], P> =>
  statement('rows', name, sql);

/** A statement that changes rows, and answers with how many. */
export const changes = <P extends readonly Value[] = []>(name: string, sql: string): Ask<number, P> =>
  statement('changes', name, sql);

/** A statement that inserts rows into a table with a whole number as its key, and answers with that of the last. */
export const key = <P extends readonly Value[]>(name: string, sql: string): Ask<number, P> =>
  statement('key', name, sql);

/** A statement that is put together from what was asked. */
export const composedRows = <R>(name: string, sql: string, values: readonly Value[]): Asked<R[]> =>
  new Asking<R[]>(name, sql, 'rows', values, true);

/** Several at once, none of which waits for what another one answers; with all their answers. */
export function together(queries: readonly Query[]): Iterable<readonly Query[], unknown[], unknown> {
  let isAsked = queries.length === 0;
  const iterator: Iterator<readonly Query[], unknown[], unknown> = {
    next: (answers) => {
      if (isAsked) return { done: true, value: (answers as unknown[] | undefined) ?? [] };
      isAsked = true;
      return { done: false, value: queries };
    },
  };
  return { [Symbol.iterator]: () => iterator };
}

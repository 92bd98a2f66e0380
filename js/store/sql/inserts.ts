/** Statements that insert many rows: the more of them one statement inserts, the less SQLite does for each. */
import type { Query, Value } from '../../ports/backend.ts';
import { changes, key } from './statement.ts';

/** So many rows one statement inserts: a list of any length is few statements, each of which is prepared once. */
const SIZES = [16, 4, 1] as const;

type Rows<Row> = readonly Row[];

interface Insert<Row> {
  size: number;
  of: (rows: Rows<Row>) => Query;
}

/**
 * A row that cannot be inserted is a fault, which undoes all of the transaction or of its part: with OR FAIL SQLite keeps no copy of
 * every page that the statement touches, to undo that alone (https://sqlite.org/lang_conflict.html).
 */
function insertsBy<Row extends readonly Value[]>(
  statement: typeof changes<readonly Value[]> | typeof key<readonly Value[]>,
  name: string,
  into: string,
  row: string,
): Insert<Row>[] {
  return SIZES.map((size) => {
    const values = Array.from({ length: size }, () => row).join(', ');
    const text = `INSERT OR FAIL INTO ${into} VALUES ${values}`;
    const ask = statement(size === 1 ? name : `${name}_${size}`, text);
    return { size, of: (rows) => ask(...rows.flat()) };
  });
}

/** Cuts a list into as few statements as there can be. */
function chunks<Row>(inserts: readonly Insert<Row>[], rows: Rows<Row>): { size: number; query: Query }[] {
  const made: { size: number; query: Query }[] = [];
  let from = 0;
  for (const { size, of } of inserts) {
    for (; rows.length - from >= size; from += size) made.push({ size, query: of(rows.slice(from, from + size)) });
  }
  return made;
}

/** Inserts rows of a table. `into`: the table and its columns; `row`: the question marks of one row, in parentheses. */
export function inserts<Row extends readonly Value[]>(name: string, into: string, row: string) {
  const all = insertsBy<Row>(changes, name, into, row);
  return (rows: Rows<Row>): Query[] => chunks(all, rows).map(({ query }) => query);
}

/** The same of a table that numbers its rows; also which numbers they were given, by the answers of the statements. */
export function numberedInserts<Row extends readonly Value[]>(name: string, into: string, row: string) {
  const all = insertsBy<Row>(key, name, into, row);
  return (rows: Rows<Row>): { queries: Query[]; keysOf(answers: readonly unknown[]): number[] } => {
    const made = chunks(all, rows);
    return {
      queries: made.map(({ query }) => query),
      keysOf: (answers) =>
        made.flatMap(({ size }, n) => Array.from({ length: size }, (_, of) => (answers[n] as number) - size + 1 + of)),
    };
  };
}

/**
 * Reads a file of an older schema as it is: temporary views of this connection, named as the tables, show it as its
 * migration would make it. SQLite finds temporary names first; what a view passes through keeps its indexes.
 */
import { type Connection, connect } from './driver.ts';
import { type Reads, STEPS, type Step, sqlOf } from './schema.ts';

interface Column {
  name: string;
  /** SQL text. */
  standard: string;
}

type Tables = ReadonlyMap<string, readonly Column[]>;

/** Makes the views for a file of that schema. They stay until `dropViews`. */
export function makeViews(connection: Connection, version: number, steps: readonly Step[] = STEPS): void {
  const views = viewsOf(version, steps);
  for (const [table, select] of views) connection.exec(`CREATE TEMP VIEW ${table} AS ${select}`);
}

/** Removes whatever views there are. */
export function dropViews(connection: Connection): void {
  const views = connection.prepare("SELECT name FROM sqlite_temp_schema WHERE type = 'view'").all();
  for (const { name } of views) connection.exec(`DROP VIEW temp.${name}`);
}

/** Of every table that the steps from `version` on make or change: a SELECT, one layer a step. */
export function viewsOf(version: number, steps: readonly Step[]): Map<string, string> {
  const shapes = shapesOf(steps);
  const views = new Map<string, string>();
  for (let n = version; n < steps.length; n++) {
    const [before, after] = [shapes[n] as Tables, shapes[n + 1] as Tables];
    const reads = readsOf(steps[n] as Step);
    for (const [table, columns] of after) {
      const layer = layerOf(table, before.get(table), columns, reads, views.get(table) ?? `main.${table}`);
      if (layer !== undefined) views.set(table, layer);
    }
  }
  return new Map([...views].filter(([table]) => shapes.at(-1)?.has(table)));
}

const readsOf = (step: Step): Reads => (typeof step === 'string' ? {} : step.reads);

/** Undefined when the step leaves the table as it was. */
function layerOf(
  table: string,
  before: readonly Column[] | undefined,
  after: readonly Column[],
  { columns = {}, rows = {} }: Reads,
  source: string,
): string | undefined {
  const told = columns[table] ?? {};
  const added = rows[table];
  const known = new Set(before?.map(({ name }) => name));
  const same = before !== undefined && after.length === known.size && after.every(({ name }) => known.has(name));
  if (same && Object.keys(told).length === 0 && added === undefined) return undefined;
  const shown = after.map(({ name, standard }) => {
    const value = told[name] ?? (known.has(name) ? name : standard);
    return value === name ? name : `${value} AS ${name}`;
  });
  const from = before === undefined ? 'WHERE 0' : `FROM ${source.startsWith('main.') ? source : `(${source})`}`;
  const select = `SELECT ${shown.join(', ')} ${from}`;
  return added === undefined ? select : `${select} UNION ALL ${added}`;
}

/** The tables before the first step and after each: those of a store that holds nothing. */
function shapesOf(steps: readonly Step[]): Tables[] {
  const connection = connect(':memory:');
  try {
    return [
      new Map(),
      ...steps.map((step) => {
        connection.exec(sqlOf(step));
        return tablesOf(connection);
      }),
    ];
  } finally {
    connection.close();
  }
}

function tablesOf(connection: Connection): Tables {
  const sql = `SELECT t.name AS "table", c.name, coalesce(c.dflt_value, 'NULL') AS standard
    FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`;
  const tables = new Map<string, Column[]>();
  for (const { table, name, standard } of connection.prepare(sql).all()) {
    const columns = tables.get(String(table)) ?? [];
    columns.push({ name: String(name), standard: String(standard) });
    tables.set(String(table), columns);
  }
  return tables;
}

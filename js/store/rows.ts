/** Between rows and records: the one function that writes a task's columns, and the ones that read it back. */
import type { Decided } from '../core/index.ts';
import { dropAt } from '../core/index.ts';
import type { TaskStatus } from '../wire/task.ts';
import type { Database } from './database.ts';
import { boundOf, boundText, type EnvNeeds, hasEnvironment, missingOf } from './environment.ts';
import { type Amount, bytesOf, insertEvents, trimEvents } from './events.ts';
import type { Facts, WorkerFact } from './facts.ts';
import type { EnvValue, Handed, PayloadKind, PayloadRefs, Payloads, StoredTask, WorkerRow } from './types.ts';

/** A task's row, as the operations read it. */
export interface TaskRow {
  seq: number;
  id: string;
  record: string;
  status: TaskStatus;
  seen_at: number | null;
  drop_at: number | null;
  needs: string | null;
  code: string | null;
  worker: string | null;
  environment: string | null;
  bound: string | null;
  place: string | null;
  recipe: string;
  /** JSON text; null when it has none. */
  tags: string | null;
}

export const TASK_COLUMNS =
  'seq, id, record, status, seen_at, drop_at, needs, code, worker, environment, bound, place, recipe, tags';

/** What a task is inserted with beside its record. */
export interface Placing {
  needs: readonly string[];
  maxConcurrent: number | null;
  code: string | null;
  binding: { environment: string; values: readonly EnvValue[] } | null;
  place: string | null;
  /** It starts when the earlier tasks of its session are gone. */
  waits: boolean;
  childKey: string | null;
  tags?: readonly string[] | undefined;
  /** As the record says. */
  createdAt: number;
}

/** Inserts a new task. The other writers of a task's columns are `writeDecided` and, for lent slots, `ops/lend.ts`. */
export function insertTask(db: Database, id: string, decided: Decided, task: Placing): TaskRow {
  const needed = task.needs.length > 0 ? JSON.stringify(task.needs) : null;
  const environment = task.binding?.environment ?? null;
  const bound = boundText(task.binding?.values ?? []);
  const tags = task.tags === undefined || task.tags.length === 0 ? null : JSON.stringify(task.tags);
  const { recipe, name } = decided.columns;
  const { rowid } = db.run(
    `INSERT INTO tasks (id, record, status, recipe, session_id, parent_id, priority, head, run_at, needs, max_concurrent,
       code, waits, idempotency_key, child_key, later, environment, bound, place, name, created_at, tags)
     VALUES (?, '', 'pending', ?, NULL, NULL, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    recipe,
    needed,
    task.maxConcurrent,
    task.code,
    task.waits ? 1 : 0,
    decided.columns.idempotency_key ?? null,
    task.childKey,
    decided.columns.run_at == null ? 0 : 1,
    environment,
    bound,
    task.place,
    name === recipe ? null : name,
    task.createdAt,
    tags,
  );
  if (tags !== null) db.run(`INSERT INTO task_tags (tag, task) SELECT value, ? FROM ${EACH_TAG}`, rowid, tags);
  writeDecided(db, rowid, decided, null);
  const { code } = task;
  return {
    seq: rowid,
    id,
    record: decided.record,
    status: 'pending',
    seen_at: null,
    drop_at: null,
    needs: needed,
    code,
    worker: null,
    environment,
    bound,
    place: task.place,
    recipe,
    tags,
  };
}

/** The tags of a JSON text, each once. */
const EACH_TAG = '(SELECT DISTINCT value FROM json_each(?))';

/**
 * Writes what was decided of a task: the record, the columns that index it, and the events.
 *
 * `slot` by the rules L2 and L3: taken with a start, free while a person is asked and when nobody holds the task; what
 * stops keeps what it had. `later` falls when `claim` finds that the time has come. `waits` is 2 after the first start.
 */
export function writeDecided(db: Database, seq: number, decided: Decided, seenAt: number | null): void {
  const { events } = decided;
  const kept = events.every(({ kind }) => NOTES.includes(kind))
    ? writeNoted(db, seq, decided)
    : writeColumns(db, seq, decided, seenAt);
  if (decided.columns.worker === null && !events.some(({ kind }) => kind === 'submitted')) releaseGroup(db, seq);
  insertEvents(db, seq, events);
  const abandoned = events.filter(({ kind }) => kind === 'abandoned').length;
  if (abandoned > 0) db.run("UPDATE counts SET n = n + ? WHERE status = 'abandoned'", abandoned);
  if (kept) trimEvents(db, seq, kept);
  // Details belong to the error that is shown now: one of an earlier attempt must not stand in for them.
  if (events.some(({ kind }) => FORGETS_DETAILS.includes(kind))) {
    countBytes(db, -removePayload(db, seq, 'error_details'));
  }
}

/** Nothing works for it any more: its process may be given to another task. */
function releaseGroup(db: Database, seq: number): void {
  db.run('UPDATE groups SET task = NULL WHERE task = (SELECT id FROM tasks WHERE seq = ?)', seq);
}

/** Facts that no index knows: they are many, and each index that an update names costs a page of the log. */
const NOTES: readonly string[] = ['progress', 'log', 'output', 'step'];

const FORGETS_DETAILS: readonly string[] = ['started', 'retry_scheduled', 'failed'];

function writeNoted(db: Database, seq: number, { record, events }: Decided): Amount | undefined {
  return db.get<Amount>(
    `UPDATE tasks SET record = ?, event_count = event_count + ?, event_bytes = event_bytes + ?
     WHERE seq = ? RETURNING event_count AS events, event_bytes AS bytes`,
    record,
    events.length,
    bytesOf(events),
    seq,
  );
}

function writeColumns(db: Database, seq: number, decided: Decided, seenAt: number | null): Amount | undefined {
  const { columns, events } = decided;
  const has = (kind: string): number => Number(events.some((event) => event.kind === kind));
  const worker = columns.worker ?? null;
  const running = columns.status === 'running';
  const asks = columns.status === 'input_required' || columns.head;
  return db.get<Amount>(
    `UPDATE tasks SET record = ?, status = ?, recipe = ?, session_id = ?, parent_id = ?, priority = ?, head = ?,
       run_at = ?, due_at = ?, worker = ?, held = ?, completed_at = ?, drop_at = ?,
       event_count = event_count + ?, event_bytes = event_bytes + ?,
       later = CASE WHEN ? THEN 1 WHEN ? THEN 0 ELSE later END,
       waits = CASE WHEN waits = 1 AND ? THEN 2 ELSE waits END,
       slot = CASE WHEN ? THEN 0 WHEN ? THEN 1 ELSE slot END,
       lent = CASE WHEN ? THEN 0 ELSE lent END, wants = CASE WHEN ? THEN NULL ELSE wants END,
       idempotency_key = CASE WHEN ? THEN NULL ELSE idempotency_key END
     WHERE seq = ? RETURNING event_count AS events, event_bytes AS bytes`,
    decided.record,
    columns.status,
    columns.recipe,
    columns.session_id ?? null,
    columns.parent_id ?? null,
    columns.priority,
    columns.head ? 1 : 0,
    columns.run_at ?? 0,
    columns.due_at ?? null,
    worker,
    columns.held ? 1 : 0,
    columns.completed_at ?? null,
    columns.completed_at == null ? null : dropAt(decided.record, seenAt),
    events.length,
    bytesOf(events),
    has('retry_scheduled') && columns.run_at != null ? 1 : 0,
    columns.status === 'pending' && !columns.head ? 0 : 1,
    has('started'),
    worker === null || asks ? 1 : 0,
    has('started'),
    has('started') || !running ? 1 : 0,
    has('started') || !running ? 1 : 0,
    columns.status === 'failed' || columns.status === 'cancelled' ? 1 : 0,
    seq,
  );
}

/** Stores payloads and what was left out of them; one of the same kind is replaced, which a `fresh` task has none of. */
export function writePayloads(
  db: Database,
  seq: number,
  payloads: Payloads,
  refs: PayloadRefs = {},
  fresh = false,
): void {
  let more = 0;
  for (const [kind, data] of Object.entries(payloads) as [PayloadKind, string | undefined][]) {
    if (data === undefined) continue;
    more += Buffer.byteLength(data) - (fresh ? 0 : removePayload(db, seq, kind));
    const sql = 'INSERT INTO payloads (task, kind, data, refs) VALUES (?, ?, ?, ?)';
    db.run(sql, seq, kind, data, refs[kind] ?? null);
  }
  countBytes(db, more);
}

/** Answers how many bytes it had. */
function removePayload(db: Database, seq: number, kind: PayloadKind): number {
  const sql = 'DELETE FROM payloads WHERE task = ? AND kind = ? RETURNING octet_length(data) AS n';
  return db.get<{ n: number }>(sql, seq, kind)?.n ?? 0;
}

/** How many bytes of payloads the store has by now. */
export function countBytes(db: Database, more: number): void {
  if (more !== 0) db.run("UPDATE counts SET n = n + ? WHERE status = 'payload_bytes'", more);
}

/** Reads the payloads of the given kinds. */
export function readPayloads(db: Database, seq: number, kinds: readonly PayloadKind[]): Payloads {
  if (kinds.length === 0) return {};
  const rows = db.all<{ kind: PayloadKind; data: string }>(payloadsOf('kind, data'), seq, JSON.stringify(kinds));
  return Object.fromEntries(rows.map(({ kind, data }) => [kind, data]));
}

/** The same with what is stored beside them. */
export function readHanded(db: Database, seq: number, kinds: readonly PayloadKind[]): Handed {
  const rows = db.all<{ kind: PayloadKind; data: string; refs: string | null }>(
    payloadsOf('kind, data, refs'),
    seq,
    JSON.stringify(kinds),
  );
  return {
    payloads: Object.fromEntries(rows.map(({ kind, data }) => [kind, data])),
    refs: Object.fromEntries(rows.flatMap(({ kind, refs }) => (refs === null ? [] : [[kind, refs]]))),
  };
}

const payloadsOf = (columns: string): string =>
  `SELECT ${columns} FROM payloads WHERE task = ? AND kind IN (SELECT value FROM json_each(?))`;

/** Finds a task's row by its full id. */
export function findRow(db: Database, id: string): TaskRow | undefined {
  return db.get<TaskRow>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?`, id);
}

/** Adds to a row what a reader needs. */
export function storedTask(db: Database, row: TaskRow, kinds: readonly PayloadKind[], { workers }: Facts): StoredTask {
  const owner = row.worker === null ? undefined : workers.find(({ row: { id } }) => id === row.worker);
  const needs = needsOf(row);
  const runnable = canRun(db, workers, needs) || (row.status === 'pending' && owner?.claims === true);
  const stranded = row.status === 'pending' && !runnable && row.code === null;
  return {
    id: row.id,
    status: row.status,
    record: row.record,
    payloads: readPayloads(db, row.seq, kinds),
    seen: row.seen_at !== null,
    drop_at: row.drop_at,
    tags: row.tags === null ? [] : JSON.parse(row.tags),
    worker: owner?.row ?? null,
    owner: row.worker === null ? 'unknown' : owner === undefined || !owner.alive ? 'gone' : 'alive',
    runnable,
    missing: stranded ? missingOf(db, workers, needs) : [],
    bound: needs.bound.length > 0,
  };
}

/** What a worker must have to run a task. */
export interface Needs extends EnvNeeds {
  /** The recipe in code; null: a folder's. */
  code: string | null;
  /** Where the path of the recipe's folder means that folder; null: not said. */
  place: string | null;
  recipe: string;
}

export function needsOf(row: Pick<TaskRow, 'id' | 'needs' | 'code' | 'bound' | 'place' | 'recipe'>): Needs {
  const { id, needs, code, bound, place, recipe } = row;
  return { id, env: needs === null ? [] : JSON.parse(needs), code, bound: boundOf(bound), place, recipe };
}

/** Whether some living worker can run it; `ops/runnable.ts` asks the same in SQL. */
export function canRun(db: Database, workers: readonly Pick<WorkerFact, 'row' | 'claims'>[], needs: Needs): boolean {
  return workers.some(
    ({ claims, row }) =>
      claims &&
      row.state !== 'stopping' &&
      (needs.code === null ? row.folders && reaches(row, needs) : row.recipes.includes(needs.code)) &&
      hasEnvironment(db, row, needs),
  );
}

/** Whether the worker can have the recipe's folder: by its path, or by its name in a folder of its own. */
const reaches = ({ place, found }: WorkerRow, task: Needs): boolean =>
  task.place === null || place == null || place === task.place || (found ?? []).includes(task.recipe);

/** Removes a task with all that belongs to it. */
export function deleteTask(db: Database, seq: number): void {
  countBytes(db, -bytesOfTask(db, seq));
  db.run('DELETE FROM payloads WHERE task = ?', seq);
  db.run('DELETE FROM events WHERE task = ?', seq);
  db.run('DELETE FROM steps WHERE task = ?', seq);
  db.run('DELETE FROM family WHERE task = ?', seq);
  const { tags = null } = db.get<{ tags: string | null }>('SELECT tags FROM tasks WHERE seq = ?', seq) ?? {};
  if (tags !== null) db.run(`DELETE FROM task_tags WHERE task = ? AND tag IN ${EACH_TAG}`, seq, tags);
  db.run('DELETE FROM tasks WHERE seq = ?', seq);
}

/** How many bytes of payloads a task has. */
export const bytesOfTask = (db: Database, seq: number): number =>
  db.get<{ n: number | null }>('SELECT sum(octet_length(data)) AS n FROM payloads WHERE task = ?', seq)?.n ?? 0;

interface Hold {
  worker: string;
  attempt: number;
  epoch: number;
}

/** Who holds a task, as its record says; null for nobody, and for a record that cannot be read. */
export const holdOf = (record: string): Hold | null => parsed(record)?.hold ?? null;

/** Whether `decide` can read the record. A damaged one must not keep other tasks from being decided. */
export function isReadable({ record }: { record: string }): boolean {
  try {
    dropAt(record, null);
    return true;
  } catch {
    return false;
  }
}

function parsed(record: string): { hold?: Hold | null } | undefined {
  try {
    const value: unknown = JSON.parse(record);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

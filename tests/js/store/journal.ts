/**
 * A toy backend that nothing but the port knows of: a journal in memory.
 *
 * 1. What a commit has written is the list of its queries, and nothing else. All that is read comes from what the journal
 *    makes of it, so that a program that had written by another way would be found out. `close` compares the two.
 * 2. Programs are driven from turn to turn of the event loop, as over a network, and those that write are begun twice: the
 *    first time is forgotten.
 * 3. It has no file, no process and no lock of a system. SQLite only evaluates the statements.
 */
import assert from 'node:assert/strict';
import type { Backend, Moment, Program, Query, Topic, WriteOptions } from '#offstage/ports/backend.js';
import { type Connection, connect } from '#offstage/store/sqlite/driver.js';
import { migrate } from '#offstage/store/sqlite/schema.js';

type Making<T> = (moment: Moment) => Program<T>;

export class JournalBackend implements Backend {
  readonly place = 'a journal in memory';
  readonly journal: Query[][] = [];
  readonly #draft = tables();
  readonly #made = tables();
  readonly #listeners = new Set<{ topics: readonly Topic[]; listener: () => void }>();
  /** Programs that write, one after the other: there is one lock for all names. */
  #last: Promise<unknown> = Promise.resolve();
  /** Programs that read, one snapshot each. */
  #reading: Promise<unknown> = Promise.resolve();

  exists(): Promise<boolean> {
    return Promise.resolve(true);
  }

  read<T>(program: Making<T>): Promise<T> {
    const answer = this.#reading.then(() => drive(program(moment(true)), (query) => run(this.#made, query)));
    this.#reading = answer.catch(() => {});
    return answer;
  }

  write<T>(locks: readonly string[], program: Making<T>, { wakes }: WriteOptions<T>): Promise<T> {
    assert.ok(locks.length > 0, 'who writes says what nobody may do beside it');
    const answer = this.#last.then(async () => {
      await this.#attempt(program).catch(() => {}); // as if others had been in the way
      this.#draft.exec('ROLLBACK');
      const { answer, entry } = await this.#attempt(program).catch((error) => {
        this.#draft.exec('ROLLBACK');
        throw error;
      });
      this.#draft.exec('COMMIT');
      if (entry.length > 0) await this.#append(entry, wakes);
      return answer;
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  watch(topics: readonly Topic[], listener: () => void): () => void {
    const one = { topics, listener };
    this.#listeners.add(one);
    return () => void this.#listeners.delete(one);
  }

  flush(): void {}

  async close(): Promise<void> {
    await this.#last;
    await this.#reading;
    assert.deepEqual(contentOf(this.#made), contentOf(this.#draft), 'the journal tells all that was written');
    this.#draft.close();
    this.#made.close();
  }

  /** The queries that have changed something. */
  async #attempt<T>(program: Making<T>): Promise<{ answer: T; entry: Query[] }> {
    const entry: Query[] = [];
    let part = 0;
    this.#draft.exec('BEGIN');
    const answer = await drive(program(moment(false)), (query) => {
      if (query.sql.startsWith('SAVEPOINT')) part = entry.length;
      if (query.sql.startsWith('ROLLBACK TO')) entry.length = part;
      const before = changesOf(this.#draft);
      const found = run(this.#draft, query);
      if (changesOf(this.#draft) > before) entry.push(query);
      return found;
    });
    return { answer, entry };
  }

  /** Nobody reads meanwhile. */
  async #append(entry: Query[], wakes: readonly Topic[]): Promise<void> {
    this.journal.push(entry);
    const made = this.#reading.then(() => {
      this.#made.exec('BEGIN');
      for (const query of entry) run(this.#made, query);
      this.#made.exec('COMMIT');
    });
    this.#reading = made;
    await made;
    for (const { topics, listener } of [...this.#listeners]) if (topics.some((one) => wakes.includes(one))) listener();
  }
}

const moment = (isSnapshot: boolean): Moment => ({
  now: Date.now(),
  mono: Math.floor(performance.now()),
  isSnapshot,
  isCurrent: true,
});

/** Answers each query in a turn of its own. */
async function drive<T>(program: Program<T>, answer: (query: Query) => unknown): Promise<T> {
  let step = program.next();
  while (!step.done) {
    await new Promise(setImmediate);
    const asked = step.value;
    step = program.next(isOne(asked) ? answer(asked) : asked.map(answer));
  }
  return step.value;
}

const isOne = (asked: Query | readonly Query[]): asked is Query => !Array.isArray(asked);

function run(connection: Connection, { sql, answers, values }: Query): unknown {
  const statement = connection.prepare(sql);
  if (answers === 'row') return statement.get(...values);
  if (answers === 'rows') return statement.all(...values);
  const { changes, lastInsertRowid } = statement.run(...values);
  return Number(answers === 'key' ? lastInsertRowid : changes);
}

const changesOf = (connection: Connection): number =>
  Number(connection.prepare('SELECT total_changes() AS n').get()?.n);

function tables(): Connection {
  const connection = connect(':memory:');
  migrate(connection, () => {});
  connection.exec("UPDATE meta SET value = '' WHERE key = 'store_id'"); // both are of the same store
  return connection;
}

function contentOf(connection: Connection): Record<string, unknown[]> {
  const names = connection
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  return Object.fromEntries(
    names.map(({ name }) => [String(name), connection.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).all()]),
  );
}

/**
 * No queue: the driver of SQLite alone, doing what a queue that keeps its word cannot leave out. Three commits, each with
 * an fsync (`synchronous=FULL`): the tasks are there, they have started, they have ended. What is asked for while one is
 * under way shares the next. Rows: a task, its input and its result, an event for each of the three.
 */
import { randomUUID } from 'node:crypto';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { work } from '../task.mjs';

const SCHEMA = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE tasks (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  priority INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  worker TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER
) STRICT;
CREATE INDEX tasks_ready ON tasks (priority DESC, seq) WHERE status = 'pending';
CREATE TABLE payloads (
  task INTEGER NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (task, kind)
) STRICT;
CREATE TABLE events (
  task INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (task, seq)
) STRICT, WITHOUT ROWID;`;

function prepare(database) {
  const task = database.prepare(
    "INSERT INTO tasks (id, name, status, priority, attempt, created_at) VALUES (?, 'bench', 'pending', 0, 0, ?)",
  );
  const started = database.prepare(
    "UPDATE tasks SET status = 'running', attempt = attempt + 1, worker = ?, started_at = ? WHERE seq = ? AND status = 'pending'",
  );
  const ended = database.prepare(
    "UPDATE tasks SET status = 'completed', worker = NULL, completed_at = ? WHERE seq = ? AND status = 'running' AND worker = ?",
  );
  const payload = database.prepare('INSERT INTO payloads (task, kind, data) VALUES (?, ?, ?)');
  const event = database.prepare("INSERT INTO events (task, seq, at, kind, data) VALUES (?, ?, ?, ?, '{}')");
  const worker = randomUUID();
  return {
    submit(job, now) {
      job.seq = task.run(`task_${randomUUID().replaceAll('-', '')}`, now).lastInsertRowid;
      payload.run(job.seq, 'input', JSON.stringify(job.input));
      event.run(job.seq, 1, now, 'submitted');
    },
    start({ seq }, now) {
      started.run(worker, now, seq);
      event.run(seq, 2, now, 'started');
    },
    end({ seq, result }, now) {
      ended.run(now, seq, worker);
      payload.run(seq, 'result', JSON.stringify(result));
      event.run(seq, 3, now, 'completed');
    },
  };
}

export const peer = {
  id: 'driver',
  title: 'bare driver',
  runtime: 'node',
  anyNode: true,
  many: true,
  async open({ folder, concurrency }) {
    const { DatabaseSync } = await import(isBuiltin('node:sqlite') ? 'node:sqlite' : '@photostructure/sqlite');
    const file = join(folder, 'tasks.db');
    const database = new DatabaseSync(file);
    database.exec(SCHEMA);
    const { submit, start, end } = prepare(database);
    const [begin, commit] = ['BEGIN IMMEDIATE', 'COMMIT'].map((sql) => database.prepare(sql));
    const waiting = [];

    function commitAll(jobs, step) {
      begin.run();
      const now = Date.now();
      for (const job of jobs) step(job, now);
      commit.run();
    }

    function run(jobs) {
      commitAll(jobs, start);
      for (const job of jobs) job.result = work(job.input);
      commitAll(jobs, end);
      for (const job of jobs) job.resolve(job.result);
    }

    function flush() {
      const jobs = waiting.splice(0);
      commitAll(jobs, submit);
      for (let at = 0; at < jobs.length; at += concurrency) run(jobs.slice(at, at + concurrency));
    }

    function one(input) {
      if (waiting.length === 0) setImmediate(flush);
      return new Promise((resolve) => waiting.push({ input, resolve }));
    }

    const count = database.prepare(
      "SELECT count(*) AS total, count(*) FILTER (WHERE status = 'completed') AS completed FROM tasks",
    );
    return {
      database: file,
      one,
      many: (inputs) => Promise.all(inputs.map(one)),
      counts() {
        const { total, completed } = count.get();
        return { completed, left: total - completed };
      },
      close: () => database.close(),
    };
  },
};

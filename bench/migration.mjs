// How long a file of the schema before events were numbered takes to be brought forward: 250,000 completed tasks with four
// events each, the copy that is made first included. The gate is 30 s.
// Usage: npm run build && node bench/migration.mjs [tasks, 250000 when not given]
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decide, newTaskId, submit } from '../dist/core/index.js';
import { migrateFile } from '../dist/store/sqlite/backup.js';
import { checkFile } from '../dist/store/sqlite/check.js';
import { connect } from '../dist/store/sqlite/driver.js';
import { migrate, STEPS } from '../dist/store/sqlite/schema.js';

const BEFORE = 9;
const GATE = 30;
const tasks = Number(process.argv[2] ?? 250_000);

/** The life of one task: its last record, and its events. */
function life(id, at) {
  const all = [submit({ name: 'job', recipe: 'job', timeout_ms: 300_000 }, id, at)];
  const then = (command) => all.push(decide(all.at(-1).record, command, at + all.length));
  then({ command: 'start', worker: 'worker_0123456789abcdef' });
  then({ command: 'log', attempt: 1, epoch: 1, line: 'a line of what it said' });
  then({ command: 'succeed', attempt: 1, epoch: 1 });
  return { record: all.at(-1).record, events: all.flatMap(({ events }) => events) };
}

const TASK = `INSERT INTO tasks (id, record, status, recipe, priority, head, run_at, completed_at, drop_at)
  VALUES (?, ?, 'completed', 'job', 0, 0, 0, ?, ?)`;

/** Many run at the same time, so that the events of a task lie between those of others. */
function fill(path) {
  const db = connect(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  migrate(db, () => {}, STEPS.slice(0, BEFORE));
  const task = db.prepare(TASK);
  const payload = db.prepare("INSERT INTO payloads (task, kind, data) VALUES (?, 'input', ?)");
  const event = db.prepare('INSERT INTO events (task, seq, at, kind, data) VALUES (?, ?, ?, ?, ?)');
  const start = Date.now() - 86_400_000;
  db.exec('BEGIN');
  for (let n = 1; n <= tasks; n++) {
    const id = newTaskId();
    const { record, events } = life(id, start + n);
    task.run(id, record, start + n, start + n + 1e9);
    payload.run(n, '{"a":1}');
    for (const { seq, at, kind, data } of events) event.run(n, seq, at + (seq > 1 ? 64 : 0), kind, data);
  }
  db.exec("UPDATE counts SET n = (SELECT sum(octet_length(data)) FROM payloads) WHERE status = 'payload_bytes'");
  db.exec('COMMIT');
  db.close();
}

const folder = mkdtempSync(join(tmpdir(), 'offstage-migration-'));
try {
  const path = join(folder, '.offstage', 'tasks.db');
  mkdirSync(join(folder, '.offstage'), { mode: 0o700 });
  writeFileSync(path, '', { mode: 0o600 });
  fill(path);
  const before = statSync(path).size;
  const began = performance.now();
  const { migrated } = await migrateFile(path);
  const seconds = (performance.now() - began) / 1000;
  const { problems } = await checkFile(path);
  if (!migrated || problems.length > 0) throw new Error(problems[0] ?? 'nothing was migrated');
  const size = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const memory = size(process.resourceUsage().maxRSS * 1024);
  console.log(
    `${4 * tasks} events of ${tasks} tasks, ${size(before)}: ${seconds.toFixed(1)} s, ${size(statSync(path).size)} after, ${memory} resident at most`,
  );
  process.exitCode = seconds <= GATE ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

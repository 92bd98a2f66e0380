// What a task costs of the store: transactions that write, statements in them, and bytes of the log, from its submit to when
// its outcome was read, one after the other, as a recipe in code of the app's own worker; the store has 200 tasks already.
// Usage: npm run build && node bench/statements.mjs [folder of another build's dist …]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const BEFORE = 200;
const TASKS = 20; // their log fits in what SQLite keeps before it begins anew
const own = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');

/** A backend that counts what goes through it. */
function counting(backend, seen) {
  function* counted(program) {
    let step = program.next();
    while (!step.done) {
      const asked = Array.isArray(step.value) ? step.value : [step.value];
      for (const { name } of asked) seen.names.set(name, (seen.names.get(name) ?? 0) + 1);
      seen.statements += asked.length;
      step = program.next(yield step.value);
    }
    return step.value;
  }
  const asks = (kind) => (program) => (moment) => {
    seen[kind] += 1;
    return counted(program(moment));
  };
  const [reading, writing] = [asks('reads'), asks('writes')];
  return new Proxy(backend, {
    get(target, key) {
      if (key === 'read') return (program) => target.read(reading(program));
      if (key === 'write') return (locks, program, options) => target.write(locks, writing(program), options);
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const input = JSON.stringify('x'.repeat(1022));

async function one(store, worker) {
  const spec = { name: 'job', recipe: 'job', timeout_ms: 300_000 };
  const placing = { needs: [], maxConcurrent: null, code: 'job', onConflict: 'parallel', parent: null, childKey: null };
  const { tasks } = await store.run('submit', {
    tasks: [{ spec, payloads: { input, config: '{}' }, ...placing }],
    start: null,
  });
  const { started } = await store.run('claim', { worker });
  const [{ id, attempt, epoch }] = started;
  if (id !== tasks[0].id) throw new Error('another task was started');
  const command = { command: 'succeed', attempt, epoch };
  await store.run('change', { changes: [{ id, command, payloads: { result: '{"length":1022}' } }] });
  await store.run('see', { id });
}

async function measure(dist) {
  const from = (file) => import(pathToFileURL(join(dist, file)));
  const { storeOver } = await from('store/index.js');
  const { openSqlite } = await from('store/sqlite/open.js');
  const { connect } = await from('store/sqlite/driver.js');
  const { here, startTime } = await from('platform/process.js');
  const folder = mkdtempSync(join(tmpdir(), 'offstage-statements-'));
  const path = join(folder, '.offstage', 'tasks.db');
  const seen = { reads: 0, writes: 0, statements: 0, names: new Map() };
  const store = storeOver(counting(await openSqlite(path), seen));
  try {
    const row = {
      ...here(),
      id: 'w',
      pid: process.pid,
      start_time: startTime(process.pid),
      state: 'live',
      concurrency: 5,
      max_concurrent: null,
    };
    const leased = {
      env: [],
      folders: false,
      recipes: ['job'],
      lease_until: Date.now() + 30_000,
      started_at: Date.now(),
    };
    await store.run('register', { row: { ...row, ...leased } });
    for (let n = 0; n < BEFORE; n++) await one(store, 'w');
    const other = connect(path);
    other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    other.close();
    Object.assign(seen, { reads: 0, writes: 0, statements: 0 });
    seen.names.clear();
    for (let n = 0; n < TASKS; n++) await one(store, 'w');
    const log = statSync(`${path}-wal`).size;
    const a = (n) => (n / TASKS).toFixed(1);
    console.log(
      `${dist}: ${a(seen.writes)} writes, ${a(seen.reads)} reads, ${a(seen.statements)} statements, ${a(log / 1024)} KiB of log a task`,
    );
    console.log([...seen.names].map(([name, n]) => `  ${a(n)} ${name}`).join('\n'));
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const dist of [own, ...process.argv.slice(2).map((folder) => resolve(folder))]) await measure(dist);

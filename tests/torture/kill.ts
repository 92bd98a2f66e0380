/**
 * Kills workers with -9 at random moments while several processes submit and wait, then holds the store against what
 * must be true however it went, with one worker or with several beside each other. `SEED=…` replays the choices (not the
 * scheduler's), `ROUNDS=…` makes it longer.
 *
 * 1. Every acknowledged task is there and terminal, with exactly one terminal event.
 * 2. A task that must not be run again ran once at most; a lost one says so.
 * 3. With `onLost: 'retry'` it completes; no two attempts of a task run at the same time.
 * 4. Nothing is left running, and the counts are those of the rows.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect } from '#offstage/store/sqlite/driver.js';
import { Project } from '../js/client/project.js';
import { pause } from '../waiting.js';
import { Crew } from './crew.js';

const RECIPE = `import { appendFileSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
  const alive = (pid) => { // a zombie runs nothing
    try { const stat = readFileSync('/proc/' + pid + '/stat', 'latin1'); return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)); } catch { return false; }
  };
  export default async ({ folder, ms }, ctx) => {
    const lock = folder + '/' + ctx.taskId;
    appendFileSync(lock + '.runs', ctx.attempt + '\\n');
    try { const other = Number(readFileSync(lock, 'utf8')); if (alive(other)) appendFileSync(folder + '/overlaps', ctx.taskId + ' attempt ' + ctx.attempt + ' in ' + process.pid + ', another in ' + other + '\\n'); } catch {}
    writeFileSync(lock, String(process.pid));
    for (let done = 0; done < ms; done += 5) { ctx.progress(done / ms); await new Promise((r) => setTimeout(r, 5)); }
    unlinkSync(lock);
    return ctx.attempt;
  };`;

/** splitmix32: small, and the same everywhere. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}

interface Row {
  id: string;
  status: string;
  record: string;
}

export interface Killing {
  seed: number;
  tasks: number;
  kills: number;
  /** How many workers there are. Default: one. */
  processes?: number;
}

/** One round: so many tasks, and so many times a worker is killed. Answers with how many each of several began. */
export async function killRound(t: TestContext, { seed, tasks, kills, processes = 1 }: Killing): Promise<number[]> {
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  const project = new Project(t);
  project.addRecipe('torture', RECIPE);
  const folder = project.file('marks');
  mkdirSync(folder);
  const verbs = await project.verbs(t);
  const crew = new Crew(project, processes);
  await crew.start();

  const ids = new Map<string, 'fail' | 'retry'>();
  const submitting = Array.from({ length: tasks }, async (_, n) => {
    const onLost = random() < 0.5 ? 'retry' : 'fail';
    const input = { folder, ms: Math.floor(random() * 300) };
    // Every third one comes from a process of its own.
    const spec = { recipe: 'torture', input, onLost, ...(onLost === 'retry' ? { retries: 20 } : {}) } as const;
    const flags = ['--input', JSON.stringify(input), '--on-lost', onLost, '--retries', onLost === 'retry' ? '20' : '0'];
    const { task_id } =
      n % 3 === 0
        ? await project.json<{ task_id: string }>('background', 'submit', '--recipe', 'torture', ...flags)
        : ((await verbs.submit([spec]))[0] as { task_id: string });
    assert.match(task_id, /^task_[0-9a-f]{32}$/, 'a submit was not acknowledged');
    ids.set(task_id, onLost);
  });
  let over = false;
  const killing = (async () => {
    let killed = 0;
    while (killed < kills && !over) {
      await pause(random() * 200);
      const pid = crew.one(random);
      if (pid === undefined) continue;
      crew.kill([pid]);
      killed++;
      await verbs.summary(); // the next look from anywhere decides
    }
    t.diagnostic(`killed ${killed} times`);
  })();
  await Promise.all(submitting);
  await Promise.all([...ids.keys()].map((id) => verbs.wait([id], { timeout: 120 })));
  over = true;
  await killing;
  check(project, folder, ids);
  return crew.ran;
}

function check(project: Project, folder: string, ids: Map<string, 'fail' | 'retry'>): void {
  const db = connect(project.store);
  const rows = db.prepare('SELECT id, status, record FROM tasks').all() as unknown as Row[];
  assert.deepEqual(new Set(rows.map(({ id }) => id)), new Set(ids.keys()));
  for (const { id, status, record } of rows) {
    const runs = readFileSync(join(folder, `${id}.runs`), { encoding: 'utf8', flag: 'a+' })
      .split('\n')
      .filter(Boolean);
    if (ids.get(id) === 'retry') assert.equal(status, 'completed', record);
    else {
      assert.ok(status === 'completed' || JSON.parse(record).error?.code === 'lost', record);
      assert.ok(runs.length <= 1, `${id} ran ${runs.length} times`);
    }
    const ends = db
      .prepare(
        `SELECT count(*) AS n FROM events JOIN tasks ON tasks.seq = events.task
         WHERE tasks.id = ? AND kind IN ('completed', 'failed', 'cancelled')`,
      )
      .get(id);
    assert.equal(Number(ends?.n), 1, `${id} has ${ends?.n} terminal events`);
  }
  const counted = db
    .prepare("SELECT status, n FROM counts WHERE n > 0 AND status NOT IN ('payload_bytes', 'cleared') ORDER BY status")
    .all();
  const actual = db.prepare('SELECT status, count(*) AS n FROM tasks GROUP BY status ORDER BY status').all();
  assert.deepEqual(
    counted.map((row) => ({ ...row })),
    actual.map((row) => ({ ...row })),
  );
  db.close();
  const overlaps = join(folder, 'overlaps');
  assert.equal(existsSync(overlaps) && readFileSync(overlaps, 'utf8'), false, 'two attempts ran at the same time');
}

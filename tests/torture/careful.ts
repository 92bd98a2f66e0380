/**
 * Kills workers, and now and then everything, while tasks under `onLost: 'retry'` go through their steps and ask people,
 * who answer meanwhile, with one worker or with several. `SEED=…` replays the choices (not the scheduler's).
 *
 * 1. Every task completes with the values of its steps and the answers that were acknowledged.
 * 2. A step that gave its value to the code never runs again, and gives that value to every later run. Others run again
 *    only when a run was cut off: one run cuts off one step at most.
 * 3. Of two answers to a request one counts, the other one is refused.
 * 4. Two runs of a task never overlap, and each has one terminal event.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Verbs } from '#offstage/client/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { only } from '#offstage/wire/only.js';
import { Project } from '../js/client/project.js';
import { pause } from '../waiting.js';
import { Crew } from './crew.js';
import { type Killing, randomOf } from './kill.js';

/** Writes `run KEY` when a step runs and `got KEY VALUE` when the code has its value. */
const RECIPE = `import { appendFileSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
  const alive = (pid) => { // a zombie runs nothing
    try { const stat = readFileSync('/proc/' + pid + '/stat', 'latin1'); return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)); } catch { return false; }
  };
  export default async ({ folder, steps, ask, ms }, ctx) => {
    const lock = folder + '/' + ctx.taskId;
    const say = (text) => appendFileSync(lock + '.trace', text + '\\n');
    try { const other = Number(readFileSync(lock, 'utf8')); if (other !== process.pid && alive(other)) appendFileSync(folder + '/overlaps', ctx.taskId + ' in ' + process.pid + ', another in ' + other + '\\n'); } catch {}
    writeFileSync(lock, String(process.pid));
    say('begin');
    const values = [];
    for (let n = 0; n < steps; n++) {
      const value = await ctx.step('step ' + n, async () => {
        say('run ' + n);
        await new Promise((r) => setTimeout(r, ms));
        return n + '@' + process.pid + '.' + Math.random();
      });
      say('got ' + n + ' ' + value);
      values.push(value);
      if (n === ask) values.push((await ctx.requestInput({ key: 'ok', message: '?' })).content);
    }
    unlinkSync(lock);
    return values;
  };`;

interface Planned {
  steps: number;
  /** The step after which it asks; none when there is no such step. */
  ask: number;
}

/** One round, and so many moments at which a worker or everything is killed. Answers with how many each of several began. */
export async function carefulRound(t: TestContext, { seed, tasks, kills, processes = 1 }: Killing): Promise<number[]> {
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  const project = new Project(t);
  project.addRecipe('careful', RECIPE);
  const folder = project.file('marks');
  mkdirSync(folder);
  const verbs = await project.verbs(t);
  const crew = new Crew(project, processes);
  await crew.start();
  const planned = Array.from({ length: tasks }, (_, n) => {
    const steps = 2 + Math.floor(random() * 4);
    return { steps, ask: n % 2 === 0 ? Math.floor(random() * steps) : -1 };
  });
  const requests = planned.map((plan) => {
    const input = { folder, ...plan, ms: Math.floor(random() * 60) };
    return { recipe: 'careful', input, onLost: 'retry', retries: 100 } as const;
  });
  const ids = (await verbs.submit(requests)).map(({ task_id }) => task_id);

  let over = false;
  const answering = answerAll(verbs, () => over);
  const killing = killSome(t, { project, crew, random, kills, over: () => over });
  const ended = await Promise.all(ids.map((id) => verbs.wait([id], { timeout: 120 })));
  over = true;
  await killing;
  const answers = await answering;
  for (const [n, { tasks }] of ended.entries()) {
    const task = only(tasks);
    assert.equal(task.status, 'completed', JSON.stringify(task));
    checkTask(project, task.task_id, planned[n] as Planned, task.result as unknown[], answers.get(task.task_id));
  }
  const overlaps = `${folder}/overlaps`;
  assert.equal(existsSync(overlaps) && readFileSync(overlaps, 'utf8'), false, 'two runs at the same time');
  return crew.ran;
}

interface Killer {
  project: Project;
  crew: Crew;
  random: () => number;
  kills: number;
  over(): boolean;
}

async function killSome(t: TestContext, { project, crew, random, kills, over }: Killer): Promise<void> {
  let killed = 0;
  while (killed < kills && !over()) {
    const moment = random() * 250;
    const everything = random() < 0.3;
    const comesBy = random() < 0.8; // else those who wait decide, within a second
    await pause(moment);
    const pids = everything ? project.processes() : [crew.one(random)].filter((pid) => pid !== undefined);
    crew.kill(pids);
    if (pids.length > 0) killed++;
    if (comesBy) await somebodyComesBy(t, project);
  }
  t.diagnostic(`killed ${killed} times`);
}

/** A client that has started no worker yet, so it does not hesitate as those do whose workers died. */
async function somebodyComesBy(t: TestContext, project: Project): Promise<void> {
  const verbs = await project.verbs(t);
  const { tasks } = await verbs.list({ status: ['pending'], pageSize: 1 });
  for (const { task_id } of tasks) await verbs.wait([task_id], { timeout: 0.05 });
  await verbs.close();
}

/** Answers every request, twice at once from two sides; answers with what counted, by task. */
async function answerAll(verbs: Verbs, over: () => boolean): Promise<Map<string, unknown>> {
  const counted = new Map<string, unknown>();
  for (let n = 0; !over(); ) {
    const { tasks } = await verbs.list({ status: ['input_required'], pageSize: 100 });
    for (const { task_id } of tasks) {
      const given = [n++, n++];
      const told = await Promise.allSettled(
        given.map((content) => verbs.respond(task_id, 'ok', { action: 'accept', content })),
      );
      for (const [index, answer] of told.entries()) {
        if (answer.status === 'fulfilled') {
          assert.equal(counted.has(task_id), false, `two answers to ${task_id} were taken`);
          counted.set(task_id, given[index]);
        } else {
          assert.equal((answer.reason as { code?: string }).code, 'conflict', String(answer.reason));
        }
      }
    }
    await pause(10);
  }
  return counted;
}

function checkTask(project: Project, id: string, plan: Planned, result: unknown[], answer: unknown): void {
  const trace = readFileSync(`${project.file('marks')}/${id}.trace`, 'utf8')
    .trimEnd()
    .split('\n');
  const got = new Map<string, string>();
  let [begins, runs] = [0, 0];
  for (const text of trace) {
    const [what, key = '', value = ''] = text.split(' ');
    if (what === 'begin') begins++;
    if (what === 'run') {
      runs++;
      assert.equal(
        got.has(key),
        false,
        `${id} ran step ${key} again although its code had the value\n${trace.join('\n')}`,
      );
    }
    if (what === 'got') {
      assert.equal(got.get(key) ?? value, value, `${id} got two values of step ${key}`);
      got.set(key, value);
    }
  }
  assert.ok(runs <= plan.steps + begins - 1, `${id}: ${runs} runs of ${plan.steps} steps in ${begins} runs`);
  const expected: unknown[] = Array.from({ length: plan.steps }, (_, n) => got.get(String(n)));
  if (plan.ask >= 0) expected.splice(plan.ask + 1, 0, answer);
  assert.deepEqual(result, expected, id);
  const db = connect(project.store);
  const kinds = db
    .prepare('SELECT kind FROM events JOIN tasks ON tasks.seq = events.task WHERE tasks.id = ?')
    .all(id)
    .map(({ kind }) => kind as string);
  db.close();
  const ends = kinds.filter((kind) => ['completed', 'failed', 'cancelled'].includes(kind));
  assert.deepEqual(ends, ['completed'], id);
  assert.equal(kinds.filter((kind) => kind === 'step').length, plan.steps, id);
  assert.equal(kinds.filter((kind) => kind === 'input_answered').length, plan.ask >= 0 ? 1 : 0, id);
}

/**
 * An older and a newer version on one store, as processes. The newer one is this build with one more step of the schema;
 * the older one is this build, or the package in the folder `OLD_PACKAGE`.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { SCHEMA } from '#offstage/store/sqlite/schema.js';
import { BIN, type Doc, Scene, until } from '../cli/scene.js';
import { ROOT } from '../js/root.js';

const OLD = process.env.OLD_PACKAGE === undefined ? BIN : join(process.env.OLD_PACKAGE, 'cli', 'offstage.cjs');

/** A copy of the build that knows one schema more. */
export function newerBuild(t: TestContext): string {
  mkdirSync(join(ROOT, '.build'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.build', 'newer-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(dirname(dirname(BIN)), folder, { recursive: true, filter: (file) => !file.endsWith('.tgz') });
  addStep(join(folder, 'store', 'sqlite', 'schema.js'));
  addStep(join(folder, 'cli', 'look.cjs')); // the command line has its own
  return join(folder, 'cli', 'offstage.cjs');
}

function addStep(file: string): void {
  const text = readFileSync(file, 'utf8');
  const more = "STEPS.push('CREATE TABLE side_by_side (x INTEGER); ALTER TABLE workers ADD COLUMN beside INTEGER');\n";
  const patched = text.replace(/^(export )?const SCHEMA =/m, (found) => more + found);
  assert.notEqual(patched, text, `the place of the steps in ${file} has changed`);
  writeFileSync(file, patched);
}

/** One command of one version. */
function call({ project }: Scene, bin: string, ...args: string[]): Promise<Doc & { details?: { reason?: string } }> {
  return new Promise((resolve, reject) => {
    const options = { cwd: project.folder, env: project.env };
    execFile(process.execPath, [bin, ...args, '--json'], options, (error, stdout, stderr) => {
      try {
        resolve({ ...JSON.parse(stdout), exit: error ? error.code : 0 });
      } catch {
        reject(new Error(`${args.join(' ')}: not one JSON document: ${stdout}\n${stderr}`));
      }
    });
  });
}

export async function versionsRound(t: TestContext, newer: string, seed: number): Promise<void> {
  const scene = new Scene(t);
  const old = (...args: string[]) => call(scene, OLD, ...args);
  const next = (...args: string[]) => call(scene, newer, ...args);
  const schema = (): unknown => scene.sql('PRAGMA user_version')[0]?.user_version;
  const input = ['--recipe', 'counted', '--input', JSON.stringify({ folder: scene.folder })];

  const first = await old('background', 'submit', ...input);
  await scene.written('runs');
  const before = schema();
  const [worker] = scene.project.workers();
  for (const looks of shuffled(LOOKS(first.task_id), seed)) {
    const seen = await next(...looks);
    assert.equal(seen.ok, true, `${looks.join(' ')}: ${JSON.stringify(seen)}`);
  }
  for (const args of [['submit', ...input], ['cancel', first.task_id], ['clear']]) {
    const refused = await next('background', ...args);
    assert.deepEqual([refused.ok, refused.details?.reason], [false, 'older_worker'], args.join(' '));
  }
  assert.deepEqual(
    [schema(), scene.project.workers()],
    [before, [worker]],
    'the older worker lives, on its own schema',
  );
  const second = await old('background', 'submit', ...input);
  writeFileSync(scene.file('go'), '');
  for (const { task_id } of [first, second]) {
    const done = await old('background', 'wait', task_id);
    assert.deepEqual([done.exit, done.result], [0, 1]);
  }
  await endWorkers(scene, seed % 2 === 0 ? 'SIGTERM' : 'SIGKILL');

  // Both versions write at once: whoever is first, no acknowledged task is lost or run twice.
  const both = await Promise.all([old('background', 'submit', ...input), next('background', 'submit', ...input)]);
  for (const one of both) assert.ok(one.ok || one.code === 'store', JSON.stringify(one));
  assert.ok(both.some(({ ok }) => ok));
  if (both[0].ok && !both[1].ok) await old('background', 'wait', both[0].task_id);
  if (schema() === before) await endWorkers(scene, 'SIGTERM');
  const last = await next('background', 'submit', ...input);
  const acknowledged = [first, second, ...both.filter(({ ok }) => ok), last].map(({ task_id }) => task_id);
  for (const id of acknowledged) {
    const done = await next('background', 'wait', id);
    assert.deepEqual([done.exit, done.result], [0, 1], JSON.stringify(done));
  }
  assert.deepEqual([scene.lines('runs').length, Number(schema())], [acknowledged.length, SCHEMA + 1]);
  const refused = await old('background', 'list');
  assert.deepEqual([refused.ok, refused.code], [false, 'store']);
}

const LOOKS = (id: string): string[][] => [
  ['background', 'list'],
  ['background', 'list', '--attention'],
  ['background', 'status', id],
  ['background', 'events', id],
  ['background', 'wait', id, '--timeout', '0.3'],
  ['background', 'recover', '--all', '--dry-run'],
  ['background', 'clear', '--dry-run'],
];

async function endWorkers(scene: Scene, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  for (const pid of scene.project.workers()) process.kill(pid, signal);
  await until(() => scene.project.workers().length === 0);
}

/** By a linear congruence, so that a seed gives the same order again. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed >>> 0;
  const ranked = items.map((item) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { item, rank: state };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

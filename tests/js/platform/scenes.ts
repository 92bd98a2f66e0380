/** What is promised of other platforms, played by processes of a project. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TaskJson } from '#offstage/wire/task.js';
import { type Ended, Spoken } from '../../cli/process.js';
import { until } from '../../waiting.js';
import type { Project } from '../client/project.js';
import { stopOutsideOfWrites } from '../client/stopped.js';

type Doc = TaskJson & { wait_status: string };

const API = fileURLToPath(import.meta.resolve('#offstage/index.js'));

/** Starts an app with this code. */
export function app(t: TestContext, project: Project, code: string): Spoken {
  const file = project.file('app.mjs');
  writeFileSync(
    file,
    `import { BackgroundRunner, defineRecipe, openBackground } from ${JSON.stringify(API)};\n${code}`,
  );
  const [program, ...args] = project.runtime;
  return new Spoken(t, spawn(program, [...args, file], { cwd: project.folder, env: project.env }));
}

/** What it printed as JSON. */
export function said({ code, stdout, stderr }: Ended): unknown {
  assert.deepEqual([code, stderr], [0, '']);
  return JSON.parse(stdout);
}

const RUNNER = `const runner = new BackgroundRunner({ maxConcurrentTasks: 2 });
  const never = (ctx) => new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
  const late = runner.submit(never, { timeout: 0.01 });
  const gone = runner.submit(never);
  await gone.cancel();
  const thread = runner.submitThread('data:text/javascript,export default (n) => n * 2', [21]);
  const busy = runner.submitThread('data:text/javascript,export default () => { for (;;); }');
  await thread.wait();
  await busy.cancel('enough', { stopped: true });
  const codes = await Promise.all([late, gone, busy].map((task) => task.wait().catch((error) => error.code)));
  console.log(JSON.stringify([...codes, await thread.wait()]));
  await runner.stop();`;

const CODE = `const double = defineRecipe({ name: 'double', run: async ({ n }, ctx) => ctx.step('once', () => n * 2) });
  const client = await openBackground(undefined, { worker: 'app' });
  const result = await (await client.submit({ recipe: double, input: { n: 21 } })).wait();
  console.log(JSON.stringify([result, (await client.list()).total]));
  await client.close();`;

const LATE = `const late = defineRecipe({ name: 'late', run: async (_, ctx) => {
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    return 'too late';
  } });
  const client = await openBackground(undefined, { worker: 'app' });
  const task = await client.submit({ recipe: late });
  for await (const { kind } of task.events({ follow: true })) if (kind === 'started') break;
  const first = await task.cancel('enough', { stopped: true });
  const kinds = [];
  for await (const { kind } of task.events()) kinds.push(kind);
  const ends = kinds.filter((kind) => ['completed', 'failed', 'cancelled'].includes(kind));
  console.log(JSON.stringify([first, await task.cancel(), await task.status(), ends, kinds.includes('late_result')]));
  await client.close();`;

/** The runner, and recipes in code. */
export function inOneProcess(label: string, make: (t: TestContext) => Project): void {
  test(`${label}: the runner runs, cancels and times out functions, and ends threads`, async (t) => {
    assert.deepEqual(said(await app(t, make(t), RUNNER).ended), ['timeout', 'cancelled', 'cancelled', 42]);
  });

  test(`${label}: recipes in code run in the app that submits them`, async (t) => {
    assert.deepEqual(said(await app(t, make(t), CODE).ended), [42, 1]);
  });

  test(`${label}: what comes after the end of a task changes nothing of it`, async (t) => {
    assert.deepEqual(said(await app(t, make(t), LATE).ended), [true, false, 'cancelled', ['cancelled'], true]);
  });
}

const SUBMITS = `const client = await openBackground(undefined, { worker: 'none' });
  const task = await client.submit({ recipe: 'echo', input: { value: 7 } });
  console.log(task.taskId);
  setInterval(() => {}, 1000);`;

const STEPS = `import { appendFileSync } from 'node:fs';
  export default async ({ file }, ctx) => {
    await ctx.step('once', () => appendFileSync(file + '.steps', 'x'));
    appendFileSync(file + '.runs', 'x');
    if (ctx.attempt === 1) await new Promise(() => setInterval(() => {}, 1000));
    return ctx.attempt;
  };`;

const ASKS = `import { appendFileSync } from 'node:fs';
  export default async ({ file }, ctx) => {
    await ctx.step('before', () => appendFileSync(file, 'x'));
    const { content } = await ctx.requestInput({ key: 'name', message: 'Who is it?' });
    return content;
  };`;

/** What is left of tasks when processes are killed with -9. */
export function survivals(label: string, make: (t: TestContext) => Project): void {
  test(`${label}: what a submit has answered is there after its process was killed`, async (t) => {
    const project = make(t);
    const submitting = app(t, project, SUBMITS);
    await submitting.prints(({ stdout }) => stdout.endsWith('\n'));
    submitting.child.kill('SIGKILL');
    assert.equal((await submitting.ended).signal, 'SIGKILL');
    const waited = await project.json<Doc>('background', 'wait', submitting.stdout.trim());
    assert.deepEqual([waited.status, waited.result], ['completed', 7]);
  });

  test(`${label}: lost work is run again only where that was said, and then a finished step is not`, async (t) => {
    const project = make(t);
    project.addRecipe('steps', STEPS);
    const [once, again] = [project.file('once'), project.file('again')];
    const lost = await submit(project, 'steps', { file: once });
    const retried = await submit(project, 'steps', { file: again }, '--on-lost', 'retry');
    const hasRun = (file: string): boolean =>
      existsSync(`${file}.runs`) && readFileSync(`${file}.runs`, 'utf8') === 'x';
    await until(() => hasRun(once) && hasRun(again)); // a file is there before its text is
    killAll(project);
    const { exit, result, attempt } = await project.json<Doc>('background', 'wait', retried.task_id);
    assert.deepEqual([exit, result, attempt], [0, 2, 2]);
    assert.equal((await status(project, lost.task_id)).error?.code, 'lost');
    const counts = [once, again].flatMap((file) => ['.runs', '.steps'].map((end) => readFileSync(file + end, 'utf8')));
    assert.deepEqual(counts, ['x', 'x', 'xx', 'x']);
  });

  test(`${label}: a question outlives its process, and its answer goes on with the task`, async (t) => {
    const project = make(t);
    project.addRecipe('asks', ASKS);
    const file = project.file('before');
    const { task_id: id } = await submit(project, 'asks', { file });
    await until(async () => (await status(project, id)).status === 'input_required');
    killAll(project);
    await until(() => project.processes().length === 0);
    assert.equal((await status(project, id)).status, 'input_required');
    const answer = (content: string) => project.json<Doc>('background', 'respond', id, 'name', '--accept', content);
    assert.equal((await answer('Ada')).exit, 0);
    assert.deepEqual([(await answer('Bob')).code, (await answer('Bob')).exit], ['conflict', 4]);
    assert.equal((await project.json<Doc>('background', 'wait', id)).result, 'Ada');
    assert.equal(readFileSync(file, 'utf8'), 'x', 'the step was run again');
  });
}

function killAll(project: Project): void {
  for (const pid of project.processes()) process.kill(pid, 'SIGKILL');
}

/** Recipes that are folders, across processes. */
export function acrossProcesses(label: string, make: (t: TestContext) => Project): void {
  test(`${label}: submitted in one process, run by a worker that outlives it, waited for in another`, async (t) => {
    const project = make(t);
    const tasks = [];
    for (const value of [1, 2, 3]) tasks.push(await submit(project, 'echo', { value }));
    for (const [index, { task_id }] of tasks.entries()) {
      const waited = await project.json<Doc>('background', 'wait', task_id);
      assert.deepEqual(
        [waited.exit, waited.status, waited.result],
        [0, 'completed', index + 1],
        JSON.stringify(waited),
      );
    }
    assert.equal(project.workers().length, 1, 'one worker served all of them');
    const log = readFileSync(project.file('.offstage/worker.log'), 'utf8');
    assert.equal(log.match(/"ready"/g)?.length, 1, log);
    const modes = ['', '/tasks.db', '/worker.log'].map(
      (name) => statSync(project.file(`.offstage${name}`)).mode & 0o777,
    );
    assert.deepEqual(modes, [0o700, 0o600, 0o600]);
  });

  test(`${label}: a cancel from another process ends the whole group`, async (t) => {
    const project = make(t);
    const { id, file } = await working(project);
    const cancelled = await project.json<Doc & { cancelled: boolean }>('background', 'cancel', id, '--wait');
    assert.deepEqual([cancelled.ok, cancelled.cancelled, cancelled.status], [true, true, 'cancelled']);
    const { length } = readFileSync(file, 'utf8');
    const [pid] = readFileSync(file, 'utf8').split('\n');
    assert.equal(project.processes().includes(Number(pid)), false, 'its child still works');
    assert.notEqual((await status(project, id)).stopped_at, null);
    assert.equal(readFileSync(file, 'utf8').length, length, 'side effects go on');
  });

  test(`${label}: a worker is killed with -9: the next read decides its task, and the group that it led is gone`, async (t) => {
    const project = make(t);
    const { id, file, worker } = await working(project);
    process.kill(worker, 'SIGKILL');
    const lost = await status(project, id);
    assert.deepEqual([lost.status, lost.error?.code, lost.task_status.kind], ['failed', 'lost', 'lost']);
    const { length } = readFileSync(file, 'utf8');
    await until(() => project.processes().length === 0);
    assert.equal((await project.json<Doc>('background', 'wait', id)).exit, 3);
    assert.equal(readFileSync(file, 'utf8').length, length, 'side effects go on');
  });

  test(`${label}: a worker that is stopped lives: nothing is taken away from it`, async (t) => {
    const project = make(t);
    const { id, worker } = await working(project);
    await stopOutsideOfWrites(project.store, worker);
    try {
      assert.equal((await status(project, id)).status, 'running');
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    assert.equal((await project.json<Doc>('background', 'cancel', id, '--wait')).status, 'cancelled');
  });
}

const submit = (project: Project, recipe: string, input: object, ...more: string[]) =>
  project.json<Doc>('background', 'submit', '--recipe', recipe, '--input', JSON.stringify(input), ...more);
const status = (project: Project, id: string) => project.json<Doc>('background', 'status', id);

/** A task of `blocked`, whose child of its own writes to the file. */
async function working(project: Project): Promise<{ id: string; file: string; worker: number }> {
  const file = project.file('trace');
  const { task_id: id } = await submit(project, 'blocked', { file });
  await until(() => existsSync(file));
  return { id, file, worker: ((await status(project, id)).worker as { pid: number }).pid };
}

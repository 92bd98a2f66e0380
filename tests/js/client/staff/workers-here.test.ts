import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Client, makeClient, openVerbs, type WorkerMode } from '#offstage/client/index.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import { heard } from '../../../waiting.js';
import { deferred } from '../../worker/deferred.js';
import { keepAlive } from '../drive.js';
import { Project } from '../project.js';

async function clientOf(t: TestContext, project: Project, worker: WorkerMode): Promise<Client> {
  keepAlive(t);
  const verbs = await openVerbs({ cwd: project.folder, home: project.folder, env: project.env, worker });
  t.after(() => verbs.close());
  return makeClient(verbs);
}

const double = defineRecipe({ name: 'double', run: (input: { n: number }) => input.n * 2 });
const here = defineRecipe({ name: 'here', run: (_: undefined) => process.pid });

test('a recipe in code runs in this process, beside a detached worker for folders', async (t) => {
  const project = new Project(t);
  const client = await clientOf(t, project, 'detached');
  const first = await client.submit({ recipe: double, input: { n: 21 } });
  assert.equal(await first.wait(30), 42);
  assert.deepEqual(project.workers(), [], 'no other process was started for it');
  assert.equal(await (await client.submit({ recipe: here })).wait(30), process.pid, 'one that came later, too');
  assert.equal(await (await client.submit({ recipe: 'echo', input: { value: 1 } })).wait(30), 1);
  assert.equal(project.workers().length, 1);
  assert.equal(await (await client.retry(first.id)).wait(30), 42);
});

test("with worker: 'app' this process runs everything, from the first submit on", async (t) => {
  const project = new Project(t);
  const client = await clientOf(t, project, 'app');
  assert.equal(await (await client.submit({ recipe: 'echo', input: { value: 7 } })).wait(30), 7);
  assert.equal(await (await client.submit({ recipe: here })).wait(30), process.pid);
  assert.deepEqual(project.workers(), []);
});

test("with worker: 'none' nobody runs it until somebody works; work() runs what it is given only", async (t) => {
  const project = new Project(t);
  const client = await clientOf(t, project, 'none');
  const code = await client.submit({ recipe: double, input: { n: 1 } });
  const folder = await client.submit({ recipe: 'echo', input: { value: 1 } });
  await assert.rejects(code.wait(0.01), { code: 'wait_timeout' });
  const worker = await client.work({ recipes: [double], concurrency: 2 });
  assert.match(worker.id, /^worker_/);
  assert.equal(await code.wait(30), 2);
  const { taskStatus } = await folder.snapshot();
  assert.deepEqual([taskStatus.kind, taskStatus.nextAction], ['queued', 'worker'], 'folders are not its work');
  await worker.stop();
  await worker.done;
  const second = await client.work();
  assert.equal(await folder.wait(30), 1);
  const late = await client.submit({ recipe: double, input: { n: 1 } });
  assert.ok((await late.snapshot()).taskStatus.signals.includes('no_worker'));
  await second.stop();
  await assert.rejects(client.work({ recipes: [{ name: 'x' } as never] }), { code: 'invalid_argument' });
  await assert.rejects(client.work({ concurrency: 0 }), { message: /^concurrency: got 0/ });
});

test('a failure of code is its own: RecipeError with what it threw', async (t) => {
  const project = new Project(t);
  const client = await clientOf(t, project, 'detached');
  const mine = new TypeError('mine', { cause: Object.assign(new Error('behind it'), { code: 'E_X' }) });
  const bad = defineRecipe({
    name: 'bad',
    run: (_: undefined) => {
      throw mine;
    },
  });
  const handle = await client.submit({ recipe: bad });
  const error: Error = await handle.wait(30).then(
    () => assert.fail('it threw'),
    (thrown) => thrown,
  );
  assert.deepEqual([error.name, error.message], ['RecipeError', 'mine']);
  assert.equal(error.cause, mine, 'the very object');
  const { details } = (await handle.snapshot()).error as { details: { cause: { message: string; code: string } } };
  assert.deepEqual([details.cause.message, details.cause.code], ['behind it', 'E_X']);
  assert.equal(await (await client.submit({ recipe: double, input: { n: 2 } })).wait(30), 4);
});

test('cancel reaches code in this process at once; onComplete and onProgress come', async (t) => {
  const project = new Project(t);
  const client = await clientOf(t, project, 'detached');
  const waits = defineRecipe({
    name: 'waits-here',
    run: (_: undefined, ctx) => {
      ctx.progress(0.5, 'half');
      return heard(ctx.signal, 'abort');
    },
  });
  const progressed = deferred<unknown>();
  const ended = deferred<string>();
  const task = await client.submit({
    recipe: waits,
    onProgress: (...args) => progressed.resolve(args),
    onComplete: ({ status }) => ended.resolve(status),
  });
  assert.deepEqual(await progressed.promise, [0.5, 'half', undefined]);
  assert.equal(await task.cancel('enough', { stopped: true }), true);
  assert.equal(await ended.promise, 'cancelled');
});

test('whoever submits has the handle before the code begins that may block this thread', async (t) => {
  const client = await clientOf(t, new Project(t), 'app');
  const order: string[] = [];
  const code = defineRecipe({ name: 'begins-here', run: (n: number) => order.push(`code ${n}`) });
  await client.work({ recipes: [code] });
  await client.submit({ recipe: code, input: 0 }).then((first) => first.wait(30)); // it may have to see to workers first
  order.length = 0;
  for (const n of [1, 2]) {
    const task = await client.submit({ recipe: code, input: n });
    order.push(`handle ${n}`);
    await task.wait(30);
  }
  assert.deepEqual(order, ['handle 1', 'code 1', 'handle 2', 'code 2']);
});

test('closing the client stops its workers: what runs is lost by that shutdown, what waits stays', async (t) => {
  const project = new Project(t);
  const client = await clientOf(t, project, 'app');
  const started = deferred();
  const endless = defineRecipe({
    name: 'endless',
    run: (_: undefined, ctx) => {
      started.resolve();
      return heard(ctx.signal, 'abort');
    },
  });
  const running = await client.submit({ recipe: endless });
  await started.promise;
  const later = await client.submit({ recipe: endless, delay: 60 });
  await client.close();
  await assert.rejects(client.list(), { code: 'store', message: /is closed/ });
  const other = await clientOf(t, project, 'none');
  const task = await other.get(running.id);
  assert.deepEqual([task?.status, task?.error?.code], ['failed', 'lost']);
  assert.deepEqual(task?.error?.details, { reason: 'shutdown' });
  assert.equal((await other.get(later.id))?.status, 'pending');
});

test('an app that submitted, waited and did not close ends by itself; one whose task runs stays for it', async (t) => {
  const project = new Project(t);
  const script = project.file('app.mjs');
  writeFileSync(
    script,
    `import { defineRecipe, recipe } from ${JSON.stringify(import.meta.resolve('#offstage'))};
     const slow = defineRecipe({ name: 'slow', run: async (ms) => {
       await new Promise((resolve) => setTimeout(resolve, ms).unref());
       console.log('ran');
       return ms;
     } });
     console.log(await recipe.run(slow, { input: 1 }));
     await recipe.runBackground(slow, { input: 50, onComplete: () => console.log('told') });`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    cwd: project.folder,
    env: project.env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.deepEqual([status, stderr, stdout.split('\n').slice(0, 3)], [0, '', ['ran', '1', 'ran']]);
});

test('code of a process that died: lost for whoever asks, and retried by the next process that has it', async (t) => {
  const project = new Project(t);
  const script = project.file('dies.mjs');
  writeFileSync(
    script,
    `import { defineRecipe, recipe } from ${JSON.stringify(import.meta.resolve('#offstage'))};
     const double = defineRecipe({ name: 'double', run: () => new Promise(() => {
       console.log(task.id);
       setInterval(() => {}, 1000);
     }) });
     const task = await recipe.runBackground(double, { input: { n: 4 } });`,
  );
  const child = spawn(process.execPath, [script], {
    cwd: project.folder,
    env: project.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [id] = await heard(child.stdout.setEncoding('utf8'), 'data');
  child.kill('SIGKILL');
  await heard(child, 'close');
  const client = await clientOf(t, project, 'detached');
  const task = await client.get(String(id).trim());
  assert.deepEqual([task?.status, task?.error?.code], ['failed', 'lost']);
  const again = await client.retry(String(id).trim());
  assert.ok((await again.snapshot()).taskStatus.signals.includes('no_worker'), 'it was never defined here');
  await client.work({ recipes: [double] });
  assert.equal(await again.wait(30), 8);
});

/** Workers that live but do nothing: nobody runs their tasks a second time. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { heldRound } from '../torture/held.js';
import { heard } from '../waiting.js';
import { type Foreground, kill, Scene, said, TRACE, until } from './scene.js';

/** Writes that it works on, until it may end. */
const WORKS_ON = `${TRACE}
  export default async ({ folder }, ctx) => {
    line(folder + '/runs', ctx.attempt + ' ' + process.pid);
    const timer = setInterval(() => line(folder + '/beats', '.'), 5);
    await seen(folder + '/go');
    clearInterval(timer);
    line(folder + '/ends', ctx.attempt + '');
    return ctx.attempt;
  };`;

/** A task in one worker, under onLost retry, so that taking its worker for dead would run it in the other one. */
async function twoWorkers(t: TestContext, recipe: string) {
  const scene = new Scene(t);
  scene.project.addRecipe('works-on', WORKS_ON);
  const owner = await scene.worker('--concurrency', '1');
  const id = await scene.submit(recipe, '--no-worker', '--on-lost', 'retry');
  await scene.written('runs');
  return { scene, owner, id, other: await scene.worker('--concurrency', '1') };
}

/** Every look of the CLI decides what is due; the other worker has decided too when it has run something. */
async function everybodyLooks(scene: Scene, other: Foreground, id: string): Promise<void> {
  const echo = await scene.cli('submit', '--recipe', 'echo', '--no-worker', '--wait');
  assert.equal(echo.status, 'completed');
  assert.ok(said(other.cli).some((line) => line.event === 'finished' && line.task_id === echo.task_id));
  const waited = await scene.cli('wait', id, '--timeout', '1.2'); // decides once a second, as the other worker does
  assert.deepEqual([waited.status, waited.exit], ['running', 5]);
}

for (const childToo of [true, false]) {
  test(`a worker stopped by SIGSTOP${childToo ? ' with its child' : ', whose child works on,'} keeps its task, is overdue, and completes it`, async (t) => {
    const { scene, owner, id, other } = await twoWorkers(t, 'works-on');
    await scene.pause(owner.pid);
    if (childToo) await scene.pause(scene.runPid());
    assert.equal((await scene.status(id)).task_status.kind, 'running', 'its lease is not over');
    scene.endLease(owner.id);
    await everybodyLooks(scene, other, id);
    const overdue = await scene.status(id);
    assert.deepEqual(
      [overdue.status, overdue.task_status.kind, overdue.task_status.next_action, overdue.worker?.id],
      ['running', 'overdue', 'recover', owner.id],
    );
    if (!childToo) {
      await scene.written('beats', scene.lines('beats').length + 1);
      writeFileSync(scene.file('go'), '');
      await scene.written('ends');
      await everybodyLooks(scene, other, id); // it has ended, but nobody can be told
    }
    process.kill(owner.pid, 'SIGCONT');
    if (childToo) process.kill(scene.runPid(), 'SIGCONT');
    if (childToo) await until(() => scene.leaseOf(owner.id) > Date.now());
    writeFileSync(scene.file('go'), '');
    const done = await scene.cli('wait', id);
    assert.deepEqual([done.exit, done.result, done.attempt], [0, 1, 1]);
    assert.deepEqual([scene.lines('runs').length, scene.lines('ends')], [1, ['1']]);
    const { events } = scene.stored(id);
    assert.deepEqual(
      events.filter((kind) => ['started', 'lease_lost', 'completed'].includes(kind)),
      ['started', 'completed'],
    );
  });
}

test('a new worker is started for others while the only one is stopped; its own task stays its own', async (t) => {
  const scene = new Scene(t);
  const first = await scene.submit('counted', '--on-lost', 'retry');
  await scene.written('runs');
  const owner = (await scene.status(first)).worker as { id: string; pid: number };
  await scene.pause(owner.pid);
  scene.endLease(owner.id);
  const second = await scene.cli('submit', '--recipe', 'echo', '--wait');
  assert.deepEqual([second.status, second.exit], ['completed', 0]);
  assert.equal(scene.project.workers().length, 2);
  process.kill(owner.pid, 'SIGCONT');
  writeFileSync(scene.file('go'), '');
  assert.equal((await scene.cli('wait', first)).result, 1);
  assert.equal(scene.lines('runs').length, 1);
});

/** An app that works for the store, and blocks its thread when it is told to. */
const APP = (module: string) => `import { existsSync, writeFileSync } from 'node:fs';
  import { defineRecipe, openBackground } from ${JSON.stringify(module)};
  const [folder, mine] = process.argv.slice(2);
  const block = (file) => { while (!existsSync(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); };
  const code = defineRecipe({ name: 'blocks', run: (input, ctx) => {
    writeFileSync(folder + '/in-' + mine, ctx.attempt + '', { flag: 'a' });
    block(folder + '/go');
    return mine;
  } });
  const client = await openBackground(folder + '/.offstage/tasks.db', { worker: 'none' });
  const worker = await client.work({ recipes: [code], folders: true, concurrency: 2 });
  process.on('message', async (told) => {
    if (told === 'submit') process.send((await client.submit({ recipe: code, onLost: 'retry' })).id);
    if (told === 'block') { process.send('blocked'); block(folder + '/unblock'); }
  });
  process.send(worker.id);`;

/** Starts the app; answers with how to talk to it. */
async function app(t: TestContext, scene: Scene, mine: string) {
  const file = scene.file('app.mjs');
  writeFileSync(file, APP(import.meta.resolve('#offstage/index.js')));
  const child = spawn(process.execPath, [file, scene.folder, mine], {
    cwd: scene.folder,
    env: scene.project.env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  t.after(() => kill(child.pid as number));
  const said = async (): Promise<string> => String((await heard(child, 'message'))[0]);
  const ask = (text: string): Promise<string> => {
    const answer = said();
    child.send(text);
    return answer;
  };
  return { id: await said(), ask };
}

test('an app whose thread is blocked, by its own recipe in code, renews its lease; another app with the recipe leaves the task alone', async (t) => {
  const scene = new Scene(t);
  const one = await app(t, scene, 'one');
  const id = await one.ask('submit');
  await until(() => existsSync(scene.file('in-one')));
  await app(t, scene, 'two');
  scene.endLease(one.id);
  const looked = await scene.cli('wait', id, '--timeout', '1.2');
  assert.deepEqual([looked.status, looked.worker?.id], ['running', one.id]);
  await until(() => scene.leaseOf(one.id) > Date.now()); // by the store's thread, as the app's own is blocked
  assert.equal((await scene.status(id)).task_status.kind, 'running');
  writeFileSync(scene.file('go'), '');
  const done = await scene.cli('wait', id);
  assert.deepEqual([done.exit, done.result, done.attempt], [0, 'one', 1]);
  assert.equal(existsSync(scene.file('in-two')), false);
});

test('an app that blocks its thread while a child process of its runs a folder: the task is run once, and completes', async (t) => {
  const scene = new Scene(t);
  const owner = await app(t, scene, 'one');
  const id = await scene.submit('counted', '--no-worker', '--on-lost', 'retry');
  await scene.written('runs');
  assert.equal(await owner.ask('block'), 'blocked');
  const other = await scene.worker('--concurrency', '1');
  scene.endLease(owner.id);
  await everybodyLooks(scene, other, id);
  writeFileSync(scene.file('go'), '');
  await until(() => scene.leaseOf(owner.id) > Date.now());
  await everybodyLooks(scene, other, id); // its child is done, but its worker cannot hear that
  writeFileSync(scene.file('unblock'), '');
  const done = await scene.cli('wait', id);
  assert.deepEqual([done.exit, done.result, done.worker?.id ?? owner.id], [0, 1, owner.id]);
  assert.equal(scene.lines('runs').length, 1);
});

test('a worker stopped inside of a write transaction: reads answer beside it, a write waits, and nothing is run twice', async (t) => {
  const took = await heldRound(t, 6);
  t.diagnostic(JSON.stringify(took));
  for (const [what, ms] of Object.entries(took)) assert.ok(ms < 15_000, `${what} took ${ms} ms`);
});

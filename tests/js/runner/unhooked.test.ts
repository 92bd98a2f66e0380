/**
 * Async contexts in a process where nobody has used them before, which that of `node --test` is not: what the first one sets,
 * wherever that is, is seen where it belongs and nowhere else.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ROOT } from '../root.ts';

const SCENE = `
import { AsyncLocalStorage } from 'node:async_hooks';
import { BackgroundRunner } from '#offstage';
import { inUse } from '#offstage/platform/scope.js';
const request = new AsyncLocalStorage();
const own = () => request.getStore() ?? 'none';
const runner = new BackgroundRunner({ maxConcurrentTasks: 2 });
const results = (tasks) => Promise.all(tasks.map((task) => task.wait()));
const before = inUse();
`;

/** What the end of a scene prints. */
function seen(script: string): unknown {
  const ran = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `${SCENE}${script}\nawait runner.stop();\nprocess.exitCode = 0;`],
    { cwd: ROOT, encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(ran.status, 0, ran.stderr);
  return JSON.parse(ran.stdout);
}

const print = (what: string): string => `console.log(JSON.stringify(${what}));`;

/** Frames are always there, hooks only once they are on. */
const hasFrames = Number.parseInt(process.versions.node, 10) >= 24;

test('tasks of a process without contexts use none', () => {
  const told = seen(`
    const told = await results([runner.submit(() => 1), runner.submit(async () => own()), runner.submit(own, { args: [] })]);
    ${print('[before, told, inUse()]')}`);
  assert.deepEqual(told, [hasFrames, [1, 'none', 'none'], hasFrames]);
});

for (const [how, set] of Object.entries({
  'at once': `() => { request.enterWith('mine'); }`,
  'at once, as an async function': `async () => { request.enterWith('mine'); await null; return own(); }`,
  'after a microtask': `async () => { await null; request.enterWith('mine'); await null; return own(); }`,
  'after a timer': `async () => {
    await new Promise((done) => setImmediate(done)); request.enterWith('mine'); await null; return own(); }`,
  'and throws': `() => { request.enterWith('mine'); throw new Error('as it is told'); }`,
})) {
  test(`what the first one sets ${how} is seen by no other task`, () => {
    const told = seen(`
      const set = ${set};
      const rest = Array.from({ length: 4 }, (_, index) => [own, async () => own(), async () => (await null, own())][index % 3]);
      const first = rest.map((one) => runner.submit(one));
      const sets = runner.submit(set);
      const later = rest.map((one) => runner.submit(one));
      const mine = await sets.wait().catch(({ cause }) => cause.message);
      const told = await results([...first, ...later]);
      ${print('[mine ?? null, told, own(), inUse()]')}`);
    const [mine, others, submitter, used] = told as unknown[];
    assert.equal(mine, how === 'at once' ? null : how === 'and throws' ? 'as it is told' : 'mine');
    assert.deepEqual(others, new Array(8).fill('none'));
    // What is set by code that goes on after a wait Node itself shows to all, where hooks are on only since then.
    if (!how.startsWith('after') || hasFrames) assert.equal(submitter, 'none');
    assert.equal(used, true);
  });
}

test('what the app sets first is that of its later tasks, and stays its own', () => {
  const told = seen(`
    const early = runner.submit(own);
    const run = request.run('run', () => runner.submit(async () => (await null, own())));
    request.enterWith('app');
    const late = [runner.submit(own), runner.submit(async () => (await null, own()))];
    const told = await results([early, run, ...late]);
    ${print('[told, own()]')}`);
  assert.deepEqual(told, [['none', 'run', 'app', 'app'], 'app']);
});

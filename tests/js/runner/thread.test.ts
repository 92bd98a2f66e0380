import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BackgroundRunner, isTaskError, type RunnerTaskHandle, type TaskFailedError } from '#offstage';
import { heard } from '../../waiting.js';
import { ROOT } from '../root.ts';
import { held, memory, open, started } from './shared.js';
import { BEATS, STARTED } from './thread-module.js';
import { virtual } from './virtual.js';

const MODULE = new URL('./thread-module.js', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'offstage-thread-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Told {
  args: unknown[];
  calls: number;
  threadId: number;
}

async function failure(task: RunnerTaskHandle): Promise<TaskFailedError> {
  const error = await held(task.wait()).then(
    () => assert.fail('it did not fail'),
    (thrown: unknown) => thrown,
  );
  assert.ok(isTaskError(error));
  return error;
}

/** A runner that is stopped after the work, whatever comes of it. */
async function withRunner<T>(
  work: (runner: BackgroundRunner) => Promise<T>,
  options: ConstructorParameters<typeof BackgroundRunner>[0] = {},
): Promise<T> {
  await using runner = new BackgroundRunner(options);
  return await work(runner);
}

test('a thread calls the default export with the arguments, and is used again', () =>
  withRunner(async (runner) => {
    const first = await runner.submitThread<Told>(MODULE, ['tell', 1, { a: [new Date(0)] }]).wait();
    assert.deepEqual(first.args, [1, { a: [new Date(0)] }]);
    assert.notEqual(first.threadId, 0);
    const second = await runner.submitThread<Told>(fileURLToPath(MODULE), ['tell']).wait();
    assert.deepEqual([second.args, second.calls, second.threadId], [[], 2, first.threadId]);
    assert.equal(await runner.submitThread(MODULE, ['undefined']).wait(), undefined);
    assert.deepEqual(await runner.submitThread(MODULE.href, ['bytes']).wait(), new Uint8Array([1, 2, 3]));
    const path = `./${relative(process.cwd(), fileURLToPath(MODULE))}`;
    assert.deepEqual((await runner.submitThread<Told>(path, ['tell', 'x']).wait()).args, ['x']);
  }));

test('the task says what was called; the arguments are taken as they are at the submit', () =>
  withRunner(async (runner) => {
    const given = { value: 'before' };
    const task = runner.submitThread<Told>(MODULE, ['tell', given]);
    given.value = 'after';
    assert.deepEqual((await task.wait()).args, [{ value: 'before' }]);
    const { name, input, config, status } = await task.snapshot();
    assert.deepEqual(
      [name, input, config],
      ['thread-module.js', ['tell', { value: 'before' }], { module: MODULE.href }],
    );
    assert.equal(status, 'completed');
    assert.equal(runner.submitThread(MODULE, [], { name: 'mine' }).name, 'mine');
  }));

test('what cannot be run is refused at once, and nothing is submitted', () =>
  withRunner(async (runner) => {
    const refused = (message: RegExp, ...call: unknown[]) =>
      assert.throws(() => (runner.submitThread as (...all: unknown[]) => unknown)(...call), {
        name: 'InvalidArgumentError',
        message,
      });
    refused(/^module: got "lodash", expected a file: URL, or a path/, 'lodash');
    refused(/^module: got "node:fs"/, 'node:fs');
    refused(/^module: got "https:\/\/example\.org\/x\.js"/, new URL('https://example.org/x.js'));
    refused(/^module: got undefined/, undefined);
    refused(/^args: got "x", expected an array/, MODULE, 'x');
    refused(/^args: cannot be copied to a thread: .*could not be cloned/, MODULE, [() => 1]);
    refused(/^input: got 1, expected nothing/, MODULE, [], { input: 1 });
    refused(/^unknown option 'sesionId'/, MODULE, [], { sesionId: 'x' });
    refused(/^options: got null/, MODULE, [], null);
    assert.equal(runner.summary().total, 0);
  }));

test('errors arrive with name, message, code, stack and cause', () =>
  withRunner(async (runner) => {
    const error = await failure(runner.submitThread(MODULE, ['throwError']));
    assert.deepEqual([error.name, error.code, error.message], ['TaskFailedError', 'failed', 'out of range']);
    const cause = error.cause as Error & { code: string };
    assert.ok(cause instanceof Error);
    assert.deepEqual([cause.name, cause.message, cause.code], ['RangeError', 'out of range', 'E_RANGE']);
    assert.match(cause.stack ?? '', /thread-module\.js/);
    assert.deepEqual([(cause.cause as Error).name, (cause.cause as Error).message], ['TypeError', 'the reason']);
    const own = (await failure(runner.submitThread(MODULE, ['throwOwn']))).cause as Error;
    assert.deepEqual([own.name, own.message], ['QuotaError', 'no quota left']);
    assert.equal((await failure(runner.submitThread(MODULE, ['throwUndefined']))).message, 'undefined was thrown');
  }));

test('a module that is not there, or has no function, fails the task', () =>
  withRunner(async (runner) => {
    const missing = await failure(runner.submitThread(join(folder, 'missing.mjs')));
    assert.equal((missing.cause as { code?: string }).code, 'ERR_MODULE_NOT_FOUND');
    writeFileSync(join(folder, 'none.mjs'), 'export const run = () => 1;');
    const none = await failure(runner.submitThread(join(folder, 'none.mjs')));
    assert.match(none.message, /^the default export of file:.*none\.mjs is not a function$/);
  }));

test('a result that cannot be copied fails the task and not its thread', () =>
  withRunner(async (runner) => {
    const { threadId } = await runner.submitThread<Told>(MODULE, ['tell']).wait();
    const error = await failure(runner.submitThread(MODULE, ['uncopied'], { retries: 3 }));
    assert.match(error.message, /^result: cannot be copied from a thread: .*could not be cloned/);
    assert.equal((error.cause as { code?: string }).code, 'unserializable');
    assert.equal((await runner.submitThread<Told>(MODULE, ['tell']).wait()).threadId, threadId);
  }));

test('a thread that exits fails its task, and the next task has another', () =>
  withRunner(async (runner) => {
    assert.match((await failure(runner.submitThread(MODULE, ['exit']))).message, /exited with code: 3/);
    assert.equal((await runner.submitThread<Told>(MODULE, ['tell']).wait()).calls, 1);
  }));

test('what a finished call left behind is a warning, and neither ends the process nor fails a task', () =>
  withRunner(async (runner) => {
    const shared = memory();
    assert.equal(await runner.submitThread(MODULE, ['late', shared]).wait(), 'in time');
    const warned = heard(process, 'warning');
    open(shared);
    const [warning] = (await held(warned)) as [Error & { code: string }];
    assert.deepEqual(
      [warning.code, warning.message],
      ['OFFSTAGE_THREAD', 'in a thread that had returned its result: too late to matter'],
    );
    assert.equal((await runner.submitThread<Told>(MODULE, ['tell']).wait()).calls, 1);
  }));

test('retries run the call again, unless the error says that it is of no use', () =>
  withRunner(async (runner) => {
    const options = { retries: 3, backoff: { initial: 0.001, max: 0.001 } };
    const task = runner.submitThread(MODULE, ['flaky', memory(), 2], options);
    assert.equal(await task.wait(), 'at last');
    assert.equal((await task.snapshot()).attempt, 3);
    const shared = memory();
    await failure(runner.submitThread(MODULE, ['throwFinal', shared], options));
    assert.equal(Atomics.load(shared, STARTED), 1);
  }));

test('a cancel ends the thread at once, however busy it is, and its slot is free', () =>
  withRunner(
    async (runner) => {
      const shared = memory();
      const task = runner.submitThread(MODULE, ['spin', shared]);
      await started(shared, 1);
      assert.equal(await task.cancel('enough', { stopped: true }), true);
      const beats = Atomics.load(shared, BEATS);
      assert.ok(beats > 0);
      assert.equal(await task.status(), 'cancelled');
      assert.deepEqual((await runner.submitThread<Told>(MODULE, ['tell', 2]).wait()).args, [2]);
      assert.equal(Atomics.load(shared, BEATS), beats, 'it ran on');
      assert.equal(runner.summary().abandoned, 0, 'nothing was given up');
    },
    { maxConcurrent: 1, killGrace: 3600 },
  ));

test('a timeout ends the thread by the clock of its own run', async () => {
  const { runner, clock } = virtual({ maxConcurrent: 1, killGrace: 3600 });
  const shared = memory();
  const task = runner.submitThread(MODULE, ['spin', shared], { timeout: 30 });
  await started(shared, 1);
  await clock.advance(30_000);
  const error = await failure(task);
  assert.deepEqual([error.code, error.message], ['timeout', 'timed out after 30s']);
  assert.equal((await held(runner.submitThread<Told>(MODULE, ['tell']).wait())).calls, 1);
  const beats = Atomics.load(shared, BEATS);
  await held(runner.stop());
  assert.equal(Atomics.load(shared, BEATS), beats);
  assert.equal(runner.summary().abandoned, 0);
});

test('a cancel before the thread has begun ends neither the thread nor the next task', () =>
  withRunner(
    async (runner) => {
      const shared = memory();
      const cold = runner.submitThread(MODULE, ['spin', shared]);
      runner.on('started', () => void cold.cancel());
      await assert.rejects(cold.wait(), { code: 'cancelled' });
      assert.deepEqual((await runner.submitThread<Told>(MODULE, ['tell', 1]).wait(30)).args, [1]);
      assert.equal(Atomics.load(shared, STARTED), 0);
    },
    { maxConcurrent: 1 },
  ));

test('a signal shared by many calls keeps no listener of theirs', () =>
  withRunner(async (runner) => {
    const { signal } = new AbortController();
    const tasks = Array.from({ length: 20 }, (_, n) => runner.submitThread<Told>(MODULE, ['tell', n], { signal }));
    assert.equal(getEventListeners(signal, 'abort').length, 1, 'one for all of them');
    const results = await Promise.all(tasks.map((task) => task.wait()));
    assert.deepEqual(
      results.map(({ args }) => args[0]),
      [...tasks.keys()],
    );
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  }));

test('stop ends the threads, and an idle one keeps no process alive', () => {
  const script = (tail: string) => `
    import { BackgroundRunner } from ${JSON.stringify(pathToFileURL(join(ROOT, 'dist', 'index.js')).href)};
    const runner = new BackgroundRunner();
    const { threadId } = await runner.submitThread(${JSON.stringify(MODULE.href)}, ['tell']).wait();
    ${tail}
    console.log(threadId > 0);`;
  const run = (tail: string) => {
    const begun = performance.now();
    const args = ['--input-type=module', '-e', script(tail)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
    assert.deepEqual([status, stdout, stderr], [0, 'true\n', '']);
    return performance.now() - begun;
  };
  assert.ok(run('') < 9_000, 'it waited for the idle thread');
  run(`await runner.stop();
    const left = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker');
    if (left.length > 0) throw new Error(left.join());`);
});

/** Tests of apps, by Jest and Vitest, with the package as it is and under their fake timers. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { Home, MANIFEST, RECIPE, tool } from './home.ts';

/** The same tests for both; \`fakes\` is what drives fake timers there. */
const suite = (head: string, fakes: string): string => `${head}
import { BackgroundRunner, ConflictError, defineRecipe, isTaskError, openBackground, TaskError, TaskFailedError } from 'offstage';

describe('real time', () => {
  test('functions, errors and classes', async () => {
    const runner = new BackgroundRunner();
    expect(await runner.submit(async () => 42).wait()).toBe(42);
    const cause = new TypeError('bad');
    const error = await runner.submit(() => { throw cause; }).wait().catch((error) => error);
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toBeInstanceOf(TaskError);
    expect(error).toBeInstanceOf(Error);
    expect(isTaskError(error)).toBe(true);
    expect(error.cause).toBe(cause);
    await expect(runner.submit(() => Promise.reject(cause)).wait()).rejects.toThrow('bad');
    expect(() => runner.submit(() => 1, { retries: -1 })).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    await runner.stop();
    expect(() => runner.submit(() => 1)).toThrow(ConflictError);
  });

  test('abort signals, threads of the store, recipes in code and in folders', async () => {
    const client = await openBackground();
    const double = defineRecipe({ name: 'double', run: async ({ n }, ctx) => ctx.step('once', () => n * 2) });
    const tasks = [
      await client.submit({ recipe: double, input: { n: 21 } }),
      await client.submit({ recipe: 'echo', input: { a: 1 } }),
    ];
    const [code, folder] = await Promise.all(tasks.map((task) => task.wait(60)));
    expect(code).toBe(42);
    expect(folder).toMatchObject({ a: 1 });
    const stop = new AbortController();
    const cancelled = await client.submit({ recipe: double, input: { n: 1 }, delay: 60, signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(cancelled.wait(30)).rejects.toMatchObject({ code: 'cancelled' });
    await client.close();
  });
});

describe('fake timers', () => {
  let runner;
  beforeEach(() => { ${fakes}.useFakeTimers(); runner = new BackgroundRunner(); });
  afterEach(async () => { ${fakes}.useRealTimers(); await runner.stop(); });

  test('what needs no time needs none', async () => {
    expect(await runner.submit(async () => 42).wait()).toBe(42);
  });

  test('a delay', async () => {
    const task = runner.submit(() => 'ran', { delay: 3600 });
    await ${fakes}.advanceTimersByTimeAsync(3_599_000);
    expect(await task.status()).toBe('pending');
    await ${fakes}.advanceTimersByTimeAsync(2_000);
    expect(await task.wait()).toBe('ran');
  });

  test('a timeout, and backoff', async () => {
    let starts = 0;
    const late = runner.submit(({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))), { timeout: 600 });
    const flaky = runner.submit(() => { starts += 1; throw new Error('not yet'); }, { retries: 2, backoff: { initial: 60, factor: 2, jitter: 0 } });
    late.wait().catch(() => {});
    await ${fakes}.advanceTimersByTimeAsync(59_000);
    expect(starts).toBe(1);
    await ${fakes}.advanceTimersByTimeAsync(2_000);
    expect(starts).toBe(2);
    await ${fakes}.advanceTimersByTimeAsync(121_000);
    expect(starts).toBe(3);
    expect(await flaky.status()).toBe('failed');
    await ${fakes}.advanceTimersByTimeAsync(600_000);
    await expect(late.wait()).rejects.toMatchObject({ code: 'timeout' });
  });

  test('a moment of the fake Date', async () => {
    ${fakes}.setSystemTime(new Date('2030-01-01T00:00:00Z'));
    const task = runner.submit(() => new Date().toISOString().slice(0, 16), { runAt: new Date('2030-01-01T00:10:00Z') });
    await ${fakes}.advanceTimersByTimeAsync(601_000);
    expect(await task.wait()).toBe('2030-01-01T00:10');
  });

  test('all timers at once come to an end', async () => {
    const task = runner.submit(() => 'ran', { delay: 7200 });
    await ${fakes}.advanceTimersByTimeAsync(7_300_000);
    expect(await task.wait()).toBe('ran');
    await ${fakes}.runOnlyPendingTimersAsync();
  });

  test('what was begun under them goes on after them', async () => {
    const task = runner.submit(({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))), { timeout: 0.05 });
    await Promise.resolve();
    ${fakes}.useRealTimers();
    await expect(task.wait()).rejects.toMatchObject({ code: 'timeout' });
    expect(await runner.submit(() => 'real', { delay: 0.01 }).wait()).toBe('real');
  });

  test('a store is asked as ever', async () => {
    const client = await openBackground();
    const double = defineRecipe({ name: 'double', run: ({ n }) => n * 2 });
    const task = await client.submit({ recipe: double, input: { n: 21 } });
    expect(await task.wait()).toBe(42);
    await client.close();
  });
});
`;

/** A project with these tests; the framework is in the cache and found from there. */
function project(t: ConstructorParameters<typeof Home>[0], file: string, text: string): Home {
  const home = new Home(t, { 'package.json': MANIFEST, [file]: text, ...RECIPE });
  home.install();
  return home;
}

for (const [what, options] of Object.entries({
  'real timers by default': {},
  'fake timers everywhere': { fakeTimers: { enableGlobally: true } },
})) {
  test(`Jest, ${what}: all of it works, and nothing is left open`, (t) => {
    const head = `import { jest, describe, test, expect, beforeEach, afterEach, beforeAll } from '@jest/globals';
      beforeAll(() => { jest.useRealTimers(); });`;
    const home = project(t, 'app.test.mjs', suite(head, 'jest'));
    const bin = tool(['jest@30'], 'jest/bin/jest.js');
    home.write({
      'jest.config.mjs': `export default ${JSON.stringify({
        testMatch: ['**/*.test.mjs'],
        testTimeout: 60_000,
        transform: {},
        moduleDirectories: ['node_modules', dirname(dirname(dirname(bin)))],
        ...options,
      })};`,
    });
    const args = ['--experimental-vm-modules', bin, '--runInBand', '--detectOpenHandles'];
    const { code, stdout, stderr } = home.run('node', args);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(stderr, /Tests:\s+9 passed, 9 total/);
    assert.ok(!/did not exit|open handle|failed to exit/.test(stderr), stderr);
  });
}

for (const pool of ['threads', 'forks', 'vmThreads']) {
  test(`Vitest, ${pool}: all of it works, and nothing is left open`, (t) => {
    const head = `import { vi, describe, test, expect, beforeEach, afterEach } from 'vitest';`;
    const home = project(t, 'app.test.mjs', suite(head, 'vi'));
    const main = tool(['vitest@4', 'vite@7'], 'vitest/vitest.mjs');
    const modules = dirname(dirname(main));
    home.write({
      'vitest.config.mjs': `export default { resolve: { alias: { vitest: ${JSON.stringify(`${modules}/vitest`)} } }, server: { fs: { strict: false } }, test: { testTimeout: 60_000 } };`,
    });
    const { code, stdout, stderr } = home.run('node', [main, 'run', '--pool', pool, '--no-color']);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /Tests\s+9 passed \(9\)/);
    assert.ok(!/hanging|close timed out|Unhandled/.test(stdout + stderr), `${stdout}\n${stderr}`);
  });
}

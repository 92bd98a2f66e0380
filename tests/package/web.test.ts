/** offstage/runner in a browser: bundled out of the packed package, and run where there is nothing of Node's. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import * as node from '#offstage/platform/node.js';
import * as web from '#offstage/platform/web.js';
import { heard } from '../waiting.ts';
import { read, unpacked } from './unpacked.ts';
import { type Bundled, bundleForWeb } from './web/bundle.ts';

let bundled: Bundled;
before(async () => {
  bundled = await bundleForWeb(unpacked, './runner');
});

/** What a script answers in a page that has the bundle, and what it has warned of. */
async function inPage(script: string): Promise<{ seen: unknown; warnings: string[] }> {
  const page = new Worker(new URL('./web/page.js', import.meta.url), { workerData: { bundle: bundled.code, script } });
  try {
    const [answer] = await heard(page, 'message', { what: 'the answer of the page' });
    return JSON.parse(answer as string);
  } finally {
    await page.terminate();
  }
}

test('nothing of Node is imported, at once or later; the main entry is refused so', async () => {
  const own = bundled.files.map((file) => relative(unpacked, file)).filter((file) => !file.startsWith('..'));
  assert.ok(own.includes('platform/web.js') && own.length > 60, own.join(' '));
  assert.deepEqual(
    own.filter((file) => /^(store|client|worker|cli|reap|program)\/|^platform\/(node|package|threads)/.test(file)),
    [],
  );
  await assert.rejects(bundleForWeb(unpacked, '.'), /imports node:/);
});

/** What is called, or read, that only Node has. Texts and comments say what they like. */
function namesOfNode(file: string): string[] {
  const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$|(['"`])(?:\\.|(?!\1)[^\\])*\1/gm, '');
  return code.match(/\b(?:process|Buffer|setImmediate|require|__dirname|__filename)\b(?=[.(])/g) ?? [];
}

test('nothing of Node is named in what is bundled', () => {
  const own = bundled.files.filter((file) => !file.includes('node_modules'));
  assert.deepEqual(
    own.flatMap((file) => namesOfNode(file).map((name) => `${relative(unpacked, file)}: ${name}`)),
    [],
  );
  assert.deepEqual(namesOfNode(join(unpacked, 'platform/node.js')), ['process']);
});

test('the two platforms have the same names, of the same types', () => {
  const same: Omit<typeof node, 'needThreads'> = web; // what is refused there is no less of a function
  assert.deepEqual(Object.keys(same).sort(), Object.keys(node).sort());
});

test('a task is submitted, awaited, followed, and cancelled; another one runs out of time', async () => {
  const { seen } = await inPage(`
    const runner = new offstage.BackgroundRunner({ maxConcurrentTasks: 2, killGrace: 0.01 });
    const events = [];
    runner.on('progress', ({ data }) => events.push(data.fraction));
    const sum = await runner.submit(({ progress, input }) => {
      progress(0.5);
      return input[0] + input[1];
    }, { input: [40, 2] }).wait();
    const begun = Promise.withResolvers?.() ?? (() => {
      const made = {};
      made.promise = new Promise((resolve) => { made.resolve = resolve; });
      return made;
    })();
    const long = runner.submit(({ signal }) => {
      begun.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await begun.promise;
    const cancelled = await long.cancel('enough');
    const refused = await long.wait().catch((error) => [error.name, error.code, error.message.replace(/^task task_[0-9a-f]{32} /, 'it ')]);
    const late = await runner.submit(() => new Promise(() => {}), { timeout: 0.02 }).wait().catch(({ code }) => code);
    const many = await Promise.all(Array.from({ length: 500 }, (_, at) => runner.submit(() => at).wait()));
    let tries = 0;
    const again = await runner.submit(() => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return tries;
    }, { retries: 2, backoff: { initial: 0.01 } }).wait();
    await runner.stop();
    return [sum, events, cancelled, await long.status(), refused, late, many.length, again, runner.summary().completed];`);
  assert.deepEqual(seen, [
    42,
    [0.5],
    true,
    'cancelled',
    ['TaskCancelledError', 'cancelled', 'it was cancelled: enough'],
    'timeout',
    500,
    3,
    502,
  ]);
});

test('a recipe in code, and a question whose answer has a schema', async () => {
  const { seen } = await inPage(`
    const runner = new offstage.BackgroundRunner();
    const double = offstage.defineRecipe({ name: 'double', run: (input, ctx) => ctx.step('x', () => input * 2) });
    const doubled = await runner.submit(double, { input: 21 }).wait();
    const asks = runner.submit(({ requestInput }) =>
      requestInput({ key: 'age', message: 'How old?', schema: { type: 'number' } }).then(({ content }) => content));
    for await (const { kind } of asks.events({ follow: true })) if (kind === 'input_requested') break;
    const wrong = await asks.respond('age', { action: 'accept', content: 'old' }).catch(({ code }) => code);
    await asks.respond('age', { action: 'accept', content: 7 });
    return [doubled, wrong, await asks.wait()];`);
  assert.deepEqual(seen, [42, 'invalid_argument', 7]);
});

test('threads are refused with a typed error, and warnings go to the console', async () => {
  const { seen, warnings } = await inPage(`
    const runner = new offstage.BackgroundRunner();
    let refused;
    try {
      runner.submitThread('./module.js');
    } catch (error) {
      refused = [error instanceof offstage.RecipePolicyError, error.code, error.details];
    }
    await runner.submit(() => 1, { timeout: 100_000 }).wait();
    return [refused, runner.tasks.length];`);
  assert.deepEqual(seen, [[true, 'policy_denied', { reason: 'platform', platform: 'web' }], 1]);
  assert.deepEqual(warnings, [
    '[OFFSTAGE_SECONDS] timeout is 100000 seconds, more than a day; were milliseconds meant?',
  ]);
});

test('what a page loads is no larger than the documentation says', (t) => {
  const sizes = [bundled.code.length, gzipSync(bundled.code, { level: 9 }).length].map((bytes) => bytes / 1000);
  t.diagnostic(`${sizes[0]} KB, gzipped ${sizes[1]} KB, not minified`);
  const [, documented = ''] = /a page loads (\d+) KB/.exec(read('docs/BUNDLING.md')) ?? [];
  assert.ok(
    Number(documented) > 0 && (sizes[1] ?? 0) <= Number(documented),
    `${sizes[1]} KB, ${documented} documented`,
  );
});

test('in Node it is the same classes as those of the main entry, and knows of no store', async () => {
  const from = (file: string) => import(pathToFileURL(join(unpacked, file)).href);
  const [runner, main] = [await from('runner.js'), await from('index.js')];
  for (const [name, value] of Object.entries(runner)) assert.equal(main[name], value, name);
  assert.ok(!('openBackground' in runner) && 'BackgroundRunner' in runner);
});

/** This project: a full record, an id and a timeout of 300 s armed for every task, as it comes. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const storage = new AsyncLocalStorage();
const build = process.env.OFFSTAGE_BENCH_BUILD;
const specifier = pathToFileURL(
  build === undefined ? fileURLToPath(new URL('../../dist/index.js', import.meta.url)) : resolve(build, 'index.js'),
).href;

async function open(options) {
  const { BackgroundRunner } = await import(specifier);
  if (BackgroundRunner === undefined)
    throw new Error(`${specifier} has no BackgroundRunner; run "npm run build" first`);
  return new BackgroundRunner(options);
}

async function drain(fn, n, _kind, options) {
  const runner = await open({ maxConcurrentTasks: 5 });
  for (let at = 0; at < n; at++) runner.submit(fn, options);
  await runner.waitAll();
  return () => runner.stop();
}

export const peer = {
  id: 'offstage',
  open,
  title: 'offstage',
  specifier,
  first: 'new module.BackgroundRunner({ maxConcurrentTasks: 5 }).submit(() => 1).wait()',
  kinds: ['sync', 'async'],
  cancels: ['all', 'each'],
  drain,
  deadlines: (fn, n, kind) => drain(fn, n, kind, { timeout: 60 }),
  async inContext(fn, n, how) {
    const runner = await open({ maxConcurrentTasks: 5, ...(how === 'off' ? { context: false } : {}) });
    const submit = () => {
      for (let at = 0; at < n; at++) runner.submit(fn);
    };
    if (how === 'set') storage.run({ id: 1 }, submit);
    else submit();
    await runner.waitAll();
    return () => runner.stop();
  },
  async each(fn, n) {
    const runner = await open({ maxConcurrentTasks: 5 });
    const handles = new Array(n);
    for (let at = 0; at < n; at++) handles[at] = runner.submit(fn);
    await Promise.all(handles.map((handle) => handle.wait()));
    return () => runner.stop();
  },
  async hold(fn) {
    const runner = await open({ maxConcurrentTasks: 5 });
    runner.pause();
    return {
      add: () => runner.submit(fn),
      cancel: (handle) => handle.cancel(),
      cancelAll: () => runner.cancelAll(),
      async close() {
        await runner.cancelAll();
        await runner.stop();
      },
    };
  },
};

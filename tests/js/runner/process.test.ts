/** What a runner means for the process it is in. Each script is a process of its own and must end by itself. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { ROOT } from '../root.ts';

interface Ended {
  code: number | null;
  signal: string | null;
  out: string;
  err: string;
}

/** Runs a module that has `BackgroundRunner` and `sleep` at hand. It is killed after a minute. */
function run(script: string, flags: string[] = []): Promise<Ended> {
  const source = `
    import { BackgroundRunner } from '#offstage';
    import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
    const say = (...what) => process.stdout.write(what.join(' ') + '\\n');
    ${script}`;
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', source], {
    cwd: ROOT,
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}

async function says(script: string, expected: string, flags?: string[]): Promise<void> {
  assert.deepEqual(await run(script, flags), { code: 0, signal: null, out: expected, err: '' });
}

test('an idle runner does not keep the process, neither fresh nor after its tasks have ended', async () => {
  await says(`const runner = new BackgroundRunner(); say('end');`, 'end\n');
  await says(
    `const runner = new BackgroundRunner();
     await runner.submit(() => 1).wait();
     await runner.submit(() => Promise.reject(new Error('x')), { retries: 1, backoff: { initial: 0 } }).wait().catch(() => {});
     runner.pause();
     runner.on('completed', () => {});
     runner.events().next();
     say('end');`,
    'end\n',
  );
});

test('a live task keeps the process: delayed, waiting for a slot, running with nothing else going on', async () => {
  await says(
    `const runner = new BackgroundRunner({ maxConcurrentTasks: 1 });
     runner.submit(() => say('delayed'), { delay: 2 });
     runner.submit(async () => { for (let i = 0; i < 5; i++) await turn(); say('ran'); });
     runner.submit(() => say('queued'));`,
    'ran\nqueued\ndelayed\n',
  );
  await says(
    `const runner = new BackgroundRunner({ killGrace: 0.01 });
     const task = runner.submit(() => new Promise(() => {}), { timeout: 0.05 });
     task.wait().catch(({ code }) => say(code, runner.summary().abandoned));
     process.on('exit', () => say(runner.summary().abandoned));`,
    'timeout 0\n1\n',
  );
});

test('with unref a live task does not keep the process', async () => {
  await says(
    `const runner = new BackgroundRunner().unref();
     runner.submit(() => new Promise(() => {}));
     runner.submit(() => say('never'), { delay: 60 });
     await turn();
     say('end');`,
    'end\n',
  );
  await says(
    `const runner = new BackgroundRunner();
     runner.submit(() => new Promise(() => {}));
     await turn();
     runner.unref();
     say('end');`,
    'end\n',
  );
});

test('who waits for a task keeps the process, also of a runner with unref, until the wait is over', async () => {
  await says(
    `const runner = new BackgroundRunner().unref();
     const task = runner.submit(() => 'late', { delay: 0.05 });
     say(await task.wait());`,
    'late\n',
  );
  await says(
    `const runner = new BackgroundRunner().unref();
     const task = runner.submit(() => say('never'), { delay: 60 });
     say(await task.wait(0.05).catch(({ code }) => code));
     const controller = new AbortController();
     const timer = setTimeout(() => controller.abort(new Error('enough')), 20);
     say(await task.wait({ signal: controller.signal }).catch(({ message }) => message));`,
    'wait_timeout\nenough\n',
  );
  await says(
    `const runner = new BackgroundRunner().unref();
     runner.submit(() => 'late', { delay: 0.05 });
     say((await runner.waitAll()).completed);`,
    '1\n',
  );
  await says(
    `const runner = new BackgroundRunner().unref();
     const task = runner.submit(() => 'late', { delay: 0.05 });
     for await (const { kind } of task.events({ follow: true })) say(kind);`,
    'submitted\nstarted\ncompleted\n',
  );
});

test('a wait that nobody can end any more does not outlive its task', async () => {
  await says(
    `const runner = new BackgroundRunner().unref();
     const task = runner.submit(() => 1, { delay: 60 });
     const waiting = task.wait().catch(({ code }) => say(code));
     await task.cancel();
     await waiting;
     runner.submit(() => say('never'), { delay: 60 });`,
    'cancelled\n',
  );
});

test('a stop keeps the process until all has ended', async () => {
  await says(
    `const runner = new BackgroundRunner({ killGrace: 0.05 });
     runner.submit(() => new Promise(() => {}));
     await turn();
     await runner.stop();
     say('stopped', runner.summary().abandoned);`,
    'stopped 1\n',
  );
});

test('after many tasks of every kind no timer, listener or handle is left', async () => {
  await says(
    `import { getEventListeners } from 'node:events';
     const runner = new BackgroundRunner({ maxConcurrentTasks: 20, killGrace: 0.001 });
     const controller = new AbortController();
     const { signal } = controller;
     process.setMaxListeners(0);
     (await import('node:events')).setMaxListeners(0, signal);
     const waits = [];
     for (let count = 0; count < 3000; count++) {
       const kind = count % 6;
       const task = runner.submit((ctx) => {
         if (kind === 0) return count;
         if (kind === 1) throw new Error('x');
         if (kind === 2) return new Promise((_, no) => ctx.signal.addEventListener('abort', () => no(ctx.signal.reason)));
         if (kind === 3) return turn(count);
         if (kind === 4) return ctx.submit(() => count).wait();
         return new Promise(() => {});
       }, { signal, timeout: kind === 2 || kind === 5 ? 0.001 : 10, retries: kind === 1 ? 1 : 0, backoff: { initial: 0 } });
       waits.push(task.wait().catch(() => {}), task.wait(30).catch(() => {}), task.wait({ signal, timeout: 30 }).catch(() => {}));
     }
     await Promise.all(waits);
     await runner.waitAll();
     while (runner.summary().abandoned < 500) await sleep(1);
     say(runner.summary().total, getEventListeners(signal, 'abort').length);
     await turn();
     say(process.getActiveResourcesInfo().filter((what) => what !== 'PipeWrap' && what !== 'Immediate').join());`,
    '3500 0\n\n',
  );
});

test('a runner that nobody has any more can be collected, and its engine with it', async () => {
  await says(
    `async function used() {
       const runner = new BackgroundRunner();
       runner.on('completed', () => {});
       for (let count = 0; count < 100; count++) runner.submit(() => count, { timeout: 60 });
       await runner.waitAll();
       return new WeakRef(runner);
     }
     const refs = [];
     for (let count = 0; count < 5; count++) refs.push(await used());
     for (let round = 0; round < 1000 && refs.some((ref) => ref.deref()); round++) {
       await sleep(1);
       gc();
     }
     say(refs.filter((ref) => ref.deref()).length);`,
    '0\n',
    ['--expose-gc'],
  );
});

test('what a task held is collected once nobody has its handle', async () => {
  await says(
    `const runner = new BackgroundRunner({ maxRetained: 0 });
     let freed = 0;
     const registry = new FinalizationRegistry(() => (freed += 1));
     for (let count = 0; count < 1000; count++) {
       const big = { bytes: new Uint8Array(1000) };
       registry.register(big, count);
       runner.submit(() => big, { input: big, retries: count % 2 });
     }
     await runner.waitAll();
     for (let round = 0; round < 1000 && freed < 1000; round++) {
       await sleep(1);
       gc();
     }
     say(freed >= 999, registry instanceof FinalizationRegistry);`, // a registry that nobody has tells nothing
    'true true\n',
    ['--expose-gc'],
  );
});

test('many tasks leave the memory at its level', async () => {
  const { code, out, err } = await run(
    `const runner = new BackgroundRunner();
     const level = async () => {
       for (let round = 0; round < 3; round++) { gc(); await turn(); }
       const { heapUsed, arrayBuffers, external } = process.memoryUsage();
       return heapUsed + arrayBuffers + external;
     };
     const batch = async () => {
       for (let count = 0; count < 100_000; count++) runner.submit(() => count);
       await runner.waitAll();
     };
     await batch();
     await batch();
     const before = await level();
     for (let count = 0; count < 3; count++) await batch();
     say((await level() - before) / 3);`,
    ['--expose-gc'],
  );
  assert.deepEqual([code, err], [0, '']);
  assert.ok(Number(out) < 1_000_000, `${out} bytes more after each 100,000 tasks`);
});

test('10,000 runners made, used and dropped leave the memory at its level, and nothing that keeps the process', async () => {
  const { code, out, err } = await run(
    `const level = async () => {
       for (let round = 0; round < 5; round++) { gc(); await sleep(1); }
       const { heapUsed, arrayBuffers, external } = process.memoryUsage();
       return heapUsed + arrayBuffers + external;
     };
     // What the wasm has of a runner goes with the collection of the runner, and its memory never shrinks.
     const use = async (runners) => {
       for (let count = 0; count < runners; count++) {
         const runner = new BackgroundRunner();
         const result = await runner.submit(() => count).wait(60);
         if (result !== count) throw new Error(result + ' for ' + count);
         if (count % 500 === 499) await level();
       }
     };
     await use(2_000);
     const before = await level();
     await use(10_000);
     say(await level() - before, process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);`,
    ['--expose-gc'],
  );
  const [bytes, timers] = out.split(' ').map(Number);
  assert.deepEqual([code, err, timers], [0, '', 0]);
  assert.ok(Number(bytes) < 3_000_000, `${bytes} bytes more after 10,000 runners`);
});

test('a callback that throws is an uncaught exception and ends the process as any other', async () => {
  const { code, err, out } = await run(
    `const runner = new BackgroundRunner({ onComplete: () => { throw new Error('in a callback'); } });
     runner.submit(() => say('ran'));`,
  );
  assert.equal(code, 1);
  assert.equal(out, 'ran\n');
  assert.match(err, /in a callback/);
});

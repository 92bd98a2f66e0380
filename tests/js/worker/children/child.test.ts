import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Child, describe } from '#offstage/worker/children/child.js';
import { marked } from '#offstage/worker/children/env.js';
import { endGroup } from '#offstage/worker/children/group.js';
import type { DoneMessage, Fact, FromChild, RunMessage } from '#offstage/worker/protocol.js';
import { within } from '../../../waiting.js';
import { membersOf, until } from '../processes.js';

const ENV = marked({ PATH: process.env.PATH ?? '', HOME: '/home/x' }, 'worker_1');

/** A started child and a recipe in its folder; its group is ended with the test. */
async function start(t: TestContext, source: string) {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-child-'));
  writeFileSync(join(folder, 'recipe.mjs'), source);
  const alive = setInterval(() => {}, 1000); // a child alone keeps no process alive
  const child = await Child.start({ ...ENV, NODE_OPTIONS: '--no-warnings' }, folder);
  t.after(async () => {
    clearInterval(alive);
    await endGroup(child.group);
    rmSync(folder, { recursive: true, force: true });
  });
  await child.ready;
  return {
    child,
    folder,
    run: (input: unknown = {}, env: Readonly<Record<string, string>> = ENV) =>
      run(child, join(folder, 'recipe.mjs'), input, env),
  };
}

/** Runs once; everything that was said, in the order of arrival, and the end. */
function run(child: Child, entry: string, input: unknown, env: Readonly<Record<string, string>>) {
  const said: (FromChild | Fact | string)[] = [];
  const done = new Promise<DoneMessage>((resolve) => {
    child.listen({
      lines: (lines) => said.push(...lines),
      message: (message) => {
        said.push(...(message.kind === 'facts' ? message.facts : [message]));
        if (message.kind === 'done') resolve(message);
      },
    });
  });
  child.runs += 1;
  const task: RunMessage['task'] = { taskId: 'task_1', name: 'n', sessionId: null, attempt: 1, version: '1' };
  const program = { kind: 'module', entry } as const;
  child.send({ kind: 'run', run: child.runs, program, env, task, input: JSON.stringify(input), config: '{}' });
  return { done: within(done, { what: 'the end of the run', hold: false }), said };
}

test('the environment of a run is what came with it, whatever the process was started with', async (t) => {
  const { run } = await start(t, 'export default () => process.env;');
  const read = async (env = ENV): Promise<unknown> => {
    const { outcome } = await run({}, env).done;
    assert.equal(outcome.kind, 'value');
    return JSON.parse((outcome as { json: string }).json);
  };
  assert.deepEqual(await read(), ENV);
  assert.deepEqual(await read({ ...ENV, HOME: '/home/y', SECRET: 's3cret' }), {
    ...ENV,
    HOME: '/home/y',
    SECRET: 's3cret',
  });
  assert.deepEqual(await read(), ENV, 'nothing is left of the run before');
});

test('variables that are those of the run before are not sent again, and what it did to them is undone', async (t) => {
  const code =
    'export default ({ by }) => { const found = { ...process.env }; Object.assign(process.env, by); return found; };';
  const { child, folder } = await start(t, code);
  const program = { kind: 'module', entry: join(folder, 'recipe.mjs') } as const;
  const task: RunMessage['task'] = { taskId: 'task_1', name: 'n', sessionId: null, attempt: 1, version: '1' };
  const sent = t.mock.method(child, 'send').mock;
  const read = async (env: Readonly<Record<string, string>>): Promise<unknown> => {
    const done = new Promise<FromChild>((resolve) => child.listen({ message: resolve, lines: () => {} }));
    const input = JSON.stringify({ by: { HOME: '/tmp', LEFT: 'behind' } });
    child.runs += 1;
    child.run({ kind: 'run', run: child.runs, program, task, input, config: '{}' }, env);
    const message = await within(done, { what: 'the end of the run', hold: false });
    return message.kind === 'done' && message.outcome.kind === 'value' ? JSON.parse(message.outcome.json) : message;
  };
  const [one, other] = [ENV, { ...ENV, OTHER: 'one' }];
  for (const env of [one, one, one, other, other, one]) assert.deepEqual(await read(env), env);
  const told = sent.calls.map(({ arguments: [message] }) => 'env' in message);
  assert.deepEqual(told, [true, false, false, true, false, true]);
});

test('a run finds folder and exit code as the first one did', async (t) => {
  const { run, folder } = await start(
    t,
    'export default () => { const c = process.cwd(); process.chdir("/"); return c; };',
  );
  for (let n = 0; n < 2; n++)
    assert.deepEqual((await run().done).outcome, { kind: 'value', json: JSON.stringify(folder) });
});

test('what is left behind is told: timers, processes, servers; and nothing when nothing is', async (t) => {
  const { run } = await start(
    t,
    `import { spawn } from 'node:child_process'; import { createServer } from 'node:net';
     import { writeFile } from 'node:fs/promises';
     const kept = setInterval(() => {}, 1000); // at import: belongs to the module
     export default async ({ leave }) => {
       if (leave === 'timer') setTimeout(() => {}, 100_000);
       if (leave === 'unref') setTimeout(() => {}, 100_000).unref();
       if (leave === 'server') await new Promise((resolve) => createServer().listen(0, resolve));
       if (leave === 'process') spawn('sleep', ['1000'], { stdio: 'ignore' }).unref();
       if (leave === 'write') void writeFile('late', 'x'.repeat(1e6));
       if (leave === 'ended') await new Promise((resolve) => spawn('true').on('close', resolve));
       return 0;
     };`,
  );
  const clean = async (leave: string): Promise<boolean> => (await run({ leave }).done).clean;
  for (const leave of ['nothing', 'unref', 'ended', 'write']) assert.equal(await clean(leave), true, leave);
  for (const leave of ['timer', 'server', 'process']) assert.equal(await clean(leave), false, leave);
});

test('everything that was written comes before the end', async (t) => {
  const { run, child } = await start(
    t,
    `export default (input, ctx) => {
       for (let n = 0; n < 20_000; n++) console.log('out ' + n);
       process.stderr.write('no newline');
       ctx.log('logged'); ctx.progress(2, 'm'); ctx.output({ a: [1] });
     };`,
  );
  const { done, said } = run();
  await done;
  await child.unlisten();
  const lines = said.filter((one) => typeof one === 'string');
  assert.equal(lines.filter((line) => line.startsWith('out ')).length, 20_000);
  assert.ok(lines.includes('no newline'));
  assert.deepEqual(
    said.filter((one) => typeof one !== 'string').map(({ kind }) => kind),
    ['log', 'progress', 'output', 'done'],
  );
});

test('progress must be a number; it is clamped; a flood sends few messages and always the last', async (t) => {
  const { run } = await start(
    t,
    `export default (input, ctx) => {
       for (let n = 0; n <= 100_000; n++) ctx.progress(n / 100_000);
       const bad = [NaN, '1', undefined].map((value) => { try { ctx.progress(value); } catch (e) { return e.code; } });
       return bad;
     };`,
  );
  const { done, said } = run();
  assert.deepEqual((await done).outcome, { kind: 'value', json: JSON.stringify(Array(3).fill('invalid_argument')) });
  const progress = said.flatMap((one) => (typeof one !== 'string' && one.kind === 'progress' ? one.fraction : []));
  assert.ok(progress.length < 100, `${progress.length} messages`);
  assert.equal(progress.at(-1), 1);
});

test('an abort ends code that listens; code that has not begun never begins', async (t) => {
  const { run, child } = await start(
    t,
    `export default (input, { signal, log }) => new Promise((resolve, reject) => {
       const told = () => input.as === 'value' ? resolve([signal.reason.name, signal.reason.message])
         : reject(input.as === 'reason' ? signal.reason : input.as === 'wrapped' ? new Error('w', { cause: signal.reason })
         : input.as === 'abort' ? new DOMException('stop', 'AbortError') : new Error('another'));
       signal.addEventListener('abort', told);
       log('begun');
     });`,
  );
  const abort = (cause: 'cancelled' | 'timeout'): void => {
    child.send({ kind: 'abort', run: child.runs, cause, message: 'because' });
  };
  const abortRunning = async (as: string, cause: 'cancelled' | 'timeout' = 'cancelled') => {
    const { done, said } = run({ as });
    await until(() => said.length > 0);
    abort(cause);
    return (await done).outcome;
  };
  for (const as of ['reason', 'wrapped', 'abort']) assert.deepEqual(await abortRunning(as), { kind: 'aborted' }, as);
  assert.deepEqual(await abortRunning('value'), { kind: 'value', json: '["TaskCancelledError","because"]' });
  assert.deepEqual(await abortRunning('value', 'timeout'), { kind: 'value', json: '["TimeoutError","because"]' });
  assert.equal((await abortRunning('error')).kind, 'error');

  const loading = await start(
    t,
    `console.log('loading');
     await new Promise((resolve) => process.once('message', resolve)); // until the abort is there
     export default (input, { log }) => log('begun');`,
  );
  const { done, said } = loading.run();
  await until(() => said.includes('loading'));
  loading.child.send({ kind: 'abort', run: 1, cause: 'cancelled', message: 'because' });
  assert.deepEqual((await done).outcome, { kind: 'aborted' });
  assert.ok(!said.some((one) => typeof one !== 'string' && one.kind === 'log'));
});

test('libraries do not find a parent to talk to', async (t) => {
  const { run } = await start(t, 'export default () => typeof process.send;');
  assert.deepEqual((await run().done).outcome, { kind: 'value', json: '"undefined"' });
});

test('the end of a process is told with code or signal, after all that it said', async (t) => {
  const cases: [string, RegExp][] = [
    ['process.exit(3)', /exit code 3/],
    ['process.abort()', /signal SIGABRT/],
    ["process.kill(process.pid, 'SIGSEGV')", /signal SIGSEGV/],
    ['process.disconnect()', /signal SIGKILL|closed its channel/],
  ];
  for (const [code, expected] of cases) {
    const { run, child } = await start(
      t,
      `export default (i, ctx) => { ctx.log('last words'); ${code}; return new Promise(() => {}); };`,
    );
    const { said } = run();
    assert.match(describe(await child.gone), expected);
    assert.equal(child.alive, false);
    assert.deepEqual(said[0], { kind: 'log', lines: ['last words'] }, code);
  }
});

test('ending a group ends all of it and resolves only then', async (t) => {
  const { run, child } = await start(
    t,
    `import { spawn } from 'node:child_process';
     export default () => { for (let n = 0; n < 3; n++) spawn('sh', ['-c', 'sleep 1000 & sleep 1000'], { stdio: 'ignore' }); };`,
  );
  await run().done;
  assert.ok(membersOf(child.group.pgid).length >= 4);
  assert.equal(await endGroup(child.group), true);
  assert.deepEqual(membersOf(child.group.pgid), []);
  assert.equal(await endGroup(child.group), true, 'twice is the same');
});

test('a group whose leader is another process by now is left alone', async (t) => {
  const { child } = await start(t, '');
  assert.equal(await endGroup({ pgid: child.group.pgid, start_time: '1' }), true);
  assert.deepEqual(membersOf(child.group.pgid), [child.group.pgid]);
});

/** A child whose package is taken away once it is ready: all kinds of runs go on, and what cannot begin is said so. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Program } from '#offstage/ports/program.js';
import type { ModuleProgram } from '#offstage/program/module/reading-module.js';
import { endGroup } from '#offstage/worker/children/group.js';
import type { CallMessage, FromChild, RunMessage } from '#offstage/worker/protocol.js';
import { install } from '../../../cli/installed.js';
import { pause } from '../../../waiting.js';
import { until } from '../processes.js';

type End = Extract<FromChild, { kind: 'done' | 'not_begun' }>;

/** A child of a copy of the package that is not there any more. */
async function orphan(t: TestContext, settled: () => Promise<unknown> = async () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-orphan-'));
  const home = install(folder);
  const { Child } = (await import(
    pathToFileURL(join(home, 'worker/children/child.js')).href
  )) as typeof import('#offstage/worker/children/child.js');
  const alive = setInterval(() => {}, 1000);
  const child = await Child.start({ PATH: process.env.PATH ?? '' }, folder);
  t.after(async () => {
    clearInterval(alive);
    await endGroup(child.group);
    rmSync(folder, { recursive: true, force: true });
  });
  await child.ready;
  await settled();
  renameSync(join(folder, 'node_modules'), join(folder, 'gone'));
  const write = (name: string, source: string): string => {
    mkdirSync(join(folder, name));
    const entry = join(folder, name, 'recipe.mjs');
    writeFileSync(entry, source);
    return entry;
  };
  /** Runs it; calls are answered by `serve`. */
  const run = (program: RunMessage['program'], serve: (call: CallMessage) => unknown = () => null): Promise<End> =>
    new Promise((resolve) => {
      child.runs += 1;
      const run = child.runs;
      child.listen({
        lines: () => {},
        message: (message) => {
          if (message.kind === 'done' || message.kind === 'not_begun') resolve(message);
          if (message.kind !== 'call') return;
          child.send({ kind: 'reply', run, call: message.call, value: JSON.stringify(serve(message)) });
        },
      });
      const task: RunMessage['task'] = { taskId: 'task_1', name: 'n', sessionId: null, attempt: 1, version: '1' };
      child.send({ kind: 'run', run, program, env: {}, task, input: '{"n":1}', config: '{}' });
    });
  const module = (name: string, source: string, serve?: (call: CallMessage) => unknown): Promise<End> =>
    run({ kind: 'module', entry: write(name, source) } satisfies ModuleProgram as Program, serve);
  return { folder, run, module };
}

const resultOf = (end: End): unknown =>
  end.kind === 'done' && end.outcome.kind === 'value' ? JSON.parse(end.outcome.json) : end;

test('modules of every kind run in a child whose package is gone', async (t) => {
  const { module } = await orphan(t);
  assert.equal(resultOf(await module('plain', 'export default ({ n }) => n + 1;')), 2);
  const schema = `{ '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }) } }`;
  const checked = `export default { input: ${schema}, output: ${schema}, run: ({ n }) => n + 2 };`;
  assert.equal(resultOf(await module('checked', checked)), 3);
  assert.deepEqual(resultOf(await module('list', 'export default async function* () { yield 1; yield 2; }')), [1, 2]);
  const asks = `export default async (_, ctx) => (await ctx.requestInput({ key: 'k', message: 'm', expires: '5m' })).content;`;
  assert.equal(resultOf(await module('asks', asks, () => ({ action: 'accept', content: 7 }))), 7);
  const steps = `export default (_, ctx) => ctx.step('a', () => 8);`;
  assert.equal(
    resultOf(await module('steps', steps, ({ method }) => (method === 'stepGet' ? { found: false } : { kept: true }))),
    8,
  );
  const child = { taskId: 'task_2', name: 'c', recipeName: 'c', sessionId: null, deduplicated: false };
  const parent = `export default async (_, ctx) => { const c = await ctx.submit('c'); return c.taskId; };`;
  assert.equal(resultOf(await module('parent', parent, () => child)), 'task_2');
  const throws = `export default () => { throw new TypeError('mine'); };`;
  const thrown = await module('throws', throws);
  assert.equal(thrown.kind === 'done' && thrown.outcome.kind === 'error' && thrown.outcome.error.message, 'mine');
});

test('a recipe that imports what is being installed has not begun; one that imports what never was there fails', async (t) => {
  const { module, folder } = await orphan(t);
  const gone = await module(
    'needs',
    "import { defineRecipe } from 'offstage'; export default defineRecipe({ name: 'x', run: () => 1 });",
  );
  assert.equal(gone.kind, 'not_begun');
  assert.match(gone.kind === 'not_begun' ? gone.reason : '', /Cannot find package 'offstage'/);
  renameSync(join(folder, 'gone'), join(folder, 'node_modules'));
  const never = await module('never', "import 'nowhere'; export default () => 1;");
  assert.equal(never.kind === 'done' && never.outcome.kind, 'error');
});

test('a command runs in a spare that had the time to load what commands need, else it has not begun', async (t) => {
  const command = { kind: 'command', file: '/bin/echo', args: ['5'], folder: '/' } as const;
  const early = await orphan(t);
  const end = await early.run(command);
  assert.ok(end.kind === 'not_begun' || resultOf(end) === 5, JSON.stringify(end));
  // A run of a command is how one knows that a child has loaded it.
  let warm: Awaited<ReturnType<typeof orphan>> | undefined;
  let waited = 0;
  await until(async () => {
    waited += 500;
    warm = await orphan(t, () => pause(waited));
    return resultOf(await warm.run(command)) === 5;
  });
  assert.equal(resultOf(await (warm as NonNullable<typeof warm>).run(command)), 5);
});

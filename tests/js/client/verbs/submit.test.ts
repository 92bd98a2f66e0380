import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { makeClient, openBackground } from '#offstage/client/index.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import type { Task } from '#offstage/wire/task.js';
import { Driver } from '../drive.js';
import { Project } from '../project.js';

const double = defineRecipe({ name: 'double', input: z.object({ n: z.number() }), run: ({ n }) => n * 2 });

async function clientOf(t: Parameters<typeof Driver.open>[0]) {
  const project = new Project(t);
  return { project, client: makeClient(await project.verbs(t, 'none')) };
}

test('a key gives the same task back while it lives or has completed, and says so', async (t) => {
  const { project, client } = await clientOf(t);
  const driver = await Driver.open(t, project);
  const spec = { recipe: 'echo', input: { value: 1 }, idempotencyKey: 'k' };
  const first = await client.submit(spec);
  const again = await client.submit(spec);
  assert.deepEqual([first.deduplicated, again.deduplicated, again.id], [false, true, first.id]);
  assert.equal((await first.snapshot()).idempotencyKey, 'k');
  await assert.rejects(client.submit({ ...spec, input: { value: 2 } }), {
    code: 'conflict',
    message: /^idempotencyKey/,
  });
  assert.notEqual((await client.submit({ ...spec, recipe: 'throws' })).id, first.id, 'a key is one of its recipe');
  await driver.succeed(await driver.start());
  assert.equal((await client.submit(spec)).id, first.id);
  assert.equal(client.handle(first.id).deduplicated, false);
});

test('sessions: reject refuses, interrupt cancels, and one refused submit of several stores none', async (t) => {
  const { client } = await clientOf(t);
  const first = await client.submit({ recipe: 'echo', sessionId: 's' });
  await assert.rejects(client.submit({ recipe: 'echo', sessionId: 's', onConflict: 'reject' }), { code: 'conflict' });
  const both = [{ recipe: 'echo' }, { recipe: 'echo', sessionId: 's', onConflict: 'reject' as const }];
  await assert.rejects(client.submitMany(both), { code: 'conflict' });
  assert.equal((await client.list()).total, 1);
  await client.submit({ recipe: 'echo', sessionId: 's', onConflict: 'interrupt' });
  assert.equal(await first.status(), 'cancelled');
  await assert.rejects(client.submit({ recipe: 'echo', onConflict: 'wait' as never }), {
    message: /^onConflict: got "wait", expected parallel, enqueue, interrupt, reject$/,
  });
});

test('a parent by id or handle: its children go with it, and an ended one takes none', async (t) => {
  const { client } = await clientOf(t);
  const parent = await client.submit({ recipe: 'echo' });
  const child = await client.submit({ recipe: 'echo', parent });
  const grandchild = await client.submit({ recipe: 'echo', parent: child.id });
  const snapshot = await grandchild.snapshot();
  assert.deepEqual([snapshot.parentId, snapshot.ownerSessionId], [child.id, `bg:${child.id}`]);
  await parent.cancel();
  assert.deepEqual([await child.status(), await grandchild.status()], ['cancelled', 'cancelled']);
  await assert.rejects(client.submit({ recipe: 'echo', parent }), { code: 'conflict' });
  await assert.rejects(client.submit({ recipe: 'echo', parent: `task_${'0'.repeat(32)}` }), { code: 'task_not_found' });
  await assert.rejects(client.submit({ recipe: 'echo', parent: 7 as never }), { message: /^parent: got 7, expected/ });
});

test('a recipe in code: its input is checked at the submit and given as it is', async (t) => {
  const { client } = await clientOf(t);
  await assert.rejects(client.submit({ recipe: double, input: { n: 'x' } as never }), {
    code: 'recipe_invalid',
    message: /^Input of recipe 'double' is not valid: input\.n: /,
  });
  const task = await client.submit({ recipe: double, input: { n: 2 } });
  const snapshot = await task.snapshot();
  assert.deepEqual([task.recipeName, task.name, snapshot.input], ['double', 'double', { n: 2 }]);
  assert.ok(snapshot.taskStatus.signals.includes('no_worker'), 'nobody has it but this process, which does not work');
  const list = defineRecipe({ name: 'list', run: (input: readonly number[]) => input.length });
  assert.deepEqual((await (await client.submit({ recipe: list, input: [1] })).snapshot()).input, [1], 'not wrapped');
  const nothing = defineRecipe({ name: 'nothing-in', run: () => 1 });
  assert.equal((await (await client.submit({ recipe: nothing })).snapshot()).input, null);
});

test('a client has one recipe of a name, and takes it by that name too', async (t) => {
  const { client } = await clientOf(t);
  await assert.rejects(client.submit({ recipe: 'double', input: { n: 1 } }), { code: 'recipe_not_found' });
  await client.submit({ recipe: double, input: { n: 1 } });
  assert.equal((await client.submit({ recipe: 'double', input: { n: 1 } })).recipeName, 'double');
  await assert.rejects(client.submit({ recipe: 'double', input: {} }), { code: 'recipe_invalid' });
  const other = defineRecipe({ name: 'double', run: () => 1 });
  await assert.rejects(client.submit({ recipe: other }), {
    message: /^recipe: got "double", expected one recipe of a name/,
  });
  for (const none of [7, null, {}, { name: 'x' }, () => 1]) {
    await assert.rejects(client.submit({ recipe: none as never }), { code: 'invalid_argument' });
  }
});

test('what cannot be stored is refused before anything is', async (t) => {
  const { project, client } = await clientOf(t);
  for (const [spec, message] of [
    [{ idempotencyKey: '' }, /^idempotency_key: got 0 characters/],
    [{ metadata: [] }, /^metadata: got an array, expected an object/],
    [{ onComplete: 1 }, /^onComplete: got 1, expected a function/],
    [{ onProgress: 'x' }, /^onProgress: got "x", expected a function/],
    [{ signal: {} }, /^signal: got an object, expected an AbortSignal/],
    [{ timeout: 1, timeoutSec: 2 }, /^timeout and timeoutSec: got 1 and 2/],
    [{ zzzzzzzz: 'x' }, /^unknown option 'zzzzzzzz'; known are recipe, .*input/],
  ] as const) {
    await assert.rejects(client.submit({ recipe: 'echo', ...spec } as never), { message });
    await assert.rejects(client.submit({ recipe: double, input: { n: 1 }, ...spec } as never), { message });
  }
  await assert.rejects(client.submit({ recipe: double, input: { n: 1 }, config: [] as never }), {
    message: /^config: got an array, expected an object/,
  });
  assert.equal(existsSync(project.store), false);
});

test('a submit is of its recipe as it was after it was asked, however many are asked in one turn', async (t) => {
  const { project, client } = await clientOf(t);
  const write = (seconds: number): void =>
    project.addRecipe('timed', 'export default () => 1;', `runtime: { background: { timeout_sec: ${seconds} } }\n`);
  const timeoutOf = async (task: Promise<{ snapshot(): Promise<Task> }>) => (await (await task).snapshot()).timeoutSec;
  write(10);
  const first = client.submit({ recipe: 'timed' });
  write(20);
  const second = client.submit({ recipe: 'timed' });
  assert.deepEqual(await Promise.all([first, second].map(timeoutOf)), [20, 20]);
  write(30);
  assert.equal(await timeoutOf(client.submit({ recipe: 'timed' })), 30);
});

test('a signal that is aborted before the submit refuses it with its reason', async (t) => {
  const { project, client } = await clientOf(t);
  const reason = new Error('too late');
  await assert.rejects(client.submit({ recipe: 'echo', signal: AbortSignal.abort(reason) }), reason);
  assert.equal(existsSync(project.store), false);
});

test('the configuration knows yieldMs, and openBackground who works', async (t) => {
  const { project } = await clientOf(t);
  writeFileSync(project.file('offstage.config.json'), '{"background":{"yieldMs":-1}}');
  await assert.rejects(project.verbs(t, 'none'), {
    message: /background\.yieldMs: got -1, expected milliseconds, 0 or/,
  });
  writeFileSync(project.file('offstage.config.json'), '{"background":{"yieldMs":5000}}');
  assert.deepEqual((await project.verbs(t, 'none')).config, { background: { yieldMs: 5000 } });
  await assert.rejects(openBackground(project.store, { worker: 'thread' as never }), {
    message: /^worker: got "thread", expected "detached", "app" or "none"$/,
  });
});

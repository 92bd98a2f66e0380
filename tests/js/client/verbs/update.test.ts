/** `update` and `retry` of a task that is held since its code has changed, through the API. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import { until } from '../../../waiting.js';
import { Project } from '../project.js';

const UNKNOWN = `task_${'0'.repeat(32)}`;

const order = (version: string, more: object = {}) =>
  defineRecipe({
    name: 'order',
    version,
    ...more,
    run: async (_: unknown, ctx) => {
      await ctx.step('charge', () => version);
      await ctx.requestInput({ key: 'ship', message: '?' });
      return [ctx.version, await ctx.step('charge', () => 'again')];
    },
  });

/** A client that is its own worker, with the recipe of that version. */
async function app(t: Parameters<Project['verbs']>[0], project: Project, recipe: ReturnType<typeof order>) {
  const client = makeClient(await project.verbs(t, 'none'));
  await client.work({ recipes: [recipe] });
  return client;
}

test('update goes on with the code that is there; bad values and ended tasks are refused', async (t) => {
  const project = new Project(t);
  const nobody = makeClient(await project.verbs(t, 'none'));
  await assert.rejects(nobody.update(UNKNOWN, { code: 'current' }), { code: 'task_not_found' });
  for (const change of [{ code: 'old' }, {}, null, { code: 'current', priority: 1 }]) {
    await assert.rejects(nobody.update(UNKNOWN, change as never), { code: 'invalid_argument' });
  }
  assert.equal(existsSync(project.store), false, 'a refusal makes no store');
  const one = await app(t, project, order('1'));
  const { id } = await one.submit({ recipe: order('1') as never, name: 'o' }).catch(() => ({ id: '' }));
  assert.equal(id, '', 'one recipe of a name in a client');
  const task = await one.submit({ recipe: 'order' });
  await until(async () => (await task.status()) === 'input_required');
  await one.close();
  const two = await app(t, project, order('2'));
  await two.respond(task.id, 'ship', { action: 'accept' });
  await until(async () => (await two.get(task.id))?.taskStatus.kind === 'code_changed');
  const held = await two.get(task.id);
  assert.deepEqual([held?.taskStatus.nextAction, held?.taskStatus.blocked, held?.attempt], ['retry', true, 1]);
  assert.match(held?.warnings?.join() ?? '', /recipe 'order' is version 2 now and the task is of version 1/);
  await two.update(task.id, { code: 'current' });
  assert.deepEqual(await two.wait(task.id, 60), ['2', '1']);
  const data = [];
  for await (const event of two.events(task.id))
    if (event.kind === 'code' || event.kind === 'updated') data.push(event.data);
  assert.deepEqual(data, [
    { attempt: 1, epoch: 2, version: '2', held: true },
    { code: 'current' },
    { attempt: 1, epoch: 3, version: '2', held: false },
  ]);
  await assert.rejects(two.update(task.id, { code: 'current' }), { code: 'conflict' });
});

test('onCodeChange of the submit counts', async (t) => {
  const project = new Project(t);
  const one = makeClient(await project.verbs(t, 'none'));
  const { id } = await one.submit({ recipe: order('1', { onCodeChange: 'fail' }) });
  await one.close();
  const two = await app(t, project, order('2', { onCodeChange: 'run' }));
  await assert.rejects(two.wait(id, 60), /its code is version 2 now; it was submitted for version 1/);
});

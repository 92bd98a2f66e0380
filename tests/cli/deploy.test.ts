/** A deploy as an operator meets it: what is held is seen, and `retry` and `update` both help. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Project, until } from '../js/client/project.js';

const ONE = `export default async (_, ctx) => {
  const cents = await ctx.step('charge', () => 500);
  await ctx.requestInput({ key: 'ship', message: 'Ship it?' });
  return cents + ' cents';
};`;
const TWO = `export default async (_, ctx) => {
  const { cents } = await ctx.step('charge', () => ({ cents: 500 }));
  await ctx.requestInput({ key: 'ship', message: 'Ship it?' });
  return cents + ' cents';
};`;

interface Shown {
  task_id: string;
  status: string;
  result: unknown;
  retried_from: string | null;
  worker: { pid: number } | null;
  warnings?: string[];
  task_status: { kind: string; next_action: string; signals: string[] };
  exit: number;
  code?: string;
}

/** A task of version 1 that was answered after version 2 was deployed. */
async function heldTask(t: TestContext) {
  const project = new Project(t);
  project.addRecipe('order', ONE, 'description: an order\n');
  const { task_id: id } = await project.json<Shown>('background', 'submit', '--recipe', 'order');
  const status = () => project.json<Shown>('background', 'status', id);
  await until(async () => (await status()).status === 'input_required');
  process.kill((await status()).worker?.pid ?? 0, 'SIGTERM');
  await until(async () => (await status()).worker === null);
  project.addRecipe('order', TWO, 'description: an order\nversion: "2"\n');
  await project.json('background', 'respond', id, 'ship', '--accept', 'true');
  await until(async () => (await status()).task_status.kind === 'code_changed');
  return { project, id, status };
}

test('a task of the version before is held: seen by status and list --attention, and retry begins anew', async (t) => {
  const { project, id, status } = await heldTask(t);
  const shown = await status();
  assert.deepEqual(
    [shown.status, shown.task_status.next_action, shown.task_status.signals],
    ['pending', 'retry', ['code_changed']],
  );
  assert.match(shown.warnings?.join() ?? '', /recipe 'order' is version 2 now and the task is of version 1/);
  const human = (await project.run('background', 'status', id)).stdout;
  assert.match(human, new RegExp(`Next: .*retry ${id}\\n.*or: .*update ${id} --code current`));
  const { tasks } = await project.json<{ tasks: Shown[] }>('background', 'list', '--attention');
  assert.deepEqual(
    tasks.map(({ task_id }) => task_id),
    [id],
  );
  const again = await project.json<Shown>('background', 'retry', id);
  assert.deepEqual([again.exit, again.retried_from], [0, id]);
  assert.equal((await status()).status, 'cancelled');
  const fresh = () => project.json<Shown>('background', 'status', again.task_id);
  await until(async () => (await fresh()).status === 'input_required');
  await project.json('background', 'respond', again.task_id, 'ship', '--accept', 'true');
  const ended = await project.json<Shown>('background', 'wait', again.task_id);
  assert.deepEqual([ended.status, ended.result, ended.task_status.signals], ['completed', '500 cents', ['terminal']]);
});

test('update --code current goes on with the new code and the old step; a bad call is refused', async (t) => {
  const { project, id } = await heldTask(t);
  for (const [args, message] of [
    [['background', 'update', id], /expected --code current/],
    [['background', 'update', id, '--code', 'old'], /--code: got "old", expected 'current'/],
  ] as const) {
    const refused = await project.json<{ error: string; code: string; exit: number }>(...args);
    assert.deepEqual([refused.code, refused.exit], ['invalid_argument', 2]);
    assert.match(refused.error, message);
  }
  const updated = await project.json<Shown>('background', 'update', id, '--code', 'current');
  assert.deepEqual([updated.exit, updated.task_id], [0, id]);
  const ended = await project.json<Shown>('background', 'wait', id);
  assert.deepEqual([ended.status, ended.result], ['completed', 'undefined cents'], 'which the operator asked for');
  assert.deepEqual(ended.task_status.signals, ['code_changed', 'terminal']);
  const late = await project.json<Shown>('background', 'update', id, '--code', 'current');
  assert.deepEqual([late.code, late.exit], ['conflict', 4]);
});

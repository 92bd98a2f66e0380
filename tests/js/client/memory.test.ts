/** Stores in memory: of one process, which runs what it submits. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { defineRecipe, openBackground } from '#offstage';
import { tempFolder } from '../store/helpers.js';

const double = defineRecipe({
  name: 'double',
  async run({ n }: { n: number }, ctx): Promise<number> {
    await ctx.progress(0.5, 'halfway');
    return n * 2;
  },
});

test('a store in memory runs what is submitted, tells of it, and leaves nothing', async (t) => {
  const folder = tempFolder(t);
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  const client = await openBackground(':memory:');
  const tasks = await client.submitMany([1, 2, 3].map((n) => ({ recipe: double, input: { n } })));
  assert.deepEqual(await Promise.all(tasks.map((task) => task.wait(60))), [2, 4, 6]);
  const kinds: string[] = [];
  for await (const { kind } of client.events(tasks[0]?.taskId as string)) kinds.push(kind);
  assert.deepEqual(kinds.slice(0, 4), ['submitted', 'started', 'progress', 'completed']);
  const { total, counts } = await client.list();
  assert.deepEqual([total, counts.completed], [3, 3]);
  await client.close();
  assert.deepEqual(readdirSync(folder), []);
  assert.ok(!existsSync(':memory:'));
});

test('two of them have nothing of each other', async (t) => {
  const [one, other] = [await openBackground(':memory:'), await openBackground(':memory:')];
  t.after(() => Promise.all([one.close(), other.close()]));
  const task = await one.submit({ recipe: double, input: { n: 4 } });
  assert.equal(await task.wait(60), 8);
  assert.equal(await other.get(task.taskId), undefined);
});

test('nobody else can run what is in it: a detached worker is refused, none is not', async () => {
  await assert.rejects(openBackground(':memory:', { worker: 'detached' }), {
    code: 'invalid_argument',
    message: /worker: got "detached", expected "app" or "none", with a store in memory/,
  });
  const client = await openBackground(':memory:', { worker: 'none' });
  const task = await client.submit({ recipe: double, input: { n: 1 } });
  assert.equal(await task.status(), 'pending');
  await client.work({ recipes: [double] });
  assert.equal(await task.wait(60), 2);
  await client.close();
});

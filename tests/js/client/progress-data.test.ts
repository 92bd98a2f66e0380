/** What code tells programs with its progress: of one attempt, replaced and never merged, and in its events. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BackgroundRunner,
  type BackgroundTaskHandle,
  defineRecipe,
  openBackground,
  type RecipeContext,
} from '#offstage';

const dataOf = async (task: BackgroundTaskHandle) => {
  const { progress, progressMessage, progressData } = await task.snapshot();
  return [progress, progressMessage, progressData];
};

async function eventsOf(task: BackgroundTaskHandle): Promise<unknown[]> {
  const told = [];
  for await (const { kind, data } of task.events()) if (kind === 'progress') told.push(data);
  return told;
}

test('the last data of an attempt stand in the task, in its list and in its events', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const heard: unknown[] = [];
  const tells = defineRecipe({
    name: 'tells',
    async run(_, ctx) {
      ctx.progress(0.5, 'half', { files: ['a'], n: 1 });
      await ctx.step('stored', () => 1);
      ctx.progress(undefined, undefined, { last: 'b' });
      await ctx.step('stored too', () => 1);
      ctx.progress(0.75);
    },
  });
  const task = await client.submit({ recipe: tells, onProgress: (...told) => heard.push(told) });
  await task.wait(60);
  assert.deepEqual(await dataOf(task), [1, null, { last: 'b' }], 'not merged, and left alone by a fraction');
  assert.deepEqual((await client.list()).tasks[0]?.progressData, { last: 'b' });
  const events = await eventsOf(task);
  assert.deepEqual(events, [
    { fraction: 0.5, message: 'half', data: { files: ['a'], n: 1 } },
    { fraction: 0.5, message: 'half', data: { last: 'b' } },
    { fraction: 0.75, message: null },
  ]);
  const retried = await client.retry(task.id);
  await retried.wait(60);
  assert.deepEqual((await retried.snapshot()).progressData, { last: 'b' });
});

test('another attempt begins without them; null is what was told', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const seen: unknown[] = [];
  const fails = defineRecipe({
    name: 'fails',
    async run(_, ctx) {
      if (ctx.attempt === 1) {
        ctx.progress(0.5, 'half', [1]);
        throw new Error('once more');
      }
      seen.push((await client.get(ctx.taskId))?.progressData);
      if (ctx.attempt === 2) {
        ctx.progress(undefined, undefined, null);
        await ctx.step('stored', () => 1);
        seen.push((await client.get(ctx.taskId))?.progressData);
      }
    },
  });
  const task = await client.submit({ recipe: fails, retries: 1, backoff: { initial: 0 } });
  await task.wait(60);
  assert.deepEqual(seen, [null, null]);
  assert.deepEqual((await eventsOf(task)).at(-1), { fraction: 0, message: null, data: null });
});

test('they stay while a person is asked, and go on with the answer; too much of them is refused where it is told', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const asks = defineRecipe({
    name: 'asks',
    async run(_, ctx: RecipeContext) {
      ctx.progress(0.25, 'asks', { draft: 'text' });
      await ctx.requestInput({ key: 'ok', message: 'good?' });
      ctx.progress(undefined, undefined, 'x'.repeat(16 * 1024));
    },
  });
  const task = await client.submit({ recipe: asks });
  for await (const { kind } of task.events({ follow: true })) if (kind === 'input_requested') break;
  assert.deepEqual(await dataOf(task), [0.25, 'asks', { draft: 'text' }]);
  await task.respond('ok', { action: 'accept' });
  await assert.rejects(task.wait(60), { message: 'progress data has 16386 bytes as JSON, the limit is 16384' });
  assert.deepEqual(await dataOf(task), [0.25, 'asks', { draft: 'text' }]);
});

test('a runner has them, too', async () => {
  const runner = new BackgroundRunner();
  const heard: unknown[] = [];
  const work = ({ attempt, progress }: { attempt: number; progress: RecipeContext['progress'] }): void => {
    if (attempt === 1) {
      progress(0.5, 'half', { a: 1 });
      progress(undefined, undefined, [2]);
      throw new Error('once more');
    }
    progress(0.25);
  };
  const onProgress = (...told: unknown[]): void => void heard.push(told);
  const task = runner.submit(work, { retries: 1, backoff: { initial: 0 }, onProgress });
  await task.wait(60);
  const { progressData, progressMessage } = await task.snapshot();
  assert.deepEqual([progressData, progressMessage], [null, null]);
  assert.deepEqual(heard, [
    [0.5, 'half', { a: 1 }],
    [0.5, 'half', [2]],
    [0.25, undefined, undefined],
  ]);
  const other = runner.submit((ctx) => ctx.progress(undefined, undefined, { z: null }));
  await other.wait(60);
  assert.deepEqual((await other.snapshot()).progressData, { z: null });
  const events = [];
  for await (const { kind, data } of other.events()) if (kind === 'progress') events.push(data);
  assert.deepEqual(events, [{ fraction: 0, message: null, data: { z: null } }]);
  await runner.stop();
});

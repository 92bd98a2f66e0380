/** Who has started tasks and walked away is told of their ends, once. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { backgroundTools, type Client, defineRecipe, openBackground, type Recipe, type Task } from '#offstage';
import { heard, until } from '../../waiting.js';
import { Models } from '../program/agents/models.js';
import { askWithTools } from './agent-loop.js';

interface Ended {
  task_id: string;
  name: string;
  status: string;
  result: unknown;
  error?: string;
}

const double = defineRecipe({ name: 'double', run: (n: number) => n * 2 });
const listen = defineRecipe({ name: 'listen', run: (input: { topic?: string; ended?: Ended[] }) => input });

async function clientFor(t: TestContext, ...recipes: Recipe[]): Promise<Client> {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  await client.work({ recipes: [listen, ...recipes] });
  return client;
}

/** The tasks of a recipe, the oldest first, once there are as many. */
const tasksOf = (client: Client, recipe: string, count: number): Promise<Task[]> =>
  until(
    async () => {
      const { tasks } = await client.list({ recipe });
      return tasks.length >= count ? tasks.reverse() : undefined;
    },
    { what: `${count} tasks of ${recipe}` },
  );

/** What it is to tell by now. */
async function endedOf(client: Client, task: Task | undefined): Promise<Ended[]> {
  const { input } = await client.handle(task?.taskId ?? '').snapshot();
  return (input as { ended: Ended[] }).ended;
}

test('an agent starts two tasks by its tools, ends, is woken once with both results, and answers', async (t) => {
  const client = await clientFor(t, double);
  const models = await Models.start(t, ({ body }) => {
    const last = body.messages.at(-1);
    const inputs = [4, 5].map((input) => ({ name: 'bg_submit', args: { recipe: 'double', input } }));
    if (last?.content === 'Double 4 and 5.') return { calls: inputs };
    return last?.role === 'tool' ? 'They are on their way.' : `I was told: ${last?.content}`;
  });
  const asker: Recipe<{ prompt?: string; ended?: Ended[] }> = defineRecipe({
    name: 'asker',
    run({ prompt, ended }: { prompt?: string; ended?: Ended[] }): Promise<unknown> {
      const onComplete = { submit: { recipe: 'asker' } };
      const tools = backgroundTools(client, { recipes: ['double'], sessionId: 'chat', onComplete });
      const results = ended?.map(({ result }) => result).sort();
      return askWithTools(models, prompt ?? JSON.stringify(results), Object.values(tools));
    },
  });
  const first = await client.submit({ recipe: asker, input: { prompt: 'Double 4 and 5.' }, sessionId: 'chat' });
  assert.equal(await first.wait(60), 'They are on their way.');
  const [, woken] = await tasksOf(client, 'asker', 2);
  assert.equal(await client.wait(woken?.taskId ?? '', 60), 'I was told: [10,8]');
  assert.equal(woken?.sessionId, 'chat');
  assert.equal((await client.list({ recipe: 'asker' })).total, 2, 'once');
});

test('every end is told, however a task ends; what was given stays beside it', async (t) => {
  const fails = defineRecipe({ name: 'fails', run: () => Promise.reject(new Error('no way')) });
  const idle = defineRecipe({ name: 'idle', run: (_, { signal }) => heard(signal, 'abort') });
  const client = await clientFor(t);
  const onComplete = { submit: { recipe: 'listen', input: { topic: 't' } } };
  const failed = await client.submit({ recipe: fails, onComplete });
  const cancelled = await client.submit({ recipe: idle, onComplete });
  await cancelled.cancel('enough');
  const seen: Ended[] = [];
  for (let count = 1; seen.length < 2; count++) {
    const woken = (await tasksOf(client, 'listen', count)).at(-1);
    const input = (await client.wait(woken?.taskId ?? '', 60)) as { topic: string; ended: Ended[] };
    assert.equal(input.topic, 't');
    seen.push(...input.ended);
  }
  const told = seen.map(({ task_id, status, result, error }) => [task_id, status, result, error]);
  assert.deepEqual(
    told.sort(([a], [b]) => (a === failed.id ? -1 : b === failed.id ? 1 : 0)),
    [
      [failed.id, 'failed', null, 'no way'],
      [cancelled.id, 'cancelled', null, 'cancelled'],
    ],
  );
});

test('ends before the task has started are told by it; others, and another request, by others', async (t) => {
  const client = await clientFor(t, double);
  const submit = (topic: string) =>
    client.submit({
      recipe: double,
      input: 1,
      onComplete: { submit: { recipe: 'listen', input: { topic }, delay: topic === 'later' ? '1h' : 0 } },
    });
  for (const topic of ['later', 'later', 'other', 'later']) await (await submit(topic)).wait(60);
  const [later] = await until(async () => {
    const { tasks } = await client.list({ recipe: 'listen', status: ['pending'] });
    return tasks.length === 1 ? tasks : undefined;
  });
  const ended = await endedOf(client, later);
  assert.deepEqual(
    ended.map(({ result }) => result),
    [2, 2, 2],
  );
  assert.equal((await tasksOf(client, 'listen', 2)).length, 2);
});

test('what cannot be submitted later is refused now', async (t) => {
  const client = await clientFor(t, double);
  const submit = (task: object) => client.submit({ recipe: double, input: 1, onComplete: { submit: task } as never });
  await assert.rejects(submit({ recipe: 'no-such' }), { code: 'recipe_not_found' });
  await assert.rejects(submit({ recipe: 'listen', idempotencyKey: 'k' }), /onComplete\.submit\.idempotencyKey: got/);
  await assert.rejects(submit({ recipe: 'listen', onConflict: 'reject' }), /expected parallel or enqueue/);
  await assert.rejects(submit({ recipe: 'listen', timout: 1 }), /did you mean 'timeout'/);
  await assert.rejects(client.submit({ recipe: double, input: 1, onComplete: { wake: 1 } as never }), /unknown option/);
  await assert.rejects(client.submit({ recipe: double, input: 1, onComplete: 'x' as never }), /onComplete: got/);
  assert.equal((await client.list()).total, 0);
});

test('a retry of a task tells of its end, too', async (t) => {
  const flaky = defineRecipe({
    name: 'flaky',
    run: (_: undefined, ctx) => {
      if (calls++ === 0) throw new Error('first');
      return ctx.taskId;
    },
  });
  let calls = 0;
  const client = await clientFor(t);
  const task = await client.submit({ recipe: flaky, onComplete: { submit: { recipe: 'listen', delay: '1h' } } });
  await assert.rejects(task.wait(60));
  const again = await client.retry(task.id);
  await again.wait(60);
  const [woken] = await tasksOf(client, 'listen', 1);
  const ended = await endedOf(client, woken);
  assert.deepEqual(
    ended.map(({ status }) => status),
    ['failed', 'completed'],
  );
});

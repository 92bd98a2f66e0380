/** Async contexts and reasons of signals of tasks whose code runs in the process that submitted them. */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { after, test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import type { TaskEvent } from '#offstage/wire/event.js';
import { Project, until } from './project.js';

const request = new AsyncLocalStorage<string>();
after(() => request.disable());
const own = (): string => request.getStore() ?? 'none';

test('recipes in code and their callbacks never run in the context of another submit', async (t) => {
  const client = makeClient(await new Project(t).verbs(t));
  const child = defineRecipe({ name: 'child', run: own });
  const parent = defineRecipe({
    name: 'parent',
    run: async (_: unknown, ctx) => [own(), await (await ctx.submit(child)).wait(), own()],
  });
  await client.work({ recipes: [child] });
  const told: string[] = [];
  const submit = (name: string) =>
    client.submit({ recipe: parent, name, onComplete: () => told.push(`${name} ${own()}`) });
  const names = ['a', 'none', 'b', 'c', 'none', 'd'];
  const handles = await Promise.all(
    names.map((name) => (name === 'none' ? submit(name) : request.run(name, () => submit(name)))),
  );
  assert.deepEqual(
    await Promise.all(handles.map((handle) => handle.wait())),
    names.map((name) => [name, name, name]),
  );
  await until(() => told.length === names.length);
  assert.deepEqual(told.sort(), names.map((name) => `${name} ${name}`).sort());
  await client.close();
});

test("a signal's reason is the cause, in the code and at the waiter", async (t) => {
  const client = makeClient(await new Project(t).verbs(t));
  const controller = new AbortController();
  const why = new Error('the user left');
  let inside: unknown;
  const recipe = defineRecipe({
    name: 'waits',
    run: (_: unknown, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          inside = signal.reason;
          reject(signal.reason);
        });
        controller.abort(why);
      }),
  });
  const task = await client.submit({ recipe, signal: controller.signal });
  const error = await task.wait().catch((error: Error) => error);
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.cause === why], ['TaskCancelledError', true]);
  await until(() => inside !== undefined);
  assert.deepEqual([(inside as Error).name, (inside as Error).cause === why], ['TaskCancelledError', true]);
  await client.close();
});

test('many waits with one signal share one listener, and leave none', async (t) => {
  const client = makeClient(await new Project(t).verbs(t));
  const { signal } = new AbortController();
  let end = (_: number): void => {};
  const ends = new Promise<number>((resolve) => {
    end = resolve;
  });
  const recipe = defineRecipe({ name: 'ends', run: () => ends });
  const task = await client.submit({ recipe });
  const waits = Array.from({ length: 30 }, () => task.wait({ signal }));
  await until(() => getEventListeners(signal, 'abort').length > 0);
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  end(1);
  await Promise.all(waits);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  await client.close();
});

test('times in the data of events are texts, and no path or field of the engine is told', async (t) => {
  const project = new Project(t);
  const verbs = await project.verbs(t, 'none');
  const runAt = new Date(Date.now() + 60_000);
  const [task] = await verbs.submit([{ recipe: 'echo', runAt, input: { value: 1 }, retries: 2 }]);
  const { events } = await verbs.events([task?.task_id ?? '']);
  assert.deepEqual(events[0]?.data, {
    name: 'echo',
    recipe: 'echo',
    session_id: task?.session_id,
    parent_id: null,
    priority: 0,
    max_attempts: 3,
    on_lost: 'fail',
    run_at: runAt.toISOString(),
    timeout_sec: 300,
    ttl_sec: null,
    idempotency_key: null,
    retried_from: null,
  });
  let event: TaskEvent | undefined;
  for await (const each of makeClient(verbs).events(task?.task_id ?? '')) event ??= each;
  assert.ok(event?.kind === 'submitted');
  assert.deepEqual([event.data.runAt, event.data.maxAttempts, event.data.timeoutSec], [runAt, 3, 300]);
});

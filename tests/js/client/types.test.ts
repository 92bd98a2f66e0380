/** Types that must flow to the handle of a store, and what must not compile. The compiler does the work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import {
  type BackgroundTaskHandle,
  type Client,
  defineRecipe,
  type RecipeApi,
  type RunnerTaskHandle,
  type Task,
  type TaskEvent,
  type TaskSpec,
  type WaitManyOptions,
} from '#offstage';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Fails to compile unless the two types are the same; what is passed is never looked at. */
const is = <A, B>(_proof: Same<A, B>): void => {};
/** Code that is compiled and not run. */
const compiled = (code: unknown): void => assert.equal(typeof code, 'function');

const zod = defineRecipe({
  name: 'zod',
  input: z.object({ n: z.number(), s: z.string().default('') }),
  output: v.pipe(v.number(), v.transform(String)),
  run: ({ n, s }) => n + s.length,
});
const plain = defineRecipe({ name: 'plain', run: (input: readonly string[]) => input.length });
const none = defineRecipe({ name: 'none', run: async () => new Date() });

test('input and result of a recipe in code flow through submit, runBackground and run', () => {
  compiled(async (client: Client, recipe: RecipeApi) => {
    const a = client.submit({ recipe: zod, input: { n: 1 }, priority: 'high', onComplete: ({ status }) => status });
    is<typeof a, Promise<BackgroundTaskHandle<string>>>(true);
    const b = client.submit({ recipe: plain, input: ['x'] });
    is<typeof b, Promise<BackgroundTaskHandle<number>>>(true);
    const c = client.submit({ recipe: none });
    is<typeof c, Promise<BackgroundTaskHandle<string>>>(true);
    const d = recipe.runBackground(zod, { input: { n: 1, s: 'x' }, timeoutSec: 3 });
    is<typeof d, Promise<BackgroundTaskHandle<string>>>(true);
    const e = recipe.run(none, { waitTimeout: 3 });
    is<typeof e, Promise<string>>(true);
    const f = recipe.run(plain, { input: [], store: 'x' });
    is<typeof f, Promise<number>>(true);
    // @ts-expect-error no input, and one is needed
    client.submit({ recipe: zod });
    // @ts-expect-error input of another type
    client.submit({ recipe: plain, input: [1] });
    // @ts-expect-error no input, and one is needed
    recipe.runBackground(plain);
    // @ts-expect-error input of another type
    recipe.run(zod, { input: { n: 'x' } });
  });
});

test('a recipe by name has the result that is said', () => {
  compiled((client: Client, recipe: RecipeApi) => {
    const a = client.submit<{ greeting: string }>({ recipe: 'greet', input: 7 });
    is<typeof a, Promise<BackgroundTaskHandle<{ greeting: string }>>>(true);
    const b = client.submit({ recipe: 'greet' });
    is<typeof b, Promise<BackgroundTaskHandle<unknown>>>(true);
    const c = recipe.run<number>('greet');
    is<typeof c, Promise<number>>(true);
    const specs: TaskSpec[] = [{ recipe: 'greet' }, { recipe: plain, input: [] }];
    for (const spec of specs) client.submit(spec);
    const generic = <I, O>(spec: TaskSpec<I, O>) => client.submit(spec);
    is<ReturnType<typeof generic<string, number>>, Promise<BackgroundTaskHandle<number>>>(true);
    const many = client.submitMany(specs);
    is<typeof many, Promise<BackgroundTaskHandle[]>>(true);
    // @ts-expect-error a recipe is a name or what defineRecipe returns
    client.submit({ recipe: () => 1 });
    // @ts-expect-error no such option
    client.submit({ recipe: 'greet', promt: 'x' });
    // @ts-expect-error no such policy
    client.submit({ recipe: 'greet', onConflict: 'wait' });
  });
});

test('handles of a store and of a runner are one kind', () => {
  compiled(async (stored: BackgroundTaskHandle<number>, run: RunnerTaskHandle<number>, client: Client) => {
    const either: BackgroundTaskHandle<number> = Math.random() > 2 ? stored : run;
    for await (const event of either.events({ after: 1, follow: true })) is<typeof event, TaskEvent>(true);
    const answered = either.respond('key', { action: 'accept', content: 1 });
    is<typeof answered, Promise<void>>(true);
    is<typeof either.deduplicated, boolean>(true);
    const child = client.submit({ recipe: none, parent: run });
    is<typeof child, Promise<BackgroundTaskHandle<string>>>(true);
    const recovered = await client.recover({ all: true }, { dryRun: true });
    is<(typeof recovered)[number]['taskId'], string>(true);
    const worker = await client.work({ concurrency: 2, recipes: [zod, plain, none] });
    is<typeof worker.done, Promise<void>>(true);
    // @ts-expect-error all is true or nothing
    client.recover({ all: false });
    // @ts-expect-error no such answer
    either.respond('key', { action: 'maybe' });
  });
});

test('a wait for one gives its result, a wait for several their tasks', () => {
  compiled(async (client: Client, ids: readonly string[]) => {
    const one = client.wait('task_1', { timeout: '30s' });
    is<typeof one, Promise<unknown>>(true);
    const all = client.wait(ids, { any: true, timeout: 30, signal: AbortSignal.timeout(1) });
    is<typeof all, Promise<Task[]>>(true);
    const options: WaitManyOptions = { any: undefined };
    is<ReturnType<typeof client.clear>, Promise<number>>(true);
    client.clear({ ids, all: true });
    client.wait([], options);
    // @ts-expect-error one task has no first
    client.wait('task_1', { any: true });
  });
});

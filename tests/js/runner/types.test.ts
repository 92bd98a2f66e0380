/** Types that must flow to the handle, and what must not compile. The compiler does the work; running it only proves it was built. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import {
  type BackgroundJobManager,
  type BackgroundRunner,
  type BackgroundTaskHandle,
  defineRecipe,
  type RunnerSummary,
  type RunnerTaskHandle,
  type RunOrBackground,
  type Task,
  type TaskContext,
  type TaskStatus,
} from '#offstage';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Fails to compile unless the two types are the same; what is passed is never looked at. */
const is = <A, B>(_proof: Same<A, B>): void => {};
/** Code that is compiled and not run. */
const compiled = (code: unknown): void => assert.equal(typeof code, 'function');

test('the result is what the function returns or resolves with', () => {
  compiled((runner: BackgroundRunner) => {
    const sync = runner.submit(() => 1);
    is<typeof sync, RunnerTaskHandle<number>>(true);
    const asynchronous = runner.submit(async () => ({ a: 'x' }));
    is<typeof asynchronous, RunnerTaskHandle<{ a: string }>>(true);
    const nothing = runner.submit(() => {});
    is<typeof nothing, RunnerTaskHandle<void>>(true);
    const either = runner.submit((ctx) => (ctx.attempt > 1 ? ctx.name : Promise.resolve(1)));
    is<typeof either, RunnerTaskHandle<string | number>>(true);
    const thenable = runner.submit(() => ({}) as PromiseLike<Date>);
    is<typeof thenable, RunnerTaskHandle<Date>>(true);
    const waited = sync.wait('30s');
    is<typeof waited, Promise<number>>(true);
    const looked = asynchronous.snapshot();
    is<typeof looked, Promise<Task<{ a: string }>>>(true);
    const handle: BackgroundTaskHandle<number> = sync;
    return handle;
  });
});

test('an async iterable results in what it returns, else in its items', () => {
  compiled((runner: BackgroundRunner) => {
    const items = runner.submit(async function* () {
      yield 1;
      yield 2;
    });
    is<typeof items, RunnerTaskHandle<(1 | 2)[]>>(true);
    const returned = runner.submit(async function* (): AsyncGenerator<number, string> {
      yield 1;
      return 'done';
    });
    is<typeof returned, RunnerTaskHandle<string>>(true);
    const stream = runner.submit(() => ({}) as AsyncIterable<Uint8Array>);
    is<typeof stream, RunnerTaskHandle<Uint8Array[]>>(true);
  });
});

test('arguments and input have the types that the function takes', () => {
  compiled((runner: BackgroundRunner) => {
    const add = (a: number, b: number) => a + b;
    const sum = runner.submit(add, { args: [1, 2], name: 'sum' });
    is<typeof sum, RunnerTaskHandle<number>>(true);
    // @ts-expect-error a text is no number
    runner.submit(add, { args: [1, '2'] });
    // @ts-expect-error there is one argument too few
    runner.submit(add, { args: [1] });
    // @ts-expect-error a function with parameters of its own needs arguments
    runner.submit(add);
    const length = runner.submit(({ input }) => input.text.length, { input: { text: 'abc' } });
    is<typeof length, RunnerTaskHandle<number>>(true);
    const typed = (ctx: TaskContext<{ city: string }>) => ctx.input.city;
    const city = runner.submit(typed, { input: { city: 'Oslo' } });
    is<typeof city, RunnerTaskHandle<string>>(true);
    // @ts-expect-error the input has another form
    runner.submit(typed, { input: { town: 'Oslo' } });
    // @ts-expect-error the input is missing
    runner.submit(typed);
    runner.submit((ctx) => {
      is<typeof ctx, TaskContext>(true);
      is<typeof ctx.input, unknown>(true);
      is<typeof ctx.signal, AbortSignal>(true);
    });
  });
});

test('types flow through every other way to submit and to wait', () => {
  compiled(async (runner: BackgroundRunner, manager: BackgroundJobManager) => {
    const quick = await runner.runOrBackground(async () => 1, { yieldMs: 10 });
    is<typeof quick, RunOrBackground<number>>(true);
    if (quick.done) is<typeof quick.result, number>(true);
    else is<typeof quick.task, RunnerTaskHandle<number>>(true);
    // @ts-expect-error there is no result before it is known that it came in time
    quick.result;
    const withArgs = await runner.runOrBackground((a: string) => a, { args: ['x'] });
    is<typeof withArgs, RunOrBackground<string>>(true);
    const many = runner.submitMany([{ fn: () => 1 }, { fn: async () => 2, name: 'two' }]);
    is<typeof many, [RunnerTaskHandle<number>, RunnerTaskHandle<number>]>(true);
    const each = runner.submitMany([1, 2].map((n) => ({ fn: async () => String(n) })));
    is<typeof each, RunnerTaskHandle<string>[]>(true);
    runner.submit((ctx) => {
      const child = ctx.submit(async () => true, { key: 'child' });
      is<typeof child, BackgroundTaskHandle<boolean>>(true);
      const step = ctx.step('once', () => 'x');
      is<typeof step, Promise<string>>(true);
      const adding = ctx.submit((a: number) => a, { args: [1] });
      is<typeof adding, BackgroundTaskHandle<number>>(true);
      // @ts-expect-error a text is no number
      ctx.submit((a: number) => a, { args: ['1'] });
    });
    const told = runner.waitForTask<string>('task_1', 5);
    is<typeof told, Promise<string>>(true);
    const unknown = runner.waitForTask('task_1');
    is<typeof unknown, Promise<unknown>>(true);
    const handle = runner.handle<Date>('task_1');
    is<typeof handle, RunnerTaskHandle<Date>>(true);
    const thread = runner.submitThread<number>('./work.js', [1]);
    is<typeof thread, RunnerTaskHandle<number>>(true);
    const all = runner.waitAll();
    is<typeof all, Promise<RunnerSummary>>(true);
    const status = manager.getStatus(manager.startJob(() => 1));
    is<typeof status, TaskStatus>(true);
    const result = manager.getResult<number>('task_1');
    is<typeof result, number | undefined>(true);
    const jobs = manager.listJobs();
    is<typeof jobs, Map<string, Task>>(true);
    const job = await manager.runOrBackground(() => 'x');
    is<typeof job, RunOrBackground<string>>(true);
  });
});

const text = z.object({ text: z.string(), least: z.number().default(1) });
const count = v.pipe(v.string(), v.transform(Number));
const point = type({ x: 'number', 'y?': 'string' });

test('a recipe gives its types to the handle: zod, valibot, arktype', () => {
  const zod = defineRecipe({ name: 'zod', input: text, run: ({ text, least }) => text.length > least });
  const valibot = defineRecipe({ name: 'valibot', output: count, run: (input: Date) => String(input.getTime()) });
  const arktype = defineRecipe({ name: 'arktype', input: point, output: point, run: async (input) => input });
  const none = defineRecipe({ name: 'none', run: async () => [1] });
  compiled((runner: BackgroundRunner) => {
    const first = runner.submit(zod, { input: { text: 'abc' } });
    is<typeof first, RunnerTaskHandle<boolean>>(true);
    const second = runner.submit(valibot, { input: new Date() });
    is<typeof second, RunnerTaskHandle<number>>(true);
    const third = runner.submit(arktype, { input: { x: 1 }, name: 'p' });
    is<typeof third, RunnerTaskHandle<{ x: number; y?: string }>>(true);
    const fourth = runner.submit(none);
    is<typeof fourth, RunnerTaskHandle<number[]>>(true);
    const soon = runner.runOrBackground(zod, { input: { text: 'abc' }, yieldMs: 5 });
    is<typeof soon, Promise<RunOrBackground<boolean>>>(true);
    runner.submit((ctx) => {
      const child = ctx.submit(zod, { input: { text: 'abc' }, key: 'k' });
      is<typeof child, BackgroundTaskHandle<boolean>>(true);
    });
    // @ts-expect-error the input has another form
    runner.submit(zod, { input: { text: 7 } });
    // @ts-expect-error the input is missing
    runner.submit(zod, { name: 'x' });
    // @ts-expect-error the input is missing
    runner.submit(zod);
    // @ts-expect-error what goes in is a Date
    runner.submit(valibot, { input: '2026-01-01' });
    // @ts-expect-error a recipe gets its input, no arguments
    runner.submit(none, { args: [1] });
    // @ts-expect-error the result is no text
    const wrong: RunnerTaskHandle<string> = runner.submit(zod, { input: { text: 'abc' } });
    return wrong;
  });
  const schema: StandardSchemaV1 = point;
  assert.equal(typeof schema, 'function');
});

test('what does not fit does not compile', () => {
  compiled(async (runner: BackgroundRunner, manager: BackgroundJobManager) => {
    // @ts-expect-error a result type is no other
    const text: RunnerTaskHandle<string> = runner.submit(() => 1);
    // @ts-expect-error a handle is not what it resolves to
    const direct: number = await runner.submit(() => 1);
    // @ts-expect-error a promise is no function
    runner.submit(Promise.resolve(1));
    // @ts-expect-error options are known by name
    runner.submit(() => 1, { sesionId: 'x' });
    // @ts-expect-error four policies
    runner.submit(() => 1, { onConflict: 'wait' });
    // @ts-expect-error a handle's fields are read-only
    runner.submit(() => 1).taskId = 'task_1';
    // @ts-expect-error events are known by name
    runner.on('done', () => {});
    // @ts-expect-error `done` is no status
    runner.list({ status: ['done'] });
    // @ts-expect-error a module in a thread gets no context
    runner.submitThread('./work.js', [], { onProgress: () => {} });
    // @ts-expect-error an agent has one of the methods, or is a function
    runner.submitAgent({ speak: () => 'hello' }, 'hi');
    // @ts-expect-error an answer that was given is no cancel
    runner.submit(async (ctx) => (await ctx.requestInput({ key: 'k', message: 'm' })).action === 'cancel');
    // @ts-expect-error seconds are no boolean
    manager.runner.submit(() => 1, { timeout: true });
    return [text, direct];
  });
});

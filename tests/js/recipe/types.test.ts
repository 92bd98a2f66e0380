/** Types that must flow, and what must not compile. The compiler does the work; running it only proves it was built. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineRecipe, type Recipe } from '#offstage/recipe/index.js';
import type { BackgroundRunner } from '#offstage/runner/index.js';
import type { BackgroundTaskHandle } from '#offstage/wire/task-handle.js';
import { schema } from './schemas.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T): void => {};

const text = schema<string, number>((value) => ({ value: value.length }));
const flag = schema<number, boolean>((value) => ({ value: value > 0 }));

test('input and result types come from the schemas, else from run', () => {
  const both = defineRecipe({ name: 'both', input: text, output: flag, run: async (n) => n + 1 });
  holds<Same<typeof both, Recipe<string, boolean>>>();
  const input = defineRecipe({ name: 'in', input: text, run: async (n, ctx) => [n + ctx.input] });
  holds<Same<typeof input, Recipe<string, number[]>>>();
  const output = defineRecipe({ name: 'out', output: flag, run: (given: { a: string }) => given.a.length });
  holds<Same<typeof output, Recipe<{ a: string }, boolean>>>();
  const none = defineRecipe({ name: 'none', run: async (given: { a: string }) => given.a });
  holds<Same<typeof none, Recipe<{ a: string }, string>>>();
  const many: Recipe[] = [both, input, output, none];
  assert.equal(many.length, 4);
});

test('an async iterable results in what it returns, else in its items', () => {
  const items = defineRecipe({
    name: 'items',
    async *run() {
      yield 1;
    },
  });
  holds<Same<typeof items, Recipe<unknown, number[]>>>();
  const last = defineRecipe({
    name: 'last',
    async *run() {
      yield 1;
      return 'x';
    },
  });
  holds<Same<typeof last, Recipe<unknown, string>>>();
  assert.notEqual(items, last);
});

test('children have the types of their recipes', () => {
  const child = defineRecipe({ name: 'child', run: (given: { n: number }) => given.n > 0 });
  const parent = defineRecipe({
    name: 'parent',
    async run(_input, ctx) {
      const typed = await ctx.submit(child, { input: { n: 1 }, key: 'k' });
      holds<Same<typeof typed, BackgroundTaskHandle<boolean>>>();
      const spec = await ctx.submit({ recipe: child, input: { n: 1 } });
      holds<Same<typeof spec, BackgroundTaskHandle<boolean>>>();
      const named = await ctx.submit<string>('by-name', { input: [1], priority: 'high' });
      holds<Same<typeof named, BackgroundTaskHandle<string>>>();
      const other = await ctx.submit('by-name');
      holds<Same<typeof other, BackgroundTaskHandle>>();
      const step = await ctx.step('k', async () => 5);
      holds<Same<typeof step, number>>();
      // @ts-expect-error the input is another
      await ctx.submit(child, { input: 'text' });
      // @ts-expect-error there must be an input
      await ctx.submit(child);
      // @ts-expect-error what a child is not asked
      await ctx.submit('by-name', { onComplete: () => {} });
    },
  });
  assert.equal(parent.name, 'parent');
});

test('a recipe in code is work for a runner too', () => {
  const recipe = defineRecipe({ name: 'own', run: (n: number, ctx) => ctx.step('k', () => n + 1) });
  const submit = (runner: BackgroundRunner) => runner.submit(recipe, { input: 1 });
  holds<Same<Awaited<ReturnType<ReturnType<typeof submit>['wait']>>, number>>();
  assert.equal(typeof submit, 'function');
});

test('what does not fit does not compile', () => {
  // @ts-expect-error run returns what the output schema does not take
  defineRecipe({ name: 'x', input: text, output: flag, run: () => 'text' });
  // @ts-expect-error run takes what the input schema does not return
  defineRecipe({ name: 'x', input: text, run: (value: boolean) => value });
  const recipe = defineRecipe({ name: 'x', run: () => 1 });
  // @ts-expect-error a result type is no other
  const wrong: Recipe<unknown, string> = recipe;
  assert.equal(wrong, recipe);
});

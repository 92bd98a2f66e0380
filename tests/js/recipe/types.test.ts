/** Types that must flow, and what must not compile. The compiler does the work; running it only proves it was built. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineRecipe, type Recipe } from '#offstage/recipe/index.js';
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

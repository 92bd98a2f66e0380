/** What the tasks of a round of wakes do, in whichever process. */
import type { RecipeContext } from '#offstage/ports/recipe.js';
import { defineRecipe } from '#offstage/recipe/define.js';
import { pause } from '../waiting.js';

export interface Part {
  kind: 'quick' | 'slow' | 'parent' | 'hang' | 'ask' | 'again' | 'later';
  /** How long it takes, where it takes time. */
  ms: number;
  /** How many it submits and awaits as a parent. */
  children: number;
}

/** How many ran in this process. */
export const ran = { tasks: 0 };

export const act = defineRecipe({
  name: 'act',
  run: async (part: Part, ctx: RecipeContext): Promise<string> => {
    ran.tasks += 1;
    if (part.kind === 'slow') await pause(part.ms);
    if (part.kind === 'hang') await aborted(ctx.signal);
    if (part.kind === 'ask') await ctx.requestInput({ key: 'go', message: 'May I?' });
    if (part.kind === 'again' && ctx.attempt === 1) throw new Error('not yet');
    if (part.kind === 'parent') await family(part, ctx);
    return part.kind;
  },
});

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** All at once, or one after the other. */
async function family({ children, ms }: Part, ctx: RecipeContext): Promise<void> {
  const submit = () => ctx.submit({ recipe: 'act', input: { kind: ms % 2 === 0 ? 'quick' : 'slow', ms, children: 0 } });
  if (ms % 3 === 0) for (let n = 0; n < children; n++) await (await submit()).wait();
  else await Promise.all((await Promise.all(Array.from({ length: children }, submit))).map((child) => child.wait()));
}

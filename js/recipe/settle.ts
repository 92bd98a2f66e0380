/** What a submit settles of a recipe, for kinds that have something to settle. */
import { invalid } from '../errors/index.ts';
import type { ProgramSubmit } from '../ports/program.ts';
import { programFolder } from '../program/contain.ts';
import { readingOf, valueIn } from '../program/kinds.ts';
import { AGENT_OPTIONS, type AgentOptions } from '../wire/requests.ts';
import { digestWith } from './digest.ts';
import { findRecipe } from './find.ts';
import type { RecipeFolder, RecipeSearch } from './types.ts';

/** A recipe as a task will have it. */
export interface SettledRecipe {
  recipe: RecipeFolder;
  /** Kept in the record; undefined where there was nothing to settle. */
  settled: unknown;
  input: unknown;
  /** What people are shown of it; undefined likewise. */
  plan: Record<string, unknown> | undefined;
  /** Names of tools that are denied; any refuse a submit. */
  denied: readonly string[];
}

/** Who settles, and where recipes lie that this one names. */
export interface Settling extends Omit<ProgramSubmit, 'needs' | 'find' | 'limits'> {
  search: RecipeSearch;
}

/** Throws what a submit throws. */
export async function settleRecipe(recipe: RecipeFolder, settling: Settling): Promise<SettledRecipe> {
  const { settle, beside } = await readingOf(recipe.kind);
  if (settle === undefined) {
    refuseOfAgents(recipe, settling.asked);
    return { recipe, settled: undefined, input: settling.input?.given, plan: undefined, denied: [] };
  }
  const { search, ...submit } = settling;
  const { needs, external, ...made } = await settle(programFolder(recipe.root, recipe.name), valueIn(recipe), {
    ...submit,
    limits: recipe.runtime.agents,
    needs: recipe.requires.env.map(({ name }) => name),
    find: async (name) => {
      const found = await findRecipe(name, search);
      return programFolder(found.root, found.name);
    },
  });
  const { requires } = recipe;
  const more = { env: variables(recipe, needs), external: [...new Set([...requires.external, ...external])] };
  const others = beside?.(made.settled) ?? [];
  const code = others.length === 0 ? {} : { digest: await digestWith(recipe.root, others) };
  return { ...made, recipe: { ...recipe, ...code, requires: { ...requires, ...more } } };
}

/** What the recipe says of a variable stays; whatever else is needed is secret. */
function variables({ requires }: RecipeFolder, needs: readonly string[]): RecipeFolder['requires']['env'] {
  return needs.map((name) => requires.env.find((one) => one.name === name) ?? { name, secret: true });
}

function refuseOfAgents({ name }: RecipeFolder, asked: AgentOptions): void {
  for (const option of AGENT_OPTIONS) {
    if (asked[option] === undefined) continue;
    throw invalid(option, asked[option], `none for recipe '${name}', which has no agents`);
  }
}

import type { Recipes } from '../../../client/index.ts';
import { isTaskError } from '../../../errors/base.ts';
import { defineCommand } from '../../command.ts';
import { escaped } from '../../human/escape.ts';

type List = Awaited<ReturnType<Recipes['list']>>;

export const command = defineCommand({
  usage: '',
  summary: 'Lists the recipes that can be run from here, and those that are broken.',
  options: {},
  args: { min: 0, max: 0 },
  examples: ['offstage recipe list', 'offstage recipe list --json'],
  async run(call) {
    const list = await (await call.recipes()).list();
    call.answer(documentOf(list), textOf(list));
    for (const { path, error } of list.problems) call.tell(`${escaped(path)}: ${escaped(error.message)}`);
    return 0;
  },
});

function documentOf({ recipes, problems }: List): Record<string, unknown> {
  return {
    ok: true,
    recipes: recipes.map(({ name, version, description, author, license, tags, kind, root, runtime }) => ({
      name,
      version,
      description,
      author,
      license,
      tags,
      kind,
      path: root,
      background: runtime.enabled,
    })),
    problems: problems.map(({ path, error }) => ({
      path,
      error: error.message,
      code: isTaskError(error) ? error.code : 'unexpected',
      ...(isTaskError(error) && error.details !== undefined ? { details: error.details } : {}),
    })),
  };
}

function textOf({ recipes }: List): string {
  if (recipes.length === 0) return 'No recipes found';
  const width = Math.max(...recipes.map(({ name }) => name.length));
  return recipes.map(({ name, description }) => `${name.padEnd(width)}  ${escaped(description)}`.trimEnd()).join('\n');
}

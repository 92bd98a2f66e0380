import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: 'RECIPE',
  summary: 'Checks a recipe and what it needs, without running it.',
  about: 'Exits with 2 when it is broken (with file, line and column), 6 when something that it needs is missing here.',
  options: {},
  args: { min: 1, max: 1 },
  examples: ['offstage recipe validate my-recipe', 'offstage recipe validate ./recipes/my-recipe --json'],
  async run(call) {
    const [given = ''] = call.args;
    const { name, version, kind, root } = await (await call.recipes()).check(given);
    call.answer({ ok: true, recipe: name, version, kind, path: root }, `Recipe '${name}' is valid: ${root}`);
    return 0;
  },
});

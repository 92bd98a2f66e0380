import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: 'RECIPE',
  summary: 'Checks a recipe and what it needs, without running it.',
  about:
    'Exits with 2 when it is broken (with file, line and column), 6 when something that it needs is missing here. Tools that are denied are named: they are for a submit to allow.',
  options: {},
  args: { min: 1, max: 1 },
  examples: ['offstage recipe validate my-recipe', 'offstage recipe validate ./recipes/my-recipe --json'],
  async run(call) {
    const [given = ''] = call.args;
    const { recipe, denied } = await (await call.recipes()).check(given);
    const { name, version, kind, root, runtime } = recipe;
    call.answer({ ok: true, recipe: name, version, kind, path: root, denied }, `Recipe '${name}' is valid: ${root}`);
    if (denied.length > 0) call.tell(deniedText(denied));
    if (!runtime.enabled) call.tell('runtime.background.enabled is false: a submit is refused');
    return 0;
  },
});

const deniedText = (tools: readonly string[]): string =>
  `denied here: ${tools.join(', ')}; a submit is refused unless they are allowed (--allow-tool, --ask-tool, agents.tools)`;

import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: 'NAME',
  summary: 'Makes the folder of a new recipe that runs, to be changed into your own.',
  about:
    'A name is made in recipes/ beside the nearest package.json, else beside the store, where it is found by that name; a path is absolute or begins with ./. What is there already is left alone (exit 4).',
  options: {},
  args: { min: 1, max: 1 },
  examples: ['offstage recipe init my-recipe', 'offstage recipe init ./recipes/my-recipe'],
  async run(call) {
    const [given = ''] = call.args;
    const path = await (await call.recipes()).init(given);
    const name = path.split(/[\\/]/).at(-1) ?? given;
    call.answer({ ok: true, recipe: name, path }, path);
    const isPath = /^[.~]?[\\/]/.test(given);
    const which = isPath ? given : name;
    const isBackground = call.io.program === 'background';
    const run = isBackground ? call.typed('submit', '--recipe', which, '--wait') : call.typedOf('recipe', 'run', which);
    call.tell(`Run it: ${run}`);
    return 0;
  },
});

import { defineCommand } from '../../command.ts';
import { oneOf } from '../../values.ts';

/** As `client/init-recipe.ts` has them. */
const KINDS = ['module', 'agents'] as const;

export const command = defineCommand({
  usage: 'NAME',
  summary: 'Makes the folder of a new recipe that runs, to be changed into your own.',
  about:
    'A name is made in recipes/ beside the nearest package.json, else beside the store, where it is found by that name; a path is absolute or begins with ./. What is there already is left alone (exit 4).',
  options: {
    kind: { type: 'string', value: 'KIND', help: 'what it is made of: module or agents', default: 'module' },
  },
  args: { min: 1, max: 1 },
  examples: [
    'offstage recipe init my-recipe',
    'offstage recipe init my-agents --kind agents',
    'offstage recipe init ./recipes/my-recipe',
  ],
  async run(call) {
    const [given = ''] = call.args;
    const { kind } = call.flags;
    const path = await (await call.recipes()).init(given, kindOf(kind));
    const name = path.split(/[\\/]/).at(-1) ?? given;
    call.answer({ ok: true, recipe: name, path }, path);
    const isPath = /^[.~]?[\\/]/.test(given);
    const which = isPath ? given : name;
    const isBackground = call.io.program === 'background';
    const input = kind === 'agents' ? ['--input', 'FILE'] : [];
    const run = isBackground
      ? call.typed('submit', '--recipe', which, ...input, '--wait')
      : call.typedOf('recipe', 'run', which, ...input);
    call.tell(`Run it: ${run}`);
    return 0;
  },
});

const kindOf = (kind: string | undefined) => (kind === undefined ? undefined : oneOf('--kind', kind, KINDS));

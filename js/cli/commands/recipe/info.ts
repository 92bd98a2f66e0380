import type { Recipes } from '../../../client/index.ts';
import { defineCommand } from '../../command.ts';
import { escaped } from '../../human/escape.ts';
import { planText } from '../../human/plan.ts';

type RecipeFolder = Awaited<ReturnType<Recipes['get']>>;

export const command = defineCommand({
  usage: 'RECIPE',
  summary: 'Shows one recipe: what it is, takes, needs, and how it runs.',
  options: {},
  args: { min: 1, max: 1 },
  examples: ['offstage recipe info my-recipe', 'offstage recipe info ./recipes/my-recipe --json'],
  async run(call) {
    const [given = ''] = call.args;
    const recipes = await call.recipes();
    const recipe = await recipes.get(given);
    const plan = await recipes.plan(given);
    const document = { ...documentOf(recipe), ...(plan === undefined ? {} : { plan }) };
    call.answer(document, [textOf(recipe), ...(plan === undefined ? [] : [planText(plan)])].join('\n'));
    return 0;
  },
});

function documentOf(recipe: RecipeFolder): Record<string, unknown> {
  const { name, version, description, author, license, tags, kind, root, digest, runtime, requires } = recipe;
  return {
    ok: true,
    name,
    version,
    description,
    author,
    license,
    tags,
    kind,
    path: root,
    ...programOf(recipe),
    digest,
    background: runtime.enabled,
    runtime: {
      max_concurrent: runtime.maxConcurrent ?? null,
      cleanup_delay_sec: runtime.cleanupDelaySec ?? null,
      keep_failed_sec: runtime.keepFailedSec ?? null,
      keep_keyed_sec: runtime.keepKeyedSec ?? null,
      timeout_sec: runtime.timeoutSec ?? null,
      retries: runtime.retries ?? null,
      on_lost: runtime.onLost,
      on_code_change: runtime.onCodeChange ?? null,
      deliver_to: runtime.deliverTo ?? null,
      notify_on: runtime.notifyOn ?? null,
      typing: runtime.typing ?? null,
    },
    requires: { ...requires, env: requires.env.map(({ name, secret }) => (secret ? name : { name, secret })) },
    config: recipe.config,
    defaults: recipe.defaults,
    input: recipe.inputSchema ?? null,
  };
}

/** What it runs, under the key that its kind has for that. */
function programOf(recipe: RecipeFolder): Record<string, unknown> {
  const { name, version, description, author, license, tags, kind, root, digest, ...more } = recipe;
  const { runtime, requires, config, defaults, inputSchema, ...program } = more;
  return program;
}

function textOf(recipe: RecipeFolder): string {
  const { requires, runtime } = recipe;
  const rows: [string, string][] = [
    ['Recipe', `${recipe.name} ${recipe.version}`],
    ['Description', recipe.description],
    ['Author', recipe.author],
    ['License', recipe.license],
    ['Tags', recipe.tags.join(', ')],
    ['Path', recipe.root],
    ['Runs', Object.values(programOf(recipe)).flat().join(' ')],
    ['Background', runtime.enabled ? '' : 'no: runtime.background.enabled is false'],
    ['Timeout', runtime.timeoutSec === undefined ? '' : `${runtime.timeoutSec} s`],
    ['Needs', [...requires.env.map(({ name }) => name), ...requires.packages, ...requires.external].join(', ')],
    ['Config', keysOf(recipe.config)],
    ['Defaults', keysOf(recipe.defaults)],
    ['Input', recipe.inputSchema === undefined ? '' : JSON.stringify(recipe.inputSchema)],
  ];
  return rows.flatMap(([what, value]) => (value === '' ? [] : [`${what}: ${escaped(value)}`])).join('\n');
}

const keysOf = (values: Record<string, unknown>): string => Object.keys(values).join(', ');

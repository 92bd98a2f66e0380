// Makes docs/picture-light.svg and docs/picture-dark.svg from a real run: a fresh store, real recipes, real commands.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Scene } from './scene.mjs';
import { svgOf, THEMES } from './svg.mjs';
import { linesOf } from './terminal.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

const RECIPES = {
  research: `export default async function ({ pages = [] }, ctx) {
  for (const [n, page] of pages.entries()) await ctx.submit({ recipe: 'read-page', name: page, input: { n } });
  ctx.progress(0.45, 'reading');
  await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
}`,
  'read-page': `export default async function ({ n }, ctx) {
  if (n < 2) return { words: 1200 + n };
  ctx.progress(0.6);
  await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
}`,
  'weekly-report': `export default () => ({ lines: 120 });`,
  'import-orders': `export default async function () {
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
  throw new Error('the database is not there', { cause });
}`,
  deploy: `export default async function (_, ctx) {
  const answer = await ctx.requestInput({ key: 'go', message: 'Deploy v2.4.0 to production?' });
  return answer.action;
}`,
};

const scene = new Scene(`${root}dist/cli/offstage.cjs`);
try {
  const text = await played();
  const lines = linesOf(text);
  const about =
    'A terminal: a research task is submitted, offstage lists what runs, what asks and what failed, and says why.';
  for (const [name, theme] of Object.entries(THEMES)) {
    const svg = svgOf(lines, { theme, about });
    if (Buffer.byteLength(svg) > 40_000) throw new Error(`the picture has ${Buffer.byteLength(svg)} bytes`);
    writeFileSync(`${root}docs/picture-${name}.svg`, svg);
  }
  process.stdout.write(`${text}\n`);
} finally {
  await scene.end();
}

async function played() {
  for (const [name, source] of Object.entries(RECIPES)) scene.recipe(name, source);
  scene.file('build.mjs', "console.log('built');\n");
  const submit = (recipe, ...words) => scene.ask('background', 'submit', '--recipe', recipe, ...words);
  const status = (is, { task_id }) => scene.until((task) => task.status === is, 'background', 'status', task_id);
  await status('completed', await submit('weekly-report'));
  const failed = await submit('import-orders');
  await status('failed', failed);
  await status('input_required', await submit('deploy', '--name', 'deploy v2.4'));
  await submit('research', '--input', '{"pages": ["intro", "pricing", "changelog"]}');
  const read = ({ tasks }) => tasks.length === 3 && tasks.every(({ progress }) => progress > 0.5);
  await scene.until(read, 'background', 'list', '--recipe', 'read-page');
  await submit('weekly-report', '--name', 'next report', '--delay', '2h');
  const shown = [];
  for (const command of [
    'offstage background submit --name build -- node build.mjs',
    'offstage background list',
    `offstage background status ${failed.task_id.slice(5, 13)}`,
  ]) {
    shown.push(prompt(command), await scene.type(command), '');
    await scene.until(({ tasks }) => tasks[0].status === 'completed', 'background', 'list', '--name', 'build');
  }
  return shown.join('\n').trimEnd();
}

function prompt(command) {
  return `\x1b[2m$\x1b[22m \x1b[1m${command}\x1b[22m`;
}

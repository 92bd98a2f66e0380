/** The examples of docs/DEPLOYING-CODE.md, run against the installed tarball. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { examplesOf } from './examples.ts';
import { Project } from './tarball.ts';

const EXAMPLES = examplesOf('docs/DEPLOYING-CODE.md');
let project: Project;
before(() => {
  project = new Project();
});
after(() => project?.remove());

/** The app of before: it has charged and asks, and ends. */
const OLD = `import { defineRecipe, openBackground } from 'offstage';
const order = defineRecipe({
  name: 'order',
  run: async (input: { amount: number }, ctx) => {
    const cents = await ctx.step('charge', () => input.amount * 100);
    await ctx.requestInput({ key: 'ship', message: 'Ship it?' });
    return cents;
  },
});
const background = await openBackground();
const task = await background.submit({ recipe: order, input: { amount: 5 } });
for await (const { kind } of task.events({ follow: true })) if (kind === 'input_requested') break;
console.log(task.id);
await background.close();
`;

/** The app of today: what the old one left, and a new task. */
const NEW = `import { openBackground } from 'offstage';
import { order } from './order.js';
const background = await openBackground();
await background.work({ recipes: [order] });
const id = process.argv[2] ?? '';
await background.respond(id, 'ship', { action: 'accept' });
console.log(await background.wait(id, 60));
console.log(await (await background.submit({ recipe: order, input: { amount: 7 } })).wait(60));
await background.close();
`;

test('versions serve a task of the version before, and new ones run the new code', () => {
  project.write('order.ts', EXAMPLES.get('order') ?? '');
  project.write('old.ts', OLD);
  project.write('new.ts', NEW);
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,esnext.disposable'];
  const compiled = project.run(tsc, [...options, '--types', 'node', 'order.ts', 'old.ts', 'new.ts']);
  assert.deepEqual(compiled, { code: 0, stdout: '', stderr: '' });
  const old = project.run(process.execPath, ['old.js']);
  assert.deepEqual([old.code, old.stderr], [0, '']);
  const { code, stdout, stderr } = project.run(process.execPath, ['new.js', old.stdout.trim()]);
  assert.deepEqual([code, stdout, stderr], [0, '1: 500 cents\n2: 700 cents\n', '']);
});

test('the template is valid', () => {
  mkdirSync(join(project.folder, 'recipes', 'order'), { recursive: true });
  project.write('recipes/order/TEMPLATE.yaml', EXAMPLES.get('template') ?? '');
  project.write('recipes/order/recipe.mjs', 'export default () => 1;');
  const bin = join(project.folder, 'node_modules', '.bin', 'offstage');
  const { code, stdout } = project.run(bin, ['recipe', 'validate', 'order', '--json']);
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as { version: string }).version, '2');
});

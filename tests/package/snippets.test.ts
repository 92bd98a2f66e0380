/** The documented TypeScript snippets, compiled by `tsc --strict` against the installed tarball, and run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { type Ended, FIXTURES, Project } from './tarball.ts';

const SNIPPETS = ['usage.ts', 'handle.ts', 'error.ts', 'wrong.ts'];
let project: Project;
let compiled: Ended;

before(() => {
  project = new Project();
  for (const snippet of SNIPPETS) project.write(snippet, readFileSync(join(FIXTURES, snippet), 'utf8'));
  project.write('impatient.ts', readFileSync(join(FIXTURES, 'error.ts'), 'utf8').replace('wait(60)', 'wait(0.2)'));
  const options = ['--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false'];
  const files = [...SNIPPETS, 'impatient.ts'];
  compiled = project.run(join(ROOT, 'node_modules', '.bin', 'tsc'), ['--strict', ...options, ...files]);
});
after(() => project?.remove());

const recipe = (body: string) =>
  project.write('recipes/my-recipe/recipe.mjs', `export default async (input, { signal }) => {${body}};`);
const restoreRecipe = () =>
  project.write('recipes/my-recipe/recipe.mjs', readFileSync(join(FIXTURES, 'recipes/my-recipe/recipe.mjs'), 'utf8'));
const node = (file: string) => project.run(process.execPath, [file]);

test('they compile under --strict, the declarations of the package included, and wrong uses do not', () => {
  assert.deepEqual(compiled, { code: 0, stdout: '', stderr: '' });
});

test('basic usage prints id, session, a true status and the result', () => {
  restoreRecipe();
  const { code, stdout, stderr } = node('usage.js');
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^Task ID: task_[0-9a-f]{32}$/);
  assert.equal(lines[1], 'Session: session_123');
  assert.match(lines[2] ?? '', /^Status: (pending|running|completed)$/);
  assert.deepEqual(lines.slice(3), ['Result: What is AI? in 1000 tokens']);
});

test('the documented interface is met, and a cancel is answered true once', () => {
  restoreRecipe();
  const { code, stdout, stderr } = node('handle.js');
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.match(stdout, /^task_[0-9a-f]{32} my-recipe session_[0-9a-f]{8}\ntrue true false\n$/);
});

test('error handling: a recipe that succeeds prints nothing', () => {
  recipe("return input.input === 'test'");
  assert.deepEqual(node('error.js'), { code: 0, stdout: '', stderr: '' });
});

test('error handling: a failed recipe is a RecipeError with its message', () => {
  recipe("throw new Error('the model is ' + input.input)");
  assert.deepEqual(node('error.js'), { code: 0, stdout: '', stderr: 'Recipe error: the model is test\n' });
});

test('error handling: a wait that expires is a TimeoutError, and the task is cancelled', () => {
  recipe("await new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))");
  assert.deepEqual(node('impatient.js'), { code: 0, stdout: '', stderr: 'Task timed out\n' });
  const listed = project.run('offstage', ['background', 'list', '--json']);
  assert.equal(JSON.parse(listed.stdout).tasks[0].status, 'cancelled');
});

test('error handling: a recipe that does not exist is a RecipeError that names near ones', () => {
  const elsewhere = readFileSync(join(project.folder, 'error.js'), 'utf8').replace("'my-recipe'", "'my-recipes'");
  project.write('unknown.js', elsewhere);
  const { code, stdout, stderr } = node('unknown.js');
  assert.deepEqual([code, stdout], [0, '']);
  assert.match(stderr, /^Recipe error: Recipe 'my-recipes' not found\. Did you mean: my-recipe/);
});

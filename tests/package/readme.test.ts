/** The examples of README.md, taken from its fenced blocks that are marked by a comment, run against the installed tarball. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { examplesOf } from './examples.ts';
import { Project } from './tarball.ts';

const EXAMPLES = examplesOf('README.md');

function example(name: string): string {
  const found = EXAMPLES.get(name);
  if (found === undefined) throw new Error(`README.md has no example '${name}'`);
  return found;
}

let project: Project;
before(() => {
  project = new Project();
  mkdirSync(join(project.folder, 'recipes', 'greet'));
  project.write('recipes/greet/TEMPLATE.yaml', 'description: Greets somebody\n');
  project.write('recipes/greet/recipe.mjs', example('recipe'));
});
after(() => project?.remove());

test('the TypeScript example compiles, and prints id, status, result and the list', () => {
  project.write('app.ts', example('app'));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,esnext.disposable'];
  const compiled = project.run(tsc, [...options, '--types', 'node', 'app.ts']);
  assert.deepEqual(compiled, { code: 0, stdout: '', stderr: '' });
  const { code, stdout, stderr } = project.run(process.execPath, ['app.js']);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const id = /^task_[0-9a-f]{32}/.exec(stdout)?.[0] ?? 'no id';
  assert.match(stdout, new RegExp(`^${id} (pending|running|completed)\nHello, Ada!\n${id} greet completed\n$`));
});

test('the example of the runner compiles and runs', () => {
  project.write('runner.ts', example('runner'));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,esnext.disposable'];
  const compiled = project.run(tsc, [...options, '--types', 'node', 'runner.ts']);
  assert.deepEqual(compiled, { code: 0, stdout: '', stderr: '' });
  const { code, stdout, stderr } = project.run(process.execPath, ['runner.js']);
  assert.deepEqual([code, stdout, stderr], [0, '3 of 3 pages, 30 bytes\n', '']);
});

test('the example of a recipe in code compiles and runs', () => {
  project.write('code.ts', example('code'));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,esnext.disposable'];
  const compiled = project.run(tsc, [...options, '--types', 'node', 'code.ts']);
  assert.deepEqual(compiled, { code: 0, stdout: '', stderr: '' });
  const { code, stdout, stderr } = project.run(process.execPath, ['code.js']);
  assert.deepEqual([code, stdout, stderr], [0, 'published\n', '']);
});

test('the example is no longer than the README promises', () => {
  const lines = example('app').trimEnd().split('\n').length;
  assert.ok(lines <= 20, `${lines} lines`);
});

test('the command line session runs as typed, with the id of its first answer', () => {
  project.run('background', ['clear', '--all']);
  const [submit = '', list = '', wait = '', result = '', cancel = '', ...more] = example('session')
    .trimEnd()
    .split('\n');
  assert.deepEqual(more, []);
  const typed = (line: string) => project.run('bash', ['-c', line]);
  const submitted = JSON.parse(typed(submit).stdout);
  assert.equal(submitted.ok, true);
  const prefix = submitted.task_id.slice('task_'.length, 'task_'.length + 8);
  const withId = (line: string) => {
    assert.ok(line.includes(' 9f1c20ab'), `no id in: ${line}`);
    return line.replace('9f1c20ab', prefix);
  };
  assert.match(typed(list).stdout, new RegExp(`\\[${prefix}\\] greet - (pending|running|completed)`));
  const waited = typed(withId(wait));
  assert.equal(waited.code, 0, waited.stderr);
  const answer = typed(withId(result));
  assert.deepEqual([answer.code, JSON.parse(answer.stdout)], [0, { greeting: 'Hello, Ada!' }]);
  assert.equal(typed(withId(cancel)).code, 0);
  const after = JSON.parse(project.run('background', ['status', prefix, '--json']).stdout);
  assert.equal(after.status, 'completed', 'a cancel that comes too late changes nothing');
});

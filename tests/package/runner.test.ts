/**
 * The documented snippets for the runner and the job manager, in TypeScript, and the examples of docs/RUNNER.md: compiled by
 * `tsc --strict` against the installed tarball, and run.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { examplesOf } from './examples.ts';
import { type Ended, FIXTURES, Project } from './tarball.ts';

const SNIPPETS = readdirSync(join(FIXTURES, 'runner'));
const EXAMPLES = examplesOf('docs/RUNNER.md');
let project: Project;
let compiled: Ended;

before(() => {
  project = new Project();
  for (const file of SNIPPETS) project.write(file, readFileSync(join(FIXTURES, 'runner', file), 'utf8'));
  for (const [name, text] of EXAMPLES) project.write(name === 'thread-module' ? 'sum.ts' : `${name}.ts`, text);
  const files = readdirSync(project.folder).filter((file) => file.endsWith('.ts'));
  const options = [
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
    '--types',
    'node',
  ];
  const more = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
  compiled = project.run(join(ROOT, 'node_modules', '.bin', 'tsc'), [...options, ...more, ...files]);
});
after(() => project?.remove());

/** What a compiled file prints; it must end well, by itself. */
function printed(name: string): string {
  const { code, stdout, stderr } = project.run(process.execPath, [`${name}.js`]);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
}

test('they compile under --strict without piscina, the declarations of the package included, and wrong uses do not', () => {
  assert.deepEqual(compiled, { code: 0, stdout: '', stderr: '' });
});

test('using with agents: the documented snippet as it is', () => {
  assert.equal(printed('using-with-agents'), 'analysis-task You are a helpful assistant Analyze this data: done\n');
});

test('quick start: an agent in the background', () => {
  assert.equal(
    printed('quick-start'),
    'research_task You are a research assistant. Research AI trends in 2025: done\n',
  );
});

test('configuration: both names of every option, and the documented defaults', () => {
  assert.equal(printed('configuration'), '5 300\n5 300\n5 300\n');
});

test('task status: completed, failed and running are told apart', () => {
  assert.equal(printed('task-status'), 'Result: 42\nError: model unavailable\nStill running...\n');
});

test('direct usage: arguments, name, id, result', () => {
  assert.match(printed('direct-usage'), /^Submitted: task_[0-9a-f]{3}\nResult: Task example completed\n$/);
});

test('task management: all, running and pending tasks, and clearing', () => {
  assert.equal(
    printed('management'),
    "done: completed\nbusy: running\nwaiting: pending\n[ 'busy' ] [ 'waiting' ]\n3 0\n",
  );
});

test('job manager: start, status, result, error, list, cancel', () => {
  assert.equal(
    printed('job-manager'),
    'Result: 42\nError: out of memory\ntask_: completed\ntask_: failed\ntask_: running\ntrue cancelled\n',
  );
});

test('docs/RUNNER.md: its examples run', () => {
  assert.deepEqual([...EXAMPLES.keys()], ['quick', 'family', 'thread', 'thread-module', 'jobs']);
  assert.match(printed('quick'), /^think (pending|running)\n42 1\n$/);
  assert.equal(printed('family'), '{ total: 6, published: true }\n');
  assert.equal(printed('jobs'), 'pending undefined\ncompleted done\n');
});

test('without piscina submitThread says which line installs it, and that line is enough', () => {
  const without = project.run(process.execPath, ['thread.js']);
  assert.deepEqual([without.code, without.stdout], [1, '']);
  assert.match(without.stderr, /MissingDependencyError: submitThread needs the package 'piscina'/);
  const [, ...install] = /(npm) (install) (piscina@5)$/m.exec(without.stderr) ?? [];
  assert.deepEqual(install, ['npm', 'install', 'piscina@5']);
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, stderr } = project.run('npm', [...install.slice(1), ...quiet], { HOME: process.env.HOME });
  assert.equal(code, 0, stderr);
  assert.equal(printed('thread'), '6\n');
});

test('submitting: arguments, the event loop, and the thread pool', () => {
  assert.equal(printed('submitting'), 'descriptive_name "abab value"\nsync_task "ABC"\nthread_task {"result":6}\n');
});

test('sync wrappers: what they were for needs none', () => {
  assert.match(
    printed('sync-wrappers'),
    /^(pending|running)\nResult: { result: 15 }\nresearch-task completed Research AI trends What are .*: done\n$/,
  );
});

/** README.md: every block of it runs against the installed tarball, and prints what it says. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { examplesOf } from './examples.ts';
import { commandsOf, type Path, pathsOf, steady } from './paths.ts';
import { type Ended, Project } from './tarball.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const EXAMPLES = examplesOf('README.md');
const PATHS = pathsOf('README.md');
const SETUP = ['npm init -y', 'npm install offstage @photostructure/sqlite@1'];

function example(name: string): string {
  const found = EXAMPLES.get(name);
  if (found === undefined) throw new Error(`README.md has no example '${name}'`);
  return found;
}

function output(name: string): string {
  const [, text] = README.match(new RegExp(`<!-- output: ${name} -->\n\`\`\`\\w*\n([\\s\\S]*?)\n\`\`\``)) ?? [];
  return `${text}\n`;
}

let project: Project;
before(() => {
  project = new Project();
  for (const { files } of PATHS.values()) for (const { name, text } of files) place(name, text);
});
after(() => project?.remove());

function place(file: string, text: string): void {
  mkdirSync(dirname(join(project.folder, file)), { recursive: true });
  project.write(file, text);
}

const clear = (): Ended => project.run('offstage', ['background', 'clear', '--all']);
const typed = (text: string): Ended => project.run('bash', ['-ec', text]);

test('it fits on 300 lines, and every block of it is marked, so that a test runs it', () => {
  assert.ok(README.split('\n').length <= 301, `${README.split('\n').length - 1} lines`);
  const fences = README.match(/^```\w+$/gm)?.length ?? 0;
  const marked = README.match(/^<!-- (example|output|path): .* -->\n```\w+$/gm)?.length ?? 0;
  const outputs = [...PATHS.values()].filter(({ output }) => output !== '').length;
  assert.equal(fences, marked + outputs);
  assert.deepEqual([...EXAMPLES.keys()].sort(), ['code', 'install', 'runner', 'session']);
});

test('it is installed by one line, and the runner runs as pasted, in six', () => {
  assert.equal(example('install'), 'npm install offstage\n');
  assert.equal(example('runner').trimEnd().split('\n').length, 6);
  project.write('app.mjs', example('runner'));
  assert.deepEqual(project.run(process.execPath, ['app.mjs']), { code: 0, stdout: output('runner'), stderr: '' });
});

test('the example of a recipe in code compiles and runs', () => {
  project.write('code.ts', example('code'));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', 'false'];
  const compiled = project.run(tsc, [...options, '--types', 'node', 'code.ts']);
  assert.deepEqual(compiled, { code: 0, stdout: '', stderr: '' });
  const { code, stdout, stderr } = project.run(process.execPath, ['code.js']);
  assert.deepEqual([code, stdout, stderr], [0, 'published\n', '']);
});

test('there are three paths, each of at most four commands from npm init on, the first two for all', () => {
  assert.deepEqual([...PATHS.keys()].sort(), ['shell', 'terminal', 'typescript']);
  for (const [name, path] of PATHS) {
    const commands = commandsOf(path);
    assert.ok(commands.length > 2 && commands.length <= 4, `${name}: ${commands.join('; ')}`);
    assert.deepEqual(
      commands.slice(0, 2).map((command) => command.replace(/ +#.*/, '')),
      SETUP,
      name,
    );
  }
});

for (const name of ['typescript', 'shell', 'terminal']) {
  test(`the ${name} path: its last commands print what is shown`, () => {
    const { blocks, output } = PATHS.get(name) as Path;
    clear();
    const { code, stdout, stderr } = typed(blocks.at(-1) ?? '');
    assert.equal(code, 0, stderr);
    assert.equal(steady(stdout), steady(output));
  });
}

test('the command line session runs as typed, with the id of its first answer', () => {
  clear();
  const lines = example('session').trimEnd().split('\n');
  const [
    submit = '',
    list = '',
    wait = '',
    result = '',
    logs = '',
    events = '',
    retry = '',
    cancel = '',
    run = '',
    ...more
  ] = lines;
  assert.deepEqual(more, []);
  const submitted = JSON.parse(typed(submit).stdout);
  assert.equal(submitted.ok, true);
  const prefix = submitted.task_id.slice('task_'.length, 'task_'.length + 8);
  const withId = (line: string): Ended => {
    assert.ok(line.includes(' 9f1c20ab'), `no id in: ${line}`);
    return typed(line.replace('9f1c20ab', prefix));
  };
  assert.match(typed(list).stdout, new RegExp(`\\[${prefix}\\] .* - (pending|running|completed)`));
  const waited = withId(wait);
  assert.equal(waited.code, 0, waited.stderr);
  assert.deepEqual([withId(result).stdout, withId(logs).stdout], ['done\n', 'working\ndone\n']);
  assert.match(withId(events).stdout, / submitted [\s\S]* started [\s\S]* completed/);
  const again = JSON.parse(withId(retry).stdout);
  assert.deepEqual([again.ok, again.retried_from], [true, submitted.task_id]);
  assert.equal(withId(cancel).code, 0);
  const after = JSON.parse(project.run('offstage', ['background', 'status', prefix, '--json']).stdout);
  assert.equal(after.status, 'completed', 'a cancel that comes too late changes nothing');
  assert.equal(typed(run).stdout, 'Hello, Ada!\n');
});

test('what is not there yet is refused by name, and nothing is stored', () => {
  clear();
  const offstage = (...args: string[]) => project.run('offstage', [...args, '--json']);
  const refused = ({ code, stdout }: Ended, exit: number, says: RegExp): void => {
    const answer = JSON.parse(stdout);
    assert.deepEqual([answer.ok, code], [false, exit], stdout);
    assert.match(answer.error, says);
  };
  for (const group of ['serve', 'mcp']) refused(offstage(group), 2, new RegExp(group));
  refused(offstage('background', 'list', '--store', 'postgres://user:pass-word@localhost/db'), 2, /postgres/);
  assert.equal(JSON.parse(offstage('background', 'list').stdout).total, 0);
});

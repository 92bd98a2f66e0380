/** docs/DEPLOYING.md: its unit, its Compose file and its CI job, taken from the page and tried as far as this machine can. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { Spoken } from '../../cli/process.ts';
import { examplesOf } from '../examples.ts';
import { Project } from '../tarball.ts';

const EXAMPLES = examplesOf('docs/DEPLOYING.md');
const example = (name: string): string => EXAMPLES.get(name) ?? assert.fail(`docs/DEPLOYING.md has no example ${name}`);
let project: Project;

const RECIPE = `export default async ({ ms = 0 }) => { await new Promise((r) => setTimeout(r, ms)); return 'whole'; };\n`;

before(() => {
  project = new Project();
  mkdirSync(join(project.folder, 'recipes/greet'));
  project.write('recipes/greet/TEMPLATE.yaml', 'description: Greets\n');
  project.write('recipes/greet/recipe.mjs', RECIPE);
});
after(() => project?.remove());

const shell = (line: string, cwd?: string, env: NodeJS.ProcessEnv = {}) =>
  project.run('bash', ['-c', line], { npm_config_offline: 'true', ...env }, cwd);

/** A worker as the unit starts it; resolves when it takes tasks. */
async function service(t: TestContext, env: NodeJS.ProcessEnv, wrapped: readonly string[] = []): Promise<Spoken> {
  const [, line = ''] = /^ExecStart=(.*)$/m.exec(example('unit')) ?? [];
  const words = line.replace('/srv/my-app', project.folder).split(' ');
  const [program = '', ...args] = [...wrapped, ...words, '--json'];
  const cli = new Spoken(t, spawn(program, args, { cwd: project.folder, env: { ...project.env, ...env } }));
  await cli.prints(({ stdout }) => stdout.includes('"ready"'));
  return cli;
}

test('the unit is what systemd takes', (t) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.skip('this machine has no systemd-analyze');
  const unit = example('unit').replaceAll('/srv/my-app', project.folder);
  project.write('my-app-worker.service', unit);
  const { code, stdout, stderr } = project.run('systemd-analyze', ['verify', './my-app-worker.service']);
  const said = (stdout + stderr).split('\n').filter((line) => line.includes('my-app-worker'));
  assert.deepEqual([code, said], [0, []]);
  assert.match(unit, /KillMode=mixed/);
  const number = (key: string) => Number(new RegExp(`${key}[= ](\\d+)`).exec(unit)?.[1]);
  assert.ok(number('TimeoutStopSec') > number('--drain') + 5, 'systemd kills before the drain is over');
});

test('its worker ends by SIGTERM with what it runs whole, and with the exit code that the unit calls success', async (t) => {
  const env = { OFFSTAGE_STORE: join(project.folder, 'unit/tasks.db') };
  const cli = await service(t, env);
  const input = '{"ms":600}';
  const submit = `offstage background submit --recipe greet --no-worker --json --input '${input}'`;
  const { task_id } = JSON.parse(shell(submit, undefined, env).stdout);
  await cli.prints(({ stdout }) => stdout.includes('"started"'));
  cli.child.kill('SIGTERM');
  assert.equal((await cli.ended).code, 143);
  assert.match(example('unit'), /^SuccessExitStatus=143$/m);
  const { status, result } = JSON.parse(shell(`offstage background status ${task_id} --json`, undefined, env).stdout);
  assert.deepEqual([status, result], ['completed', 'whole']);
});

test('the health check of the Compose file tells a worker that lives from none', async (t) => {
  const { services } = parse(example('compose'));
  const [kind, line] = services.worker.healthcheck.test;
  assert.equal(kind, 'CMD-SHELL');
  const env = { OFFSTAGE_STORE: join(project.folder, 'compose/tasks.db') };
  assert.equal(shell(line, undefined, env).code, 1, 'healthy without a worker');
  const cli = await service(t, env);
  assert.equal(shell(line, undefined, env).code, 0);
  cli.child.kill('SIGKILL');
  await cli.ended;
  assert.equal(shell(line, undefined, env).code, 1, 'healthy with a dead worker');
});

test('the lines of the CI job run, and end with 0', () => {
  const { steps } = parse(example('ci')).jobs.report;
  const lines: string[] = steps.flatMap(({ run }: { run?: string }) => run ?? []);
  assert.equal(lines.shift(), 'npm ci');
  assert.equal(lines.length, 3);
  for (const line of lines) {
    const { code, stderr } = shell(line);
    assert.equal(code, 0, `${line}\n${stderr}`);
  }
  const { counts } = JSON.parse(shell('offstage background list --json').stdout);
  assert.deepEqual([counts.completed, counts.pending], [2, 0]);
});

/** As two containers on one volume: the worker sees no process of who submits. */
test('a worker in a pid namespace of its own, as in a container, works for a store outside and says that it needs an init', async (t) => {
  const flags = ['-p', '-f', '--mount-proc', '--kill-child'];
  if (spawnSync('unshare', [...flags, 'true']).status !== 0) return t.skip('nobody here may make a pid namespace');
  const env = { OFFSTAGE_STORE: join(project.folder, 'volume/tasks.db') };
  const cli = await service(t, env, ['unshare', ...flags]);
  const submit = 'offstage background submit --recipe greet --no-worker --wait';
  const { code, stdout } = shell(submit, undefined, env);
  assert.deepEqual([code, stdout], [0, 'whole\n']);
  assert.match(cli.stderr, /this worker is process 1, .*docker run --init/);
});

/** As a bind mount of the host's user in a container that runs as root, and in one that runs as he does. */
test('a mount that belongs to another user is refused with the reason, and taken by that user', (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can give a folder away');
  const mount = mkdtempSync(join(tmpdir(), 'offstage-mount-'));
  t.after(() => rmSync(mount, { recursive: true, force: true, maxRetries: 3 }));
  mkdirSync(join(mount, 'home'), { recursive: true });
  writeFileSync(join(mount, 'package.json'), '{"type":"module"}');
  for (const path of ['', 'home', 'package.json']) lchownSync(join(mount, path), 12345, 12345);
  for (const path of [project.folder, ...foldersOf(join(project.folder, 'node_modules'))]) chmodSync(path, 0o755);
  const init = 'offstage recipe init hello && offstage background submit --recipe hello --wait';
  const refused = shell(init, mount);
  assert.equal(refused.code, 4, refused.stdout);
  assert.match(refused.stderr, /belongs to another user \(uid 12345\): OFFSTAGE_TRUSTED_FOLDERS=/);
  const asOwner = `setpriv --reuid=12345 --regid=12345 --clear-groups bash -c '${init}'`;
  const { code, stdout, stderr } = shell(asOwner, mount, { HOME: join(mount, 'home') });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Hello/);
});

const foldersOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .concat(folder);

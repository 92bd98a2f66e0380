/** Which folder's store and recipes a command takes, as a shell sees it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defineRecipe, openBackground } from '#offstage/index.js';
import { Project } from '../js/client/project.js';
import { BIN } from './process.js';

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the CLI in a folder of the project. */
const runIn = (project: Project, folder: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const options = { cwd: folder, env: { ...project.env, ...env } };
    execFile(process.execPath, [BIN, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });

const submitEcho = ['background', 'submit', '--recipe', 'echo', '--input', '{"value":"it"}', '--wait', '--quiet'];

test('a project that others can write is refused with the ways out, and each of them works', async (t) => {
  const project = new Project(t);
  assert.equal((await project.run(...submitEcho)).stdout, 'it\n');
  chmodSync(project.folder, 0o777);
  const list = await project.json('background', 'list');
  assert.deepEqual([list.ok, list.code, list.exit], [false, 'policy_denied', 4]);
  for (const command of [['background', 'list'], submitEcho, ['recipe', 'list']]) {
    const { code, stderr } = await project.run(...command);
    assert.equal(code, 4, command.join(' '));
    for (const part of [project.folder, 'writable by others', 'chmod', '--store', 'OFFSTAGE_TRUSTED_FOLDERS=']) {
      assert.ok(stderr.includes(part), `${part}: ${stderr}`);
    }
  }
  assert.equal((await project.json('background', 'list', '--store', project.store)).total, 1);
  const trusted = { OFFSTAGE_TRUSTED_FOLDERS: project.folder };
  assert.equal((await runIn(project, project.folder, trusted, ...submitEcho)).stdout, 'it\n');
  chmodSync(project.folder, 0o755);
  assert.equal((await project.json('background', 'list')).total, 2);
});

test('in a monorepo a package has its recipes whether or not somebody ran a task at the root', async (t) => {
  const project = new Project(t);
  const app = join(project.folder, 'packages', 'app');
  mkdirSync(join(app, 'recipes', 'own'), { recursive: true });
  writeFileSync(join(app, 'package.json'), '{}');
  writeFileSync(join(app, 'recipes', 'own', 'TEMPLATE.yaml'), '');
  writeFileSync(join(app, 'recipes', 'own', 'recipe.mjs'), 'export default () => import.meta.dirname;');
  const names = async (): Promise<string[]> =>
    (await runIn(project, app, {}, 'recipe', 'list')).stdout.match(/^\S+/gm) ?? [];
  assert.deepEqual(await names(), ['own']);
  assert.equal((await project.run(...submitEcho)).code, 0);
  const after = await names();
  assert.ok(after.includes('own') && after.includes('echo'), after.join());
  // the worker is that of the root, and runs what was meant
  const { stdout } = await runIn(project, app, {}, 'background', 'submit', '--recipe', 'own', '--wait', '--quiet');
  assert.equal(stdout.trim(), join(app, 'recipes', 'own'));
  assert.match((await runIn(project, app, {}, 'background', 'list')).stderr, /^Store: .*\/tasks\.db$/m);
  const init = await runIn(project, app, {}, 'recipe', 'init', 'fresh', '--quiet');
  assert.equal(init.stdout.trim(), join(app, 'recipes', 'fresh'));
});

test('what the next action of a recipe in code says helps: no worker of ours can run it', async (t) => {
  const project = new Project(t);
  const client = await openBackground(project.store, { worker: 'none' });
  t.after(() => client.close());
  const { id } = await client.submit({ recipe: defineRecipe({ name: 'mine', run: () => 1 }) });
  const status = await project.json<{ task_status: { next_action: string } }>('background', 'status', id);
  assert.equal(status.task_status.next_action, 'worker');
  const { stdout } = await project.run('background', 'status', id);
  assert.match(stdout, /^Next: start the app that serves 'mine'$/m);
});

test('no address becomes a folder, and none shows its password', async (t) => {
  const project = new Project(t);
  const before = readdirSync(project.folder);
  const address = 'nosuch://u:geheim@127.0.0.1:1';
  await assert.rejects(openBackground(address), { code: 'invalid_argument' });
  for (const [env, ...args] of [
    [{}, '--store', address],
    [{}, '--store', ':memory:'],
    [{ OFFSTAGE_STORE: address }],
  ] as const) {
    const ran = await runIn(project, project.folder, env, 'background', 'list', ...args);
    assert.deepEqual([ran.code, `${ran.stdout}${ran.stderr}`.includes('geheim')], [2, false], ran.stderr);
  }
  writeFileSync(project.file('offstage.config.json'), JSON.stringify({ store: address }));
  assert.equal((await project.run('background', 'list')).code, 2);
  assert.deepEqual(readdirSync(project.folder), [...before, 'offstage.config.json'].sort());
  assert.ok(!existsSync('nosuch:') && !existsSync(':memory:'));
});

test('a recipe that moved is found anew by a retry; its neighbours are what it submits, wherever the worker stands', async (t) => {
  const project = new Project(t);
  const recipes = join(project.folder, 'packages', 'app', 'recipes');
  for (const [name, source] of [
    ['parent', "export default async (input, ctx) => (await ctx.submit('child')).wait();"],
    ['child', 'export default () => "of the package";'],
  ] as const) {
    mkdirSync(join(recipes, name), { recursive: true });
    writeFileSync(join(recipes, name, 'TEMPLATE.yaml'), '');
    writeFileSync(join(recipes, name, 'recipe.mjs'), source);
  }
  const app = join(recipes, '..');
  writeFileSync(join(app, 'package.json'), '{}');
  assert.equal((await project.run(...submitEcho)).code, 0); // the store and its worker are those of the root
  const flags = ['--wait', '--quiet'];
  const { stdout } = await runIn(project, app, {}, 'background', 'submit', '--recipe', 'parent', ...flags);
  assert.equal(stdout, 'of the package\n');
  const [task] = (await project.json<{ tasks: { task_id: string }[] }>('background', 'list', '--recipe', 'parent'))
    .tasks;
  renameSync(recipes, project.file('moved'));
  const gone = await runIn(project, app, {}, 'background', 'retry', task?.task_id ?? '');
  assert.equal(gone.code, 7, gone.stderr);
  const moved = { OFFSTAGE_RECIPE_PATH: project.file('moved') };
  const again = await runIn(project, app, moved, 'background', 'retry', task?.task_id ?? '', '--quiet');
  assert.equal((await project.json('background', 'wait', again.stdout.trim())).exit, 0);
});

/** Package managers: what they install is laid out in ways of their own, and works. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { APP, checkApp, Home, MANIFEST, NEEDS_DRIVER, RECIPE, registry, tarball, tool } from './home.ts';

const DEPENDENCIES = {
  offstage: 'file:./offstage.tgz',
  ...(NEEDS_DRIVER ? { '@photostructure/sqlite': '^1.2.1' } : {}),
};
const manifest = (more: object = {}): string =>
  JSON.stringify({ ...JSON.parse(MANIFEST), dependencies: DEPENDENCIES, ...more });

test('npm: installed in one project', (t) => {
  const home = new Home(t, { 'package.json': manifest(), 'app.mjs': APP, ...RECIPE });
  home.copy(tarball(), 'offstage.tgz');
  home.npmInstall();
  checkApp(home.run('node', ['app.mjs']));
});

test('npm workspaces: hoisted to the root, used in a workspace, recipes in both', (t) => {
  const inside = Object.fromEntries(Object.entries(RECIPE).map(([name, text]) => [`apps/web/${name}`, text]));
  const home = new Home(t, {
    'package.json': JSON.stringify({ name: 'root', private: true, workspaces: ['apps/*'] }),
    'apps/web/package.json': manifest({
      name: 'web',
      dependencies: { ...DEPENDENCIES, offstage: 'file:../../offstage.tgz' },
    }),
    'apps/web/app.mjs': APP,
    ...inside,
  });
  home.copy(tarball(), 'offstage.tgz');
  home.npmInstall();
  checkApp(home.run('node', ['app.mjs'], { from: 'apps/web' }));
  const args = ['background', 'submit', '--recipe', 'echo', '--input', '{"a":2}', '--wait', '--quiet'];
  const { stdout } = home.must('npx', ['--no-install', ...args], { from: 'apps/web' });
  assert.equal(JSON.parse(stdout).a, 2);
});

test('pnpm: links into a store of its own', (t) => {
  const home = new Home(t, { 'package.json': manifest(), 'app.mjs': APP, ...RECIPE });
  home.copy(tarball(), 'offstage.tgz');
  const pnpm = tool(['pnpm@10'], 'pnpm/bin/pnpm.cjs');
  const store = join(home.folder, 'home', 'store');
  home.must('node', [pnpm, 'install', '--ignore-scripts', '--store-dir', store, '--config.confirmModulesPurge=false']);
  checkApp(home.run('node', ['app.mjs']));
  const args = [pnpm, 'exec', 'background', 'submit', '--recipe', 'echo', '--input', '{"a":2}', '--wait', '--quiet'];
  assert.equal(JSON.parse(home.must('node', args).stdout).a, 2);
});

test('Yarn Plug and Play: packages lie in zip files', (t) => {
  const from = registry();
  const host = new URL(from).hostname;
  const home = new Home(t, {
    'package.json': manifest(),
    'app.mjs': APP,
    'yarn.lock': '',
    '.yarnrc.yml': [
      'nodeLinker: pnp',
      'enableTelemetry: false',
      'enableGlobalCache: false',
      `npmRegistryServer: "${from}"`,
      ...(from.startsWith('http:') ? [`unsafeHttpWhitelist: ["${host}"]`] : []),
    ].join('\n'),
    ...RECIPE,
  });
  home.copy(tarball(), 'offstage.tgz');
  const yarn = tool(['@yarnpkg/cli-dist@4'], '@yarnpkg/cli-dist/bin/yarn.js');
  home.must('node', [yarn, 'install'], { env: { YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' } });
  checkApp(home.run('node', [yarn, 'node', 'app.mjs']));
  const args = [yarn, 'background', 'submit', '--recipe', 'echo', '--input', '{"a":2}', '--wait', '--quiet'];
  assert.equal(JSON.parse(home.must('node', args).stdout).a, 2);
});

test('Bun: installs it, and runs the app, its worker and its recipes', (t) => {
  const packages = process.arch === 'arm64' ? '@oven/bun-linux-aarch64' : '@oven/bun-linux-x64';
  const bun = tool([`${packages}@1.4`], `${packages}/bin/bun`);
  const home = new Home(t, { 'package.json': manifest(), 'app.mjs': APP, ...RECIPE });
  home.copy(tarball(), 'offstage.tgz');
  home.must(bun, ['install', '--ignore-scripts', '--no-progress'], { env: { BUN_CONFIG_REGISTRY: registry() } });
  checkApp(home.run(bun, ['app.mjs']));
  const args = ['--bun', 'node_modules/.bin/background', 'submit', '--recipe', 'echo', '--input', '{"a":2}', '--wait'];
  assert.equal(JSON.parse(home.must(bun, [...args, '--quiet']).stdout).a, 2);
});

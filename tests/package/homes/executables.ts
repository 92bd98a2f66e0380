/** Apps that are executables of their own. Electron is played in tests/js/client/executable.test.ts: it is a download. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Home, MANIFEST, RECIPE, tool } from './home.ts';

/** It counts its starts; the runner, a recipe in code and one that is a folder. */
const APP = `const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const at = process.env.APP_FOLDER;
appendFileSync(join(at, 'starts'), 'start\\n');
const { BackgroundRunner, defineRecipe, openBackground, recipe } = require('node:module').createRequire(join(at, 'package.json'))('offstage');
(async () => {
  const runner = new BackgroundRunner();
  const said = [await runner.submit(() => 42).wait()];
  const double = defineRecipe({ name: 'double', run: ({ n }) => n * 2 });
  const client = await openBackground();
  said.push(await (await client.submit({ recipe: double, input: { n: 21 } })).wait());
  const folder = await recipe.runBackground('echo', { input: { a: 1 } });
  said.push(await folder.wait(5).then(({ a }) => a, (error) => error.message));
  console.log(JSON.stringify(said));
  process.exit(0);
})();
`;

test('a single executable of Node: the app is started once, and a worker that a plain Node started serves it', (t) => {
  const home = new Home(t, {
    'package.json': MANIFEST,
    'sea.cjs': APP,
    'sea.json': JSON.stringify({ main: 'sea.cjs', output: 'sea.blob', disableExperimentalSEAWarning: true }),
    ...RECIPE,
  });
  home.install();
  home.must('node', ['--experimental-sea-config', 'sea.json']);
  const program = join(home.folder, 'app');
  copyFileSync(process.execPath, program);
  chmodSync(program, 0o755);
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
  const postject = tool(['postject@1.0.0-alpha.6'], 'postject/dist/cli.js');
  home.must('node', [postject, 'app', 'NODE_SEA_BLOB', 'sea.blob', '--sentinel-fuse', fuse]);

  const env = { APP_FOLDER: home.folder };
  const alone = home.must(program, [], { env });
  const [runner, code, folder] = JSON.parse(alone.stdout);
  assert.deepEqual([runner, code], [42, 42]);
  const why = /no worker could be started: this app is a single executable of Node, .*npx offstage background worker/;
  assert.match(folder, why);
  assert.match(alone.stderr, why);
  assert.equal(home.read('starts'), 'start\n');

  home.must('npx', ['--no-install', 'background', 'submit', '--recipe', 'echo', '--wait'], {
    env: { OFFSTAGE_WORKER_IDLE: '60' },
  });
  const served = home.must(program, [], { env });
  assert.deepEqual([JSON.parse(served.stdout), served.stderr], [[42, 42, 1], '']);
  assert.equal(home.read('starts'), 'start\nstart\n');
});

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { Project } from '../js/client/project.js';

test('init makes a recipe that is found, valid and runs; what is there already is left alone', async (t) => {
  const project = new Project(t);
  const made = await project.json<{ recipe: string; path: string }>('recipe', 'init', 'my-recipe');
  assert.deepEqual(made, { ok: true, recipe: 'my-recipe', path: project.file('recipes/my-recipe'), exit: 0 });
  const valid = await project.json('recipe', 'validate', 'my-recipe');
  assert.deepEqual(valid, {
    ok: true,
    recipe: 'my-recipe',
    version: '1',
    kind: 'module',
    path: made.path,
    denied: [],
    exit: 0,
  });
  const run = await project.json<{ result: unknown }>('recipe', 'run', 'my-recipe', '-i', '{"name":"Ada"}');
  assert.deepEqual(run.result, { greeting: 'Hello, Ada!' });
  const again = await project.json('recipe', 'init', 'my-recipe');
  assert.deepEqual([again.ok, again.code, again.exit], [false, 'conflict', 4]);
  const path = await project.json<{ path: string }>('recipe', 'init', './elsewhere/other');
  assert.equal(path.path, project.file('elsewhere/other'));
  const human = await project.run('recipe', 'validate', './elsewhere/other');
  assert.deepEqual([human.stdout, human.code], [`Recipe 'other' is valid: ${path.path}\n`, 0]);
});

test('init --kind agents makes agents that are found, valid and can be looked at', async (t) => {
  const project = new Project(t);
  await project.json('recipe', 'init', 'my-agents', '--kind', 'agents');
  const valid = await project.json('recipe', 'validate', 'my-agents');
  assert.deepEqual([valid.code, valid.exit], ['missing_dependency', 6], 'only a key or an endpoint is missing');
  const { stdout } = await project.run('recipe', 'info', 'my-agents');
  assert.match(stdout, /reader/);
  const wrong = await project.json('recipe', 'init', 'other', '--kind', 'agent');
  assert.deepEqual([wrong.code, wrong.exit], ['invalid_argument', 2]);
});

test('init leaves nothing behind where not all of it can be written', async (t) => {
  const project = new Project(t);
  project.runtime = ['sh', '-c', 'ulimit -f 0; exec "$@"', 'sh', process.execPath]; // no file may have a byte
  const full = await project.json<{ error: string }>('recipe', 'init', 'half');
  assert.deepEqual([full.ok, full.code, full.exit], [false, 'store', 1]);
  assert.match(full.error, /^.*\/recipes\/half cannot be made: /);
  assert.equal(existsSync(project.file('recipes/half')), false);
});

for (const name of ['../x', 'UPPER', './a/../b', '', '/']) {
  test(`init refuses the name ${JSON.stringify(name)} and makes nothing`, async (t) => {
    const project = new Project(t);
    const refused = await project.json('recipe', 'init', name);
    assert.deepEqual([refused.ok, refused.code, refused.exit], [false, 'invalid_argument', 2]);
    assert.deepEqual([existsSync(project.file('x')), existsSync(project.file('b'))], [false, false]);
  });
}

test('info prints all that is known of a recipe', async (t) => {
  const project = new Project(t);
  const template = `description: says things
tags: [a, b]
requires: { env: [SOME_KEY] }
config: { tone: warm }
defaults: { lang: en }
input: { type: object }
runtime: { background: { timeout_sec: 5, retries: 2, on_lost: retry, max_concurrent: 3 } }
`;
  project.addRecipe('full', 'export default () => 1;', template);
  const info = await project.json<Record<string, unknown>>('recipe', 'info', 'full');
  const { digest, path, entry, ...rest } = info;
  assert.match(String(digest), /^[0-9a-f]{64}$/);
  assert.deepEqual([path, entry], [project.file('recipes/full'), project.file('recipes/full/recipe.mjs')]);
  assert.deepEqual(rest, {
    ok: true,
    name: 'full',
    version: '1',
    description: 'says things',
    author: '',
    license: '',
    tags: ['a', 'b'],
    kind: 'module',
    background: true,
    runtime: {
      ...{ max_concurrent: 3, cleanup_delay_sec: null, keep_failed_sec: null, keep_keyed_sec: null },
      ...{
        timeout_sec: 5,
        retries: 2,
        on_lost: 'retry',
        on_code_change: null,
        deliver_to: null,
        notify_on: null,
        typing: null,
      },
    },
    requires: { env: ['SOME_KEY'], packages: [], external: [] },
    config: { tone: 'warm' },
    defaults: { lang: 'en' },
    input: { type: 'object' },
    exit: 0,
  });
  const human = await project.run('recipe', 'info', 'full');
  for (const line of ['Recipe: full 1', 'Tags: a, b', 'Needs: SOME_KEY', 'Timeout: 5 s']) {
    assert.ok(human.stdout.split('\n').includes(line), human.stdout);
  }
  const missing = await project.json<{ details: unknown }>('recipe', 'validate', 'full');
  assert.deepEqual([missing.ok, missing.code, missing.exit], [false, 'missing_dependency', 6]);
  assert.deepEqual(missing.details, { missing: ['env SOME_KEY'] });
});

test('validate finds a recipe right that a submit refuses by its own word, and says so', async (t) => {
  const project = new Project(t);
  project.addRecipe('shy', 'export default () => 1;', 'runtime: { background: { enabled: false } }\n');
  assert.deepEqual((await project.json('recipe', 'validate', 'shy')).exit, 0);
  const human = await project.run('recipe', 'validate', 'shy');
  assert.deepEqual([human.code, human.stderr], [0, 'runtime.background.enabled is false: a submit is refused\n']);
});

test('validate says what is wrong and where; unknown names are near ones', async (t) => {
  const project = new Project(t);
  project.addRecipe('broken', '', 'description: x\ntags: [a\nversion: 1\n');
  const broken = await project.json<{ error: string; details: { errors: object[] } }>('recipe', 'validate', 'broken');
  assert.deepEqual([broken.ok, broken.code, broken.exit], [false, 'recipe_invalid', 2]);
  assert.match(broken.error, /TEMPLATE\.yaml:3:1: /);
  assert.equal(broken.details.errors.length > 0, true);
  for (const verb of ['info', 'validate']) {
    const unknown = await project.json<{ error: string }>('recipe', verb, 'ehco');
    assert.deepEqual([unknown.code, unknown.exit], ['recipe_not_found', 7]);
    assert.match(unknown.error, /Did you mean: echo/);
  }
  mkdirSync(project.file('recipes/empty'));
  assert.equal((await project.json('recipe', 'validate', 'empty')).code, 'recipe_invalid');
  assert.equal(existsSync(project.store), false, 'looking makes no store');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRecipe } from '#offstage/recipe/index.js';
import { addRecipe, folderWith, moduleOf, place, rejection, tempFolder, write } from './helpers.js';

/** What is wrong with a template, as `line:column message`. */
async function problemsOf(t: Parameters<typeof folderWith>[0], template: string, env = {}): Promise<string[]> {
  const error = await rejection(folderWith(t, template, env));
  assert.equal(error.name, 'RecipeValidationError');
  assert.equal(error.code, 'recipe_invalid');
  for (const { path } of error.errors ?? []) assert.equal(path, 'TEMPLATE.yaml');
  return (error.errors ?? []).map(({ line, column, message }) => `${line}:${column} ${message}`);
}

test('every field arrives', async (t) => {
  const template = `
name: full
version: 2.1.0
description: Does it all
author: A. Person
license: MIT
tags: [one, two]
entry: ./recipe.mjs
requires: { packages: ["@scope/pkg", plain], env: [API_KEY, { name: REGION, secret: false }], external: [git] }
config: { model: small, nested: { a: [1] } }
defaults: { top: 0, list: [] }
input: { type: object }
runtime:
  env: inherit
  background:
    { enabled: false, max_concurrent: 3, cleanup_delay_sec: 60, keep_failed_sec: 1h, keep_keyed_sec: 90,
      timeout_sec: 1.5, retries: 2, on_lost: retry }
`;
  const { root, entry, digest, ...recipe } = await moduleOf(folderWith(t, template));
  assert.deepEqual(recipe, {
    name: 'full',
    version: '2.1.0',
    description: 'Does it all',
    author: 'A. Person',
    license: 'MIT',
    tags: ['one', 'two'],
    kind: 'module',
    requires: {
      packages: ['@scope/pkg', 'plain'],
      env: [
        { name: 'API_KEY', secret: true },
        { name: 'REGION', secret: false },
      ],
      external: ['git'],
    },
    config: { model: 'small', nested: { a: [1] } },
    defaults: { top: 0, list: [] },
    inputSchema: { type: 'object' },
    runtime: {
      enabled: false,
      maxConcurrent: 3,
      cleanupDelaySec: 60,
      keepFailedSec: 3600,
      keepKeyedSec: 90,
      timeoutSec: 1.5,
      retries: 2,
      onLost: 'retry',
      inheritEnv: true,
    },
  });
});

test('malformed YAML is told with line and column', async (t) => {
  const [first] = await problemsOf(t, 'name: ok\ntags: [one, two\nversion: "1"\n');
  assert.match(first ?? '', /^3:1 /);
  const error = await rejection(folderWith(t, 'name: ok\n  bad: indent'));
  assert.match(error.message, /^Recipe 'sample' is not valid: TEMPLATE\.yaml:\d+:\d+: \S/);
  assert.deepEqual(await problemsOf(t, 'name: a\nname: b'), ['2:1 Map keys must be unique']);
  assert.deepEqual(await problemsOf(t, '- a\n- b'), ['1:1 got a list, expected a mapping']);
});

test('anchors, aliases, tags of its own and a second document are refused', async (t) => {
  assert.deepEqual(await problemsOf(t, 'config: { a: &x 1,\n b: *x }'), [
    "1:17 anchor '&x' is not allowed: write the value out",
    "2:5 alias '*x' is not allowed: write the value out",
  ]);
  assert.match((await problemsOf(t, 'config:\n  &base { a: 1 }'))[0] ?? '', /^2:\d+ anchor '&base'/);
  assert.match((await problemsOf(t, 'config: { a: !!js/function "x" }'))[0] ?? '', /^1:14 Unresolved tag/);
  assert.match((await problemsOf(t, 'name: a\n---\nname: b'))[0] ?? '', /^2:1 .*multiple documents/);
  assert.deepEqual(await problemsOf(t, 'defaults: { a: .nan }'), ['1:16 .nan is not a number that JSON can carry']);
});

test('a file over 256 KiB, of other bytes than UTF-8 or nested without end is refused', async (t) => {
  const root = tempFolder(t);
  const told = async (bytes: string | Uint8Array) => {
    write(addRecipe(root, 'sample'), { 'TEMPLATE.yaml': bytes });
    return rejection(findRecipe(`${root}/sample`, { env: {} }));
  };
  const large = await told(`description: ${'x'.repeat(262_144)}`);
  assert.match(large.message, /TEMPLATE\.yaml: has 262157 bytes, the limit is 262144$/);
  assert.match(
    (await told(Uint8Array.of(0x61, 0xff))).message,
    /TEMPLATE\.yaml: expected text in UTF-8, but it has the byte 0xff at 1, in line 1, as Latin-1/,
  );
  const deep = await told(`config: ${'['.repeat(200_000)}`);
  assert.equal(deep.code, 'recipe_invalid');
});

test('unknown keys name the nearest known one, all of them in one error', async (t) => {
  const template =
    'nmae: x\nruntime:\n  backgruond: {}\n  background: { max_concurent: 1, zzz: 1 }\nrequires: { pakages: [] }';
  assert.deepEqual(await problemsOf(t, template), [
    "1:1 nmae: unknown key; did you mean 'name'?",
    "3:3 runtime.backgruond: unknown key; did you mean 'background'?",
    "4:17 runtime.background.max_concurent: unknown key; did you mean 'max_concurrent'?",
    '4:35 runtime.background.zzz: unknown key; known are enabled, max_concurrent, cleanup_delay_sec, keep_failed_sec, keep_keyed_sec, timeout_sec, retries, on_lost, deliver_to, notify_on, typing',
    "5:13 requires.pakages: unknown key; did you mean 'packages'?",
  ]);
});

test('every field has its type', async (t) => {
  const cases: Record<string, string> = {
    'name: Not A Name': '1:7 name: got "Not A Name", expected a recipe\'s name: ',
    'name: 5': '1:7 name: got 5, expected a text: write "5"',
    'version: 1.0': '1:10 version: got 1, expected a text',
    'description: []': '1:14 description: got a list, expected a text',
    'tags: one': '1:7 tags: got "one", expected a list',
    'tags: [a, 2]': '1:11 tags.1: got 2, expected a text',
    'requires: []': '1:11 requires: got a list, expected a mapping',
    'requires: { packages: [../x] }': '1:24 requires.packages.0: got "../x", expected the name of an npm package',
    'requires: { env: ["A B"] }': '1:19 requires.env.0: got "A B", expected the name of an environment variable',
    'requires: { env: [{ name: A, secret: no }] }': '1:38 requires.env.0.secret: got "no", expected true or false',
    'requires: { env: [{ secret: false }] }':
      '1:19 requires.env.0: got a mapping, expected the name of an environment variable',
    'requires: { env: [{ nam: A, name: B }] }': "1:21 requires.env.0.nam: unknown key; did you mean 'name'?",
    'requires: { env: [OFFSTAGE_STORE] }':
      "1:19 requires.env.0: OFFSTAGE_STORE is offstage's own, which reaches no recipe",
    'requires: { external: [/bin/sh] }': '1:24 requires.external.0: got "/bin/sh", expected the name of a program',
    'config: 1': '1:9 config: got 1, expected a mapping',
    'defaults: [1]': '1:11 defaults: got a list, expected a mapping',
    'input: text': '1:8 input: got "text", expected a JSON Schema',
    'entry: 4': '1:8 entry: got 4, expected a text',
    'command: sh run.sh': '1:10 command: got "sh run.sh", expected a list',
    'command: []': '1:10 command: got a list, expected a program and its arguments',
    'command: [sleep, 10]': '1:18 command.1: got 10, expected a text (in quotes where YAML sees a number)',
    'command: [""]': '1:11 command.0: got "", expected a program',
    'command: [../x]': '1:11 command.0: got "../x", expected a program on the PATH, or a path inside this folder',
    'command: [a/../../x]': '1:11 command.0: got "a/../../x", expected a program on the PATH',
    'command: [/bin/sh]': '1:11 command.0: got "/bin/sh", expected a program on the PATH',
    'command: ["a\\0b"]': '1:11 command.0: got ',
    'entry: recipe.mjs\ncommand: [sh]': '2:1 command: given beside entry; a recipe runs one of them',
    'entry: ""': '1:8 entry: got "", expected the path of a module',
    'runtime: on': '1:10 runtime: got "on", expected a mapping',
    'runtime: { env: all }': '1:17 runtime.env: got "all", expected \'inherit\'',
    'runtime: { background: true }': '1:24 runtime.background: got true, expected a mapping',
    'runtime: { background: { enabled: "no" } }': '1:35 runtime.background.enabled: got "no", expected true or false',
    'runtime: { background: { retries: -1 } }': '1:35 runtime.background.retries: got -1, expected a whole number, 0',
    'runtime: { background: { max_concurrent: 0 } }': '1:42 runtime.background.max_concurrent: got 0, expected a whole',
    'runtime: { background: { timeout_sec: -5 } }': '1:39 runtime.background.timeout_sec: got -5, expected seconds',
    'runtime: { background: { cleanup_delay_sec: [] } }': '1:45 runtime.background.cleanup_delay_sec: got a list, exp',
    'runtime: { background: { on_lost: ignore } }': '1:35 runtime.background.on_lost: got "ignore", expected \'fail\'',
  };
  for (const [template, start] of Object.entries(cases)) {
    const problems = await problemsOf(t, template);
    assert.equal(problems.length, 1, template);
    assert.ok(problems[0]?.startsWith(start), `${template}: ${problems[0]}`);
  }
});

test('agents stand in a file that is named, or that is there; alone it says what a template says', async (t) => {
  const { project, search } = place(t);
  assert.deepEqual(await problemsOf(t, 'agents: [a]'), ['1:9 agents: got a list, expected a text']);
  assert.match((await problemsOf(t, 'tools: { allow: [x] }'))[0] ?? '', /^1:1 tools: /);
  const crew = `${project}/recipes/crew`;
  const yaml = 'metadata: { name: other, version: "2", description: d, tags: [x], requires: { env: [KEY] } }\n';
  write(crew, { 'agents.yaml': `${yaml}agents: { a: { role: R } }\n` });
  const { name, kind, version, description, tags, requires } = await findRecipe('crew', search);
  assert.deepEqual([name, kind, version, description, tags], ['crew', 'agents', '2', 'd', ['x']]);
  assert.deepEqual(requires, { packages: [], env: [{ name: 'KEY', secret: true }], external: [] });
  write(crew, { 'TEMPLATE.yaml': 'version: "3"\n' });
  assert.equal((await findRecipe('crew', search)).version, '3');
  write(crew, { 'recipe.mjs': '' });
  assert.match(
    (await rejection(findRecipe('crew', search))).message,
    /several kinds of recipes: say by entry or agents/,
  );
  write(crew, { 'TEMPLATE.yaml': 'agents: other.yaml\n', 'other.yaml': 'agents: {}\n' });
  assert.match(
    (await rejection(findRecipe('crew', search))).message,
    /other\.yaml:1:9: agents: got a mapping, expected/,
  );
});

test('the entry is the stated one, else recipe.mjs, recipe.js or recipe.ts', async (t) => {
  const { project, search } = place(t);
  const root = `${project}/recipes/it`;
  const find = () => moduleOf(findRecipe('it', search));
  write(root, { 'TEMPLATE.yaml': '' });
  assert.match(
    (await rejection(find())).message,
    /no entry, and none of recipe\.mjs, recipe\.js, recipe\.ts, agents\.yaml in /,
  );
  write(root, { 'recipe.js': '' });
  assert.equal((await find()).entry, `${root}/recipe.js`);
  write(root, { 'recipe.mjs': '' });
  assert.equal((await find()).entry, `${root}/recipe.mjs`);
  write(root, { 'TEMPLATE.yaml': '\nentry: src/main.cjs' });
  const gone = await rejection(find());
  assert.deepEqual(gone.errors, [
    { path: 'TEMPLATE.yaml', line: 2, column: 8, message: `entry: there is no src/main.cjs in ${root}` },
  ]);
  write(root, { 'src/main.cjs': '' });
  assert.equal((await find()).entry, `${root}/src/main.cjs`);
  write(root, { 'TEMPLATE.yaml': 'entry: src' });
  assert.match((await rejection(find())).message, /entry: .*src is not a file/);
  write(root, { 'TEMPLATE.yaml': 'entry: run.py', 'run.py': '' });
  assert.match((await rejection(find())).message, /entry: got run\.py, expected a module: \.mjs, \.js/);
});

const typeScript = 'typescript' in process.features && process.features.typescript;

test('a TypeScript entry needs a Node that runs it', async (t) => {
  const { project, search } = place(t);
  write(`${project}/recipes/typed`, { 'TEMPLATE.yaml': '', 'recipe.ts': 'export default (x: number): number => x;' });
  if (typeScript) assert.match((await moduleOf(findRecipe('typed', search))).entry, /recipe\.ts$/);
  else {
    const error = await rejection(findRecipe('typed', search));
    assert.match(error.message, /recipe\.ts is TypeScript, which needs Node 22\.18 or later; this is v\d+/);
  }
});

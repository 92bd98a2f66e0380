import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findRecipe, listRecipes } from '#offstage/recipe/index.js';
import { searchRoots } from '#offstage/recipe/roots.js';
import { addRecipe, place, rejection, write } from './helpers.js';

test('a name is looked for in the configured folders, the environment, the project and the home, in this order', async (t) => {
  const { folder, project, home, search } = place(t);
  const roots = [
    join(folder, 'configured'),
    join(folder, 'env-one'),
    join(folder, 'env-two'),
    join(project, 'recipes'),
    join(project, '.offstage', 'recipes'),
    join(home, '.offstage', 'recipes'),
  ];
  const env = { OFFSTAGE_RECIPE_PATH: [roots[1], '', roots[2]].join(delimiter) };
  const full = { ...search, configured: [roots[0] ?? ''], env };
  // From the last to the first: each newly made one wins over those made before.
  for (const root of roots.toReversed()) {
    addRecipe(root, 'same', `version: "${root}"`);
    assert.equal((await findRecipe('same', full)).version, root);
  }
});

/** A package of a monorepo: its folder, one in it, and a store at the root and elsewhere. */
function monorepo(t: TestContext) {
  const { folder, project, home, search } = place(t);
  const app = join(project, 'packages', 'app');
  const inner = join(app, 'src');
  mkdirSync(inner, { recursive: true });
  for (const at of [project, app]) writeFileSync(join(at, 'package.json'), '{}');
  return { folder, project, home, app, inner, search: { ...search, cwd: inner } };
}

test('beside means the working folder, the nearest package.json, the store, in this order', async (t) => {
  const { folder, project, home, app, inner, search } = monorepo(t);
  const elsewhere = { ...search, storeFolder: join(folder, 'elsewhere', '.offstage') };
  const roots = [inner, app, join(folder, 'elsewhere')].flatMap((at) => [
    join(at, 'recipes'),
    join(at, '.offstage', 'recipes'),
  ]);
  roots.push(join(home, '.offstage', 'recipes'));
  assert.deepEqual(
    searchRoots(elsewhere).map(({ path }) => path),
    roots,
  );
  for (const root of roots.toReversed()) {
    addRecipe(root, 'same', `version: "${root}"`);
    assert.equal((await findRecipe('same', elsewhere)).version, root);
  }
  addRecipe(join(project, 'recipes'), 'of-the-root');
  assert.equal((await findRecipe('of-the-root', search)).name, 'of-the-root', 'beside the store');
  assert.equal((await rejection(findRecipe('of-the-root', elsewhere))).code, 'recipe_not_found');
});

test('what a package of a monorepo finds does not depend on where its store is', async (t) => {
  const { project, app, inner, search } = monorepo(t);
  addRecipe(join(app, 'recipes'), 'own');
  addRecipe(join(project, 'recipes'), 'shared');
  const seen = async (storeFolder: string) => (await listRecipes({ ...search, storeFolder })).recipes;
  const names = async (at: string) => (await seen(join(at, '.offstage'))).map(({ name }) => name);
  assert.deepEqual([await names(project), await names(app), await names(inner)], [['own', 'shared'], ['own'], ['own']]);
});

test('a recipe without settings has the documented defaults', async (t) => {
  const { project, search } = place(t);
  const root = addRecipe(join(project, 'recipes'), 'plain');
  const { digest, ...recipe } = await findRecipe('plain', search);
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.deepEqual(recipe, {
    name: 'plain',
    version: '1.0.0',
    description: '',
    author: '',
    license: '',
    tags: [],
    kind: 'module',
    root,
    entry: join(root, 'recipe.mjs'),
    runtime: { enabled: true, maxConcurrent: null, onLost: 'fail', inheritEnv: false },
    requires: { packages: [], env: [], external: [] },
    config: {},
    defaults: {},
  });
});

test('the template names the recipe, whatever its folder is called', async (t) => {
  const { project, search } = place(t);
  const root = addRecipe(join(project, 'recipes'), 'Folder v2', 'name: given');
  assert.equal((await findRecipe('given', search)).root, root);
  addRecipe(join(project, 'recipes'), 'folder', 'name: other');
  const error = await rejection(findRecipe('folder', search));
  assert.equal(error.message, "Recipe 'folder' not found. Did you mean: other?");
});

test('an unknown name comes with near ones and the folders that were searched', async (t) => {
  const { project, search } = place(t);
  for (const name of ['code-report', 'code-reports', 'word-index']) addRecipe(join(project, 'recipes'), name);
  const error = await rejection(findRecipe('code-reprot', search));
  assert.equal(error.name, 'RecipeNotFoundError');
  assert.equal(error.code, 'recipe_not_found');
  assert.equal(error.message, "Recipe 'code-reprot' not found. Did you mean: code-report, code-reports?");
  assert.ok(JSON.stringify(error).includes(join(project, '.offstage', 'recipes')));
  assert.equal((await rejection(findRecipe('zzzzzzzz', search))).message, "Recipe 'zzzzzzzz' not found.");
});

test('what is no name and no path that counts is an invalid argument', async (t) => {
  const { project, search } = place(t);
  addRecipe(join(project, 'recipes'), 'ok');
  const bad = ['', '..', '../ok', 'a..b', 'a/b', 'recipes/ok', 'Upper', '.hidden', 'x'.repeat(65), 'a b', 'ok\0', '.'];
  for (const name of [...bad, './recipes/../recipes/ok', `${project}/../project/recipes/ok`, './ok\0']) {
    const error = await rejection(findRecipe(name, search));
    assert.equal(error.code, 'invalid_argument', JSON.stringify(name));
    assert.match(error.message, /^recipe: got .*, expected /s);
  }
  for (const name of [undefined, null, 7, {}]) {
    assert.equal((await rejection(findRecipe(name as string, search))).code, 'invalid_argument');
  }
});

test('an explicit path is absolute or starts with ./ and goes past the search', async (t) => {
  const { project, search } = place(t);
  const root = addRecipe(join(project, 'somewhere'), 'mine', 'name: own-name');
  assert.equal((await findRecipe('./somewhere/mine', search)).root, root);
  assert.equal((await findRecipe(root, search)).name, 'own-name');
  const gone = await rejection(findRecipe('./somewhere/none', search));
  assert.equal(gone.code, 'recipe_not_found');
  const file = await rejection(findRecipe('./somewhere/mine/recipe.mjs', search));
  assert.equal(file.code, 'recipe_invalid');
  assert.match(file.message, /is not a folder/);
});

test('a folder of the name without a template is invalid and says which file is missing', async (t) => {
  const { project, search } = place(t);
  write(join(project, 'recipes', 'bare'), { 'notes.txt': '' });
  const error = await rejection(findRecipe('bare', search));
  assert.equal(error.code, 'recipe_invalid');
  assert.deepEqual(error.errors, [
    { path: 'TEMPLATE.yaml', message: `missing in ${join(project, 'recipes', 'bare')}` },
  ]);
});

test('the first folder wins also when its recipe is broken', async (t) => {
  const { project, home, search } = place(t);
  addRecipe(join(project, 'recipes'), 'same', 'version: 1');
  addRecipe(join(home, '.offstage', 'recipes'), 'same');
  const error = await rejection(findRecipe('same', search));
  assert.equal(error.code, 'recipe_invalid');
  assert.match(
    error.message,
    /^Recipe 'same' is not valid: TEMPLATE\.yaml:1:10: version: got 1, expected a text: write "1"$/,
  );
});

test('a search folder may itself be a link, and counts once', async (t) => {
  const { folder, project, search } = place(t);
  const root = addRecipe(join(folder, 'shared'), 'linked');
  symlinkSync(join(folder, 'shared'), join(project, 'recipes'));
  assert.equal((await findRecipe('linked', search)).root, root);
});

test('the digest changes with the template and with the entry, and with nothing else', async (t) => {
  const { project, search } = place(t);
  const root = addRecipe(join(project, 'recipes'), 'sum', 'version: "1"');
  const digest = async () => (await findRecipe('sum', search)).digest;
  const first = await digest();
  write(root, { 'other.mjs': '1' });
  assert.equal(await digest(), first);
  write(root, { 'TEMPLATE.yaml': 'version: "2"' });
  const second = await digest();
  assert.notEqual(second, first);
  write(root, { 'recipe.mjs': 'export default () => 2;' });
  assert.ok(![first, second].includes(await digest()));
});

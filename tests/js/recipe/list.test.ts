import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findRecipe, listRecipes } from '#offstage/recipe/index.js';
import { addRecipe, place, write } from './helpers.js';

test('lists what names can find: the first of a name, by folder, then by name', async (t) => {
  const { project, home, search } = place(t);
  addRecipe(join(project, 'recipes'), 'two');
  addRecipe(join(project, 'recipes'), 'one');
  addRecipe(join(home, '.offstage', 'recipes'), 'one');
  addRecipe(join(home, '.offstage', 'recipes'), 'three');
  const { recipes, problems } = await listRecipes(search);
  assert.deepEqual(
    recipes.map(({ name, root }) => [name, root]),
    [
      ['one', join(project, 'recipes', 'one')],
      ['two', join(project, 'recipes', 'two')],
      ['three', join(home, '.offstage', 'recipes', 'three')],
    ],
  );
  assert.deepEqual(problems, []);
  for (const recipe of recipes) assert.deepEqual(await findRecipe(recipe.name, search), recipe);
});

test('a broken recipe is a problem of its own and hides its namesakes', async (t) => {
  const { project, home, search } = place(t);
  const broken = addRecipe(join(project, 'recipes'), 'broken', 'name: [');
  const unset = addRecipe(join(project, 'recipes'), 'unset', `runtime: { background: { retries: "\${NOWHERE}" } }`);
  addRecipe(join(home, '.offstage', 'recipes'), 'broken');
  addRecipe(join(home, '.offstage', 'recipes'), 'fine');
  const { recipes, problems } = await listRecipes(search);
  assert.deepEqual(
    recipes.map(({ name }) => name),
    ['fine'],
  );
  assert.deepEqual(
    problems.map(({ path }) => path),
    [broken, unset],
  );
  assert.match(problems[1]?.error.message ?? '', /NOWHERE is not set/);
});

test('folders that nobody meant as recipes, hidden ones, packages and files are passed over', async (t) => {
  const { project, search } = place(t);
  write(join(project, 'recipes'), { 'README.md': '', 'pasta/list.txt': '', '.git/TEMPLATE.yaml': '' });
  write(join(project, 'recipes'), { 'node_modules/TEMPLATE.yaml': '' });
  assert.deepEqual(await listRecipes(search), { recipes: [], problems: [] });
  write(join(project, 'recipes', 'half'), { 'recipe.mjs': '' });
  const { problems } = await listRecipes(search);
  assert.match(problems[0]?.error.message ?? '', /TEMPLATE\.yaml: missing/);
});

test('nothing anywhere is an empty list', async (t) => {
  assert.deepEqual(await listRecipes(place(t).search), { recipes: [], problems: [] });
});

/** Nothing outside of a recipe's folder, and nothing that others could have planted. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { containedSource, findRecipe, listRecipes, sourceOf } from '#offstage/recipe/index.js';
import { addRecipe, moduleOf, place, rejection, write } from '../recipe/helpers.js';

const root = process.getuid?.() === 0;

test('a planted recipes/ in a folder that others can write is refused', async (t) => {
  const { project, search } = place(t);
  addRecipe(join(project, 'recipes'), 'planted');
  chmodSync(project, 0o777);
  const error = await rejection(findRecipe('planted', search));
  assert.equal(error.name, 'RecipePolicyError');
  assert.equal(error.code, 'policy_denied');
  assert.ok(
    error.message.startsWith(`Recipe 'planted' refused: ${project} is writable by others (mode 777): chmod go-w`),
  );
  assert.deepEqual((error as { details?: { path?: string } }).details?.path, project);
  assert.equal((await rejection(findRecipe('other', search))).code, 'recipe_not_found');
  chmodSync(project, 0o755);
  assert.equal((await findRecipe('planted', search)).name, 'planted');
});

test('a search folder, a recipe folder, a template or an entry that others can write is refused', async (t) => {
  const { project, search } = place(t);
  const recipes = join(project, 'recipes');
  const folder = addRecipe(recipes, 'mine', 'entry: lib/main.mjs', { 'lib/main.mjs': 'export default () => 1;' });
  const parts = [recipes, folder, join(folder, 'TEMPLATE.yaml'), join(folder, 'lib'), join(folder, 'lib', 'main.mjs')];
  for (const part of parts) {
    chmodSync(part, 0o777);
    const error = await rejection(findRecipe('mine', search));
    assert.equal(error.code, 'policy_denied', part);
    assert.match(
      error.message,
      new RegExp(`refused: ${part} is writable by others \\(mode 777\\): chmod go-w ${part}`),
    );
    chmodSync(part, 0o755);
    assert.equal((await findRecipe('mine', search)).name, 'mine');
  }
});

test('a folder of another user is refused', { skip: root ? false : 'only root can give folders away' }, async (t) => {
  const { project, search } = place(t);
  const folder = addRecipe(join(project, 'recipes'), 'given');
  chownSync(folder, 12_345, 12_345);
  const error = await rejection(findRecipe('given', search));
  assert.equal(error.code, 'policy_denied');
  assert.match(error.message, /belongs to another user \(uid 12345\)/);
  assert.equal((await rejection(findRecipe(folder, search))).code, 'policy_denied');
});

test('a refused folder does not hide a good one further on', async (t) => {
  const { project, home, search } = place(t);
  chmodSync(addRecipe(join(project, 'recipes'), 'same'), 0o777);
  const good = addRecipe(join(home, '.offstage', 'recipes'), 'same');
  assert.equal((await findRecipe('same', search)).root, good);
});

test('an explicit path that others can write is refused', async (t) => {
  const { folder, search } = place(t);
  const own = addRecipe(folder, 'own');
  chmodSync(own, 0o777);
  const error = await rejection(findRecipe(own, search));
  assert.equal(error.code, 'policy_denied');
  assert.ok(error.message.includes(own));
});

test('links that lead out are refused: the recipe folder, the template, the entry', async (t) => {
  const { folder, project, search } = place(t);
  const recipes = join(project, 'recipes');
  const outside = addRecipe(join(folder, 'outside'), 'real');
  mkdirSync(recipes);
  symlinkSync(outside, join(recipes, 'real'));
  const entry = addRecipe(recipes, 'entry', 'entry: linked.mjs');
  symlinkSync(join(outside, 'recipe.mjs'), join(entry, 'linked.mjs'));
  const implied = addRecipe(recipes, 'implied');
  rmSync(join(implied, 'recipe.mjs'));
  symlinkSync(join(outside, 'recipe.mjs'), join(implied, 'recipe.mjs'));
  const template = addRecipe(recipes, 'template');
  rmSync(join(template, 'TEMPLATE.yaml'));
  symlinkSync(join(outside, 'TEMPLATE.yaml'), join(template, 'TEMPLATE.yaml'));
  for (const name of ['real', 'entry', 'implied', 'template']) {
    const error = await rejection(findRecipe(name, search));
    assert.equal(error.code, 'policy_denied', name);
    assert.match(error.message, /leads out of/);
  }
});

test('a link that stays inside is followed', async (t) => {
  const { project, search } = place(t);
  const folder = addRecipe(join(project, 'recipes'), 'inner', 'entry: now.mjs');
  symlinkSync('recipe.mjs', join(folder, 'now.mjs'));
  assert.equal((await moduleOf(findRecipe('inner', search))).entry, join(folder, 'recipe.mjs'));
});

test('an entry with .. or an absolute path is invalid', async (t) => {
  const { project, search } = place(t);
  for (const entry of ['../x.mjs', 'a/../../x.mjs', '/etc/passwd', '..\\x.mjs']) {
    addRecipe(join(project, 'recipes'), 'bad', `name: bad\nentry: ${entry}`);
    const error = await rejection(findRecipe('bad', search));
    assert.equal(error.code, 'recipe_invalid', entry);
    assert.deepEqual([error.errors?.[0]?.line, error.errors?.[0]?.column], [2, 8]);
  }
});

test('containedSource answers with the digest, and refuses what has changed places since', async (t) => {
  const { folder, project, search } = place(t);
  const recipe = await moduleOf(findRecipe(addRecipe(join(project, 'recipes'), 'again'), search));
  const source = sourceOf(recipe);
  assert.deepEqual(await containedSource(source), {
    code: { version: '1', digest: recipe.digest },
    program: { kind: 'module', entry: recipe.entry },
  });
  const refused = async (other = source) => (await rejection(containedSource(other))).code;
  write(recipe.root, { 'recipe.mjs': 'export default () => 2;' });
  assert.notEqual((await containedSource(source)).code.digest, recipe.digest);

  chmodSync(recipe.entry, 0o666);
  assert.equal(await refused(), 'policy_denied');
  const outside = addRecipe(folder, 'outside');
  rmSync(recipe.entry);
  assert.equal(await refused(), 'recipe_not_found');
  symlinkSync(join(outside, 'recipe.mjs'), recipe.entry);
  assert.equal(await refused(), 'policy_denied');
  rmSync(recipe.root, { recursive: true });
  assert.equal(await refused(), 'recipe_not_found');
  symlinkSync(outside, recipe.root);
  const moved = await rejection(containedSource(source));
  assert.equal(moved.code, 'policy_denied');
  assert.ok(moved.message.includes(outside));
  assert.equal(await refused({ ...source, root: outside, ...{ entry: join(project, 'x.mjs') } }), 'recipe_not_found');
});

test('what the submitter trusts counts for the worker that looks again', async (t) => {
  const { project, search } = place(t);
  const folder = addRecipe(join(project, 'recipes'), 'trusted');
  for (const path of [folder, join(folder, 'recipe.mjs'), join(folder, 'TEMPLATE.yaml')]) chmodSync(path, 0o777);
  process.env.OFFSTAGE_TRUSTED_FOLDERS = folder;
  t.after(() => delete process.env.OFFSTAGE_TRUSTED_FOLDERS);
  const source = sourceOf(await findRecipe('trusted', search));
  delete process.env.OFFSTAGE_TRUSTED_FOLDERS;
  assert.deepEqual(source.trusted, [folder]);
  assert.equal((await containedSource(source)).program.kind, 'module');
  assert.equal((await rejection(containedSource({ ...source, trusted: [] }))).code, 'policy_denied');
});

test('listing reports what is refused and goes on', async (t) => {
  const { folder, project, home, search } = place(t);
  const recipes = join(project, 'recipes');
  addRecipe(recipes, 'good');
  const open = addRecipe(recipes, 'open');
  chmodSync(open, 0o777);
  symlinkSync(addRecipe(folder, 'away'), join(recipes, 'away'));
  const homely = join(home, '.offstage', 'recipes');
  addRecipe(homely, 'homely');
  chmodSync(homely, 0o777);
  const { recipes: found, problems } = await listRecipes(search);
  assert.deepEqual(
    found.map(({ name }) => name),
    ['good'],
  );
  assert.deepEqual(
    problems.map(({ path, error }) => [path, (error as { code?: string }).code]),
    [
      [join(recipes, 'away'), 'policy_denied'],
      [open, 'policy_denied'],
      [homely, 'policy_denied'],
    ],
  );
});

/** One digest over all files of a recipe's folder. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOf } from '#offstage/recipe/digest.js';
import { codeOf, findRecipe, settleRecipe, sourceOf } from '#offstage/recipe/index.js';
import { place } from './helpers.js';

function folder(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'offstage-digest-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

function write(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

test('it changes with every file, wherever that lies, and with its name', async (t) => {
  const root = folder(t);
  const seen = new Set<string>();
  const isNew = async (what: string): Promise<void> => {
    const digest = await digestOf(root);
    assert.match(digest, /^[0-9a-f]{64}$/);
    assert.ok(!seen.has(digest), what);
    seen.add(digest);
  };
  write(root, { 'TEMPLATE.yaml': 'name: a\n', 'recipe.mjs': '1', 'lib/deep/helper.mjs': 'export const n = 1;' });
  await isNew('the first');
  write(root, { 'lib/deep/helper.mjs': 'export const n = 2;' });
  await isNew('a helper of the same size');
  write(root, { 'lib/deep/other.mjs': '' });
  await isNew('an empty file');
  rmSync(join(root, 'lib/deep/other.mjs'));
  write(root, { 'lib/other.mjs': '' });
  await isNew('moved');
  write(root, { '.hidden': 'x' });
  await isNew('a hidden file');
  symlinkSync('recipe.mjs', join(root, 'link'));
  await isNew('a link');
  rmSync(join(root, 'link'));
  symlinkSync('TEMPLATE.yaml', join(root, 'link'));
  await isNew('a link that leads elsewhere');
});

test('the same files give the same digest in another folder, whenever they were written and whatever is installed', async (t) => {
  const [one, other] = [folder(t), folder(t)];
  for (const root of [one, other]) write(root, { 'b.mjs': '2', 'a/x.mjs': '1', 'TEMPLATE.yaml': 'name: a\n' });
  utimesSync(join(other, 'b.mjs'), 1, 1);
  write(other, {
    'node_modules/p/index.js': '1',
    '.git/HEAD': 'x',
    '.offstage/tasks.db': 'x',
    'a/node_modules/q.js': '1',
  });
  assert.equal(await digestOf(one), await digestOf(other));
});

test('no byte moves from a name or a file to the next one unnoticed', async (t) => {
  const [one, other] = [folder(t), folder(t)];
  write(one, { a: 'bc', d: '' });
  write(other, { a: 'b', cd: '' });
  assert.notEqual(await digestOf(one), await digestOf(other));
});

test('a file that is written again with the size and the times of before is read again', async (t) => {
  const root = folder(t);
  write(root, { 'recipe.mjs': 'old' });
  const before = await digestOf(root);
  write(root, { 'recipe.mjs': 'new' });
  assert.notEqual(await digestOf(root), before, 'written a moment ago');
  utimesSync(join(root, 'recipe.mjs'), 1000, 1000);
  const known = await digestOf(root);
  assert.equal(await digestOf(root), known);
  write(root, { 'recipe.mjs': 'now' });
  utimesSync(join(root, 'recipe.mjs'), 1000, 1000);
  assert.notEqual(await digestOf(root), known, 'the time of its change is another');
});

test('of a large file the size counts', async (t) => {
  const root = folder(t);
  write(root, { model: '' });
  truncateSync(join(root, 'model'), 8 * 1024 * 1024 + 1);
  const before = await digestOf(root);
  truncateSync(join(root, 'model'), 8 * 1024 * 1024 + 2);
  assert.notEqual(await digestOf(root), before);
});

test('a file that cannot be read, and a folder that is not there, do not stop it', async (t) => {
  const root = folder(t);
  symlinkSync('nowhere', join(root, 'dangling'));
  assert.match(await digestOf(root), /^[0-9a-f]{64}$/);
  assert.match(await digestOf(join(root, 'none')), /^[0-9a-f]{64}$/);
});

test('the digest of agents is also over what they include, at the submit and later', async (t) => {
  const { project, search } = place(t);
  const agents = (more: string) => `agents: { a: { role: R } }\nsteps:\n  - { agent: a, action: x }\n${more}`;
  const recipes = join(project, 'recipes');
  write(recipes, {
    'outer/agents.yaml': agents('  - { include: inner }\n'),
    'inner/agents.yaml': agents('  - { include: deeper }\n'),
    'deeper/agents.yaml': agents(''),
    'beside/agents.yaml': agents(''),
  });
  const settle = async () => {
    const { recipe, settled } = await settleRecipe(await findRecipe('outer', search), {
      env: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', OFFSTAGE_MODEL: 'm' },
      cwd: project,
      config: {},
      asked: {},
      now: 0,
      seconds: () => 1,
      search,
    });
    return { digest: recipe.digest, source: { ...sourceOf(recipe), settled } };
  };
  const { digest, source } = await settle();
  const now = async () => (await codeOf(source)).digest;
  assert.equal(await now(), digest);
  const seen = new Set([digest]);
  for (const [path, changes] of [
    ['inner/tools.py', true],
    ['deeper/agents.yaml', true],
    ['outer/notes.txt', true],
    ['beside/agents.yaml', false],
  ] as const) {
    write(recipes, { [path]: agents('# changed\n') });
    const changed = await now();
    assert.equal(seen.has(changed), !changes, path);
    assert.equal((await settle()).digest, changed, path);
    seen.add(changed);
  }
});

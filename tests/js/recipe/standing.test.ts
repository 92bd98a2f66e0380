/** What was found in a folder is said again only while the folder stands as it did. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { programFolder } from '#offstage/program/contain.js';
import { readingOf } from '#offstage/program/kinds.js';
import { containedSource, findRecipe, sourceOf } from '#offstage/recipe/index.js';
import { areCovered, ofStanding } from '#offstage/recipe/standing.js';
import { rejection } from './helpers.js';

/** A folder, as one sees it who looks long after it was written. */
function scene(t: TestContext) {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-standing-')));
  const root = join(parent, 'r');
  mkdirSync(join(root, 'lib'), { recursive: true });
  writeFileSync(join(root, 'TEMPLATE.yaml'), 'name: r\n');
  writeFileSync(join(root, 'recipe.mjs'), 'export default () => 1;');
  writeFileSync(join(root, 'lib', 'a.mjs'), 'export const a = 1;');
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 });
  let looks = 0;
  const look = (isWhole = true) =>
    ofStanding(
      root,
      'q',
      async () => ++looks,
      () => isWhole,
    );
  return { root, look };
}

/** Writes other text of the same length, and gives the file its old time back. */
function rewrite(path: string): void {
  const { atime, mtime } = statSync(path);
  writeFileSync(path, 'export const a = 2;');
  utimesSync(path, atime, mtime);
}

const CHANGES: Record<string, (root: string) => void> = {
  'a file written to, with its old time': (root) => rewrite(join(root, 'lib', 'a.mjs')),
  'a file added': (root) => writeFileSync(join(root, 'lib', 'b.mjs'), ''),
  'a file removed': (root) => rmSync(join(root, 'lib', 'a.mjs')),
  'a file that others may write to': (root) => chmodSync(join(root, 'lib', 'a.mjs'), 0o666),
  'the folder that others may write to': (root) => chmodSync(root, 0o777),
  'a file put in the place of another': (root) => {
    writeFileSync(join(root, 'new'), 'export const a = 3;');
    renameSync(join(root, 'new'), join(root, 'lib', 'a.mjs'));
  },
  'another folder in its place': (root) => {
    renameSync(root, `${root}-old`);
    mkdirSync(root);
  },
  'a link in its place': (root) => {
    renameSync(root, `${root}-old`);
    symlinkSync(`${root}-old`, root);
  },
  'a link in the place of the folder above': (root) => {
    const parent = dirname(root);
    renameSync(parent, `${parent}-old`);
    symlinkSync(`${parent}-old`, parent);
  },
};

for (const [what, change] of Object.entries(CHANGES)) {
  test(`what was found is said again until the folder has changed: ${what}`, async (t) => {
    const { root, look } = scene(t);
    t.after(() => rmSync(`${dirname(root)}-old`, { recursive: true, force: true }));
    assert.deepEqual([await look(), await look()], [1, 1]);
    change(root);
    assert.equal(await look(), 2);
  });
}

test('nothing is remembered of what has changed a moment ago', async (t) => {
  const { look } = scene(t);
  t.mock.timers.reset();
  assert.deepEqual([await look(), await look()], [1, 2]);
});

test('nothing is remembered of a folder with links, of a large one, or where folders are trusted by name', async (t) => {
  const linked = scene(t);
  symlinkSync('/etc/hostname', join(linked.root, 'lib', 'link'));
  assert.deepEqual([await linked.look(), await linked.look()], [1, 2]);
  t.mock.timers.reset();
  const large = scene(t);
  for (let n = 0; n < 70; n++) writeFileSync(join(large.root, `${n}.txt`), '');
  assert.deepEqual([await large.look(), await large.look()], [1, 2]);
  t.mock.timers.reset();
  const trusted = scene(t);
  assert.equal(await trusted.look(), 1);
  process.env.OFFSTAGE_TRUSTED_FOLDERS = tmpdir();
  t.after(() => delete process.env.OFFSTAGE_TRUSTED_FOLDERS);
  assert.equal(await trusted.look(), 2);
});

test('an answer that depends on more than the folder is not remembered, nor a failure', async (t) => {
  const { root, look } = scene(t);
  assert.deepEqual([await look(false), await look(false)], [1, 2]);
  const fails = () => ofStanding(root, 'fails', async () => assert.fail('now'));
  await assert.rejects(fails, /now/);
  assert.equal(await ofStanding(root, 'fails', async () => 'then'), 'then');
});

test('what the digest does not look at is not covered', async () => {
  const folder = programFolder('/r', 'r');
  const isCovered = async (kind: string, value: unknown): Promise<boolean> =>
    areCovered((await readingOf(kind)).paths(folder, value));
  assert.ok(await isCovered('module', '/r/lib/a.mjs'));
  assert.ok(await isCovered('command', ['sh', '-c', '/usr/x/../y', './lib/run']));
  assert.ok(!(await isCovered('module', '/r/node_modules/a/a.mjs')));
  assert.ok(!(await isCovered('command', ['sh', '../other'])));
  assert.ok(!(await isCovered('command', ['.offstage/run'])));
});

test('a recipe that was looked at stays refused or runs by what its folder is now', async (t) => {
  const { root } = scene(t);
  const recipe = await findRecipe(root);
  recipe.config.k = 'whoever is handed it may change it';
  assert.deepEqual((await findRecipe(root)).config, {});
  const source = sourceOf(recipe);
  const first = await containedSource(source, recipe.digest);
  assert.deepEqual(await containedSource(source, recipe.digest), first);
  chmodSync(join(root, 'recipe.mjs'), 0o666);
  assert.equal((await rejection(containedSource(source, recipe.digest))).code, 'policy_denied');
  chmodSync(join(root, 'recipe.mjs'), 0o600);
  assert.deepEqual(await containedSource(source, recipe.digest), first);
  rewrite(join(root, 'lib', 'a.mjs'));
  assert.notEqual((await containedSource(source, recipe.digest)).code.digest, recipe.digest);
  rmSync(root, { recursive: true });
  assert.equal((await rejection(containedSource(source, recipe.digest))).code, 'recipe_not_found');
});

/** The plan of an attempt: a look at the recipe right before it begins, shared by all that begin in the same turn. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOf } from '#offstage/recipe/digest.js';
import type { Claimed } from '#offstage/store/types.js';
import { Environments } from '#offstage/worker/environment/environments.js';
import { planOf } from '#offstage/worker/source.js';

const here = () => new Environments({ PATH: '/bin' }, undefined);

test('what begins in one turn looks at its recipe once, and what begins later looks anew', async (t) => {
  const { root, claimed } = await recipe(t);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 10_000 }); // of what was just written nothing is remembered
  const environments = here();
  await planOf(claimed('before'), environments);
  const looks = countLooks(t, root);
  await planOf(claimed('first'), environments);
  const one = looks();
  assert.ok(one > 0);
  const ids = Array.from({ length: 64 }, (_, index) => `task_${index}`);
  const plans = await Promise.all(ids.map((id) => planOf(claimed(id), environments)));
  assert.equal(looks(), 2 * one);
  assert.deepEqual(
    plans.map(({ message }) => message.task.taskId),
    ids,
    'each has a plan of its own',
  );
  assert.equal(new Set(plans.map(({ key }) => key)).size, 1);
  await planOf(claimed('last'), environments);
  assert.equal(looks(), 3 * one);
});

test('the look is taken after all of them have asked: what leads elsewhere by then is run by none', async (t) => {
  const { root, claimed, folder } = await recipe(t);
  const environments = here();
  const refused = ['one', 'two'].map((id) => planOf(claimed(id), environments));
  renameSync(root, join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'elsewhere'), root);
  const all = await Promise.allSettled(refused);
  for (const one of all) {
    assert.equal(one.status, 'rejected');
    assert.match(String(one.reason), /refused: .* leads to .*elsewhere now/);
  }
});

test('recipes, versions of a recipe and workers share no look', async (t) => {
  const [some, other] = [await recipe(t), await recipe(t, 'other')];
  const environments = here();
  const plans = await Promise.all([
    planOf(some.claimed('a'), environments),
    planOf(other.claimed('b'), environments),
    planOf(some.claimed('c', { digest: 'of before' }), environments),
    planOf(some.claimed('d'), here()),
  ]);
  const programs = plans.map(({ message }) => (message.program as { entry?: string }).entry);
  assert.deepEqual(
    programs,
    [some, other, some, some].map(({ root }) => join(root, 'recipe.mjs')),
  );
  assert.deepEqual(
    plans.map(({ notes }) => notes.length),
    [0, 0, 1, 0],
    'only that one knows other code',
  );
});

async function recipe(t: TestContext, name = 'some') {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-source-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, name);
  mkdirSync(root);
  writeFileSync(join(root, 'TEMPLATE.yaml'), `name: ${name}\n`);
  writeFileSync(join(root, 'recipe.mjs'), 'export default () => 1;');
  const source = { root, entry: join(root, 'recipe.mjs'), needs: [], inherit_env: false };
  const record = { name, recipe: name, version: '1', digest: await digestOf(root), source };
  const claimed = (id: string, more: object = {}): Claimed => ({
    id,
    attempt: 1,
    epoch: 1,
    record: JSON.stringify({ ...record, ...more }),
    payloads: {},
    environment: null,
    bound: [],
    envNote: null,
    goesOn: false,
    fit: null,
    pgid: null,
  });
  return { folder, root, claimed };
}

/** How often the folder's real path was asked for until now. */
function countLooks(t: TestContext, root: string): () => number {
  const { mock } = t.mock.method(realpathSync, 'native');
  return () => mock.calls.filter(({ arguments: [path] }) => path === root).length;
}

import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { checkRunnable } from '#offstage/recipe/index.js';
import { folderWith, tempFolder, write } from './helpers.js';

test('a recipe that is not enabled is refused', async (t) => {
  const recipe = await folderWith(t, 'runtime: { background: { enabled: false } }');
  await assert.rejects(checkRunnable(recipe, {}), {
    name: 'RecipePolicyError',
    code: 'policy_denied',
    message: /'sample'/,
  });
});

test('all that is missing is told at once', async (t) => {
  const recipe = await folderWith(
    t,
    'requires: { env: [API_KEY, OTHER], packages: [no-such-pkg], external: [no-such-program] }',
  );
  await assert.rejects(checkRunnable(recipe, { OTHER: '', PATH: process.env.PATH }), {
    name: 'RecipeDependencyError',
    code: 'missing_dependency',
    missing: ['env API_KEY', 'package no-such-pkg', 'external no-such-program'],
  });
});

test('packages are looked for from the recipe upward, also those for import only', async (t) => {
  const recipe = await folderWith(t, 'requires: { packages: ["@scope/only-import", fs, beside] }');
  const missing = (error: { missing?: string[] }) => error.missing?.join();
  await assert.rejects(
    checkRunnable(recipe, {}),
    (error: object) => missing(error) === 'package @scope/only-import,package beside',
  );
  write(join(recipe.root, 'node_modules', '@scope', 'only-import'), {
    'package.json': '{ "name": "@scope/only-import", "type": "module", "exports": { "import": "./i.js" } }',
    'i.js': '',
  });
  await assert.rejects(checkRunnable(recipe, {}), (error: object) => missing(error) === 'package beside');
  write(join(recipe.root, '..', 'node_modules', 'beside'), { 'package.json': '{}' });
  await checkRunnable(recipe, {});
});

test('programs are looked for on the given PATH and must be executable', async (t) => {
  const recipe = await folderWith(t, 'requires: { external: [tool] }');
  const folder = tempFolder(t);
  write(folder, { 'bin/tool': '#!/bin/sh\n', 'other/tool/x': '' });
  const env = { PATH: ['', join(folder, 'other'), join(folder, 'bin')].join(delimiter) };
  await assert.rejects(checkRunnable(recipe, env), { code: 'missing_dependency' });
  chmodSync(join(folder, 'bin', 'tool'), 0o755);
  await checkRunnable(recipe, env);
  await assert.rejects(checkRunnable(recipe, {}), { missing: ['external tool'] });
});

test('without requirements nothing is missing', async (t) => {
  await checkRunnable(await folderWith(t, ''), {});
});

/** Command recipes as they are read: what runs, and what is refused. */
import assert from 'node:assert/strict';
import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CommandFolder } from '#offstage/program/command/reading-command.js';
import { checkRunnable, containedSource, findRecipe, sourceOf } from '#offstage/recipe/index.js';
import { place, rejection, tempFolder, write } from './helpers.js';

/** Makes a command recipe; the files named `*.sh` are executable. */
function make(t: TestContext, command: string, files: Record<string, string> = {}) {
  const root = join(tempFolder(t), 'it');
  write(root, { 'TEMPLATE.yaml': `command: ${command}\n`, ...files });
  for (const file of Object.keys(files)) chmodSync(join(root, file), file.endsWith('.sh') ? 0o755 : 0o644);
  const find = async (): Promise<CommandFolder> => {
    const recipe = await findRecipe(root, { env: {} });
    assert.equal(recipe.kind, 'command');
    return recipe as CommandFolder;
  };
  return { root, find };
}

const RUN = { 'run.sh': '#!/bin/sh\necho 1\n' };

test('a command has its argv as written, and no entry', async (t) => {
  const { root, find } = make(t, '[sh, run.sh, "10"]', RUN);
  const recipe = await find();
  assert.deepEqual(recipe.command, ['sh', 'run.sh', '10']);
  assert.equal('entry' in recipe, false);
  const source = sourceOf(recipe);
  assert.deepEqual(source.command, recipe.command);
  assert.deepEqual((await containedSource(source)).program, {
    kind: 'command',
    file: 'sh',
    args: ['run.sh', '10'],
    folder: root,
  });
});

test('a program in the folder is run by its real path, with and without ./', async (t) => {
  for (const word of ['run.sh', './run.sh', './/run.sh']) {
    const { root, find } = make(t, `[${word}]`, RUN);
    const { program } = await containedSource(sourceOf(await find()));
    assert.deepEqual(program, { kind: 'command', file: join(root, 'run.sh'), args: [], folder: root });
  }
});

test('a stated path must be an executable file', async (t) => {
  const missing = await rejection(make(t, '[./none.sh]').find());
  assert.equal(missing.code, 'recipe_invalid');
  assert.match(missing.message, /TEMPLATE\.yaml:1:10: command: there is no \.\/none\.sh in /);
  const plain = make(t, '[./run.txt]', { 'run.txt': 'x' });
  assert.match((await rejection(plain.find())).message, /command: \.\/run\.txt is not an executable file/);
  const folder = make(t, '[./bin]', { 'bin/x': '' });
  assert.match((await rejection(folder.find())).message, /command: \.\/bin is not an executable file/);
});

test('links that lead out, and what others can write, are refused: the program and file arguments', async (t) => {
  for (const command of ['[./run.sh]', '[run.sh]', '[sh, run.sh]', '[sh, -e, ./run.sh]']) {
    const { root, find } = make(t, command, RUN);
    const recipe = await find();
    const path = join(root, 'run.sh');
    chmodSync(path, 0o777);
    assert.equal((await rejection(find())).code, 'policy_denied', command);
    assert.equal((await rejection(containedSource(sourceOf(recipe)))).code, 'policy_denied', command);
    rmSync(path);
    symlinkSync('/bin/sh', path);
    const error = await rejection(find());
    assert.equal(error.code, 'policy_denied', command);
    assert.match(error.message, /leads out of/);
    assert.equal((await rejection(containedSource(sourceOf(recipe)))).code, 'policy_denied', command);
  }
  const { root, find } = make(t, '[sh, ../outside.sh]');
  write(join(root, '..'), { 'outside.sh': 'echo 1' });
  assert.equal((await rejection(find())).code, 'policy_denied');
});

test('a program that is gone since the submit is not found', async (t) => {
  const { root, find } = make(t, '[./run.sh]', RUN);
  const source = sourceOf(await find());
  rmSync(join(root, 'run.sh'));
  assert.equal((await rejection(containedSource(source))).code, 'recipe_not_found');
});

test('a program that is on no PATH is a missing dependency at submit', async (t) => {
  const { find } = make(t, '[no-such-program-here, x]');
  const recipe = await find();
  await assert.rejects(
    checkRunnable(recipe, { PATH: '/usr/bin:/bin' }),
    (error: { code?: string; missing?: string[] }) => {
      assert.equal(error.code, 'missing_dependency');
      assert.deepEqual(error.missing, ['external no-such-program-here']);
      return true;
    },
  );
  await checkRunnable(await make(t, '[sh, -c, "exit 0"]').find(), { PATH: '/usr/bin:/bin' });
  await checkRunnable(await make(t, '[run.sh]', RUN).find(), { PATH: '' });
});

test('a command recipe is found by name and listed like any other', async (t) => {
  const { project, search } = place(t);
  write(join(project, 'recipes', 'tool'), { 'TEMPLATE.yaml': 'command: [sh, -c, "echo 1"]' });
  assert.equal((await findRecipe('tool', search)).kind, 'command');
});

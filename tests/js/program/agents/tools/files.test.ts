/** Paths come from a model: nothing outside of the roots is read or written, whatever leads there. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readContained, writeContained } from '#offstage/program/agents/tools/contained-file.js';
import { toolNamed } from '#offstage/program/agents/tools/toolbox.js';
import { rejection, tempFolder, write } from '../../../recipe/helpers.js';

function place(t: TestContext) {
  const temp = tempFolder(t);
  const [folder, recipe, outside] = [join(temp, 'here'), join(temp, 'recipe'), join(temp, 'outside')];
  write(folder, {
    'a.txt': 'a',
    'sub/b.txt': 'b',
    '.env': 'KEY=1',
    '.env.local': 'x',
    'k.pem': 'x',
    id_rsa: 'x',
    '.git/config': 'x',
  });
  write(recipe, { 'r.txt': 'r' });
  write(outside, { 'secret.txt': 'secret' });
  return { folder, recipe, outside, roots: [folder, recipe] };
}

test('files of the working folder and of the recipe are read', async (t) => {
  const { roots, recipe } = place(t);
  for (const [path, text] of [
    ['a.txt', 'a'],
    ['./sub/../sub/b.txt', 'b'],
    [join(recipe, 'r.txt'), 'r'],
  ] as const) {
    assert.equal((await readContained(path, roots)).toString(), text);
  }
});

test('what leads out, holds keys or is no regular file is refused', async (t) => {
  const { folder, outside, roots } = place(t);
  symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'));
  symlinkSync(outside, join(folder, 'linked'));
  symlinkSync(join(folder, '.env'), join(folder, 'innocent.txt'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  write(folder, { 'big.txt': 'x'.repeat(256 * 1024 + 1) });
  const cases: [string, RegExp][] = [
    ['../outside/secret.txt', /outside of/],
    [join(outside, 'secret.txt'), /outside of/],
    ['link.txt', /outside of/],
    ['linked/secret.txt', /outside of/],
    ['/proc/self/environ', /outside of/],
    ['/etc/passwd', /outside of/],
    ['/dev/zero', /outside of/],
    ['innocent.txt', /'\.env' is nothing for tools/],
    ['.env', /nothing for tools/],
    ['.ENV', /nothing for tools/],
    ['.env.local', /nothing for tools/],
    ['.git/config', /nothing for tools/],
    ['k.pem', /nothing for tools/],
    ['id_rsa', /nothing for tools/],
    ['sub/.ssh/x', /nothing for tools/],
    ['pipe', /not a regular file/],
    ['sub', /not a regular file/],
    ['none.txt', /there is no such file/],
    ['a\0b', /no NUL/],
    ['big.txt', /has 262145 bytes, the limit is 262144/],
  ];
  for (const [path, message] of cases)
    assert.match((await rejection(readContained(path, roots))).message, message, path);
});

test('what is written stays inside, is no link and has no second name', async (t) => {
  const { folder, outside } = place(t);
  await writeContained('new/deep/c.txt', 'c', folder);
  assert.equal(readFileSync(join(folder, 'new/deep/c.txt'), 'utf8'), 'c');
  await writeContained('a.txt', 'other', folder);
  assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'other');
  symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'));
  symlinkSync(outside, join(folder, 'linked'));
  linkSync(join(outside, 'secret.txt'), join(folder, 'second.txt'));
  mkdirSync(join(folder, 'sub2'));
  const cases: [string, RegExp][] = [
    ['link.txt', /it is a link/],
    ['linked/x.txt', /outside of/],
    ['linked/deep/x.txt', /outside of/],
    ['second.txt', /second name/],
    ['../outside/x.txt', /outside of/],
    ['.env', /nothing for tools/],
    ['.git/hooks/pre-commit', /nothing for tools/],
    ['sub2', /is a folder/],
  ];
  for (const [path, message] of cases) {
    assert.match((await rejection(writeContained(path, 'x', folder))).message, message, path);
  }
  assert.equal(readFileSync(join(outside, 'secret.txt'), 'utf8'), 'secret');
  assert.deepEqual([existsSync(join(outside, 'x.txt')), existsSync(join(outside, 'deep'))], [false, false]);
  assert.match((await rejection(writeContained('a.txt', 'x', folder, true))).message, /there already/);
});

/** What is written may have made it anew meanwhile. */
function into(path: string, from: string): void {
  for (let isThere = false; !isThere; ) {
    try {
      renameSync(from, path);
      isThere = true;
    } catch {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

test('what is swapped for a link while it is looked at leads nowhere', async (t) => {
  const { folder, outside } = place(t);
  write(outside, { 'b.txt': 'secret' });
  const [sub, kept, link] = [join(folder, 'sub'), join(folder, 'kept'), join(folder, 'link')];
  symlinkSync(outside, link);
  const list = toolNamed('list_files', { folder, recipe: undefined });
  const { signal } = new AbortController();
  let isOver = false;
  const swapping = (async () => {
    for (let isLink = false; !isOver; isLink = !isLink) {
      renameSync(sub, isLink ? link : kept);
      into(sub, isLink ? kept : link);
      await new Promise(setImmediate);
    }
  })();
  const seen = new Set<string>();
  for (let round = 0; round < 200; round += 1) {
    const both = await Promise.allSettled([
      readContained('sub/b.txt', [folder]).then(String),
      list?.run({ path: 'sub' }, signal),
      writeContained(`sub/made/${round}.txt`, 'x', folder),
    ]);
    for (const one of both) seen.add(one.status === 'fulfilled' ? String(one.value).replace(/\d+/g, 'N') : 'refused');
  }
  isOver = true;
  await swapping;
  assert.ok(![...seen].some((text) => /secret/.test(text)), [...seen].join('\n'));
  assert.deepEqual(readdirSync(outside).sort(), ['b.txt', 'secret.txt']);
  assert.ok(seen.has('refused') && seen.has('b'), [...seen].join('\n')); // it met both
});

test('a folder is listed without what is nothing for tools', async (t) => {
  const { folder, recipe, outside } = place(t);
  const tool = toolNamed('list_files', { folder, recipe });
  const { signal } = new AbortController();
  assert.equal(await tool?.run({}, signal), 'a.txt\nsub/');
  assert.equal(await tool?.run({ path: 'sub' }, signal), 'b.txt');
  symlinkSync(outside, join(folder, 'linked'));
  for (const path of ['..', 'linked', '/', '.git']) await rejection(tool?.run({ path }, signal) ?? Promise.resolve());
});

test('a shell has no keys, and is told how it ended', async (t) => {
  const { folder } = place(t);
  process.env.OFFSTAGE_TEST_KEY = 'secret';
  t.after(() => delete process.env.OFFSTAGE_TEST_KEY);
  const tool = toolNamed('execute_command', { folder, recipe: undefined });
  const { signal } = new AbortController();
  assert.equal(
    await tool?.run({ command: 'pwd; echo "[$OFFSTAGE_TEST_KEY]"; exit 3' }, signal),
    `exit code 3\n${folder}\n[]\n`,
  );
  const flood = (await tool?.run({ command: 'seq 1 100000' }, signal)) ?? '';
  assert.match(flood, /^exit code 0\n1\n2\n[\s\S]*bytes left out\)[\s\S]*\n100000\n$/);
});

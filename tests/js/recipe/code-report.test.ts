/** The example recipe, run as a worker's child runs it, on trees made here. */
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadRecipe, runRecipe } from '#offstage/program/module/run-recipe.js';
import { findRecipe, prepareInput } from '#offstage/recipe/index.js';
import { fakeContext, moduleOf, rejection, tempFolder, write } from './helpers.js';

interface FileRow {
  path: string;
  language: string;
  lines: number;
  todos: number;
  bytes: number;
}

interface Report {
  path: string;
  files: number;
  binary: number;
  lines: number;
  todos: number;
  languages: { language: string; files: number; lines: number; todos: number; bytes: number; largest: FileRow[] }[];
  largest: FileRow[];
  skipped: { links: number; unreadable: string[] };
  report?: string;
  markdown: string;
}

const recipe = await moduleOf(findRecipe(join(process.cwd(), 'recipes', 'code-report'), { env: {} }));

async function report(given: unknown, fake = fakeContext()): Promise<Report> {
  const input = await prepareInput(recipe, given);
  return (await runRecipe(await loadRecipe(recipe.entry), input, fake.context)) as Report;
}

function tree(t: TestContext): string {
  const folder = tempFolder(t);
  write(folder, {
    'src/main.ts': '// TODO one\nconst a = 1; // FIXME two, TODO three\n',
    'src/util.ts': 'a\nb\nc', // no newline at the end: still a third line
    'src/deep/er/x.rs': 'fn main() {}\n',
    'docs/empty.md': '',
    'scripts/build': '#!/usr/bin/env bash\necho TODOS MYTODO TODO_ todo\n',
    'data.bin': Uint8Array.of(1, 0, 2, 10, 10),
    'node_modules/x/index.js': 'TODO\n',
    '.git/config': 'x\n',
  });
  symlinkSync('/', join(folder, 'root-link'));
  symlinkSync('src/main.ts', join(folder, 'file-link'));
  return folder;
}

test('counts files, lines and TODOs by language', async (t) => {
  const path = tree(t);
  const { markdown, languages, ...rest } = await report({ path });
  const row = (file: string, language: string, lines: number, todos: number, bytes: number) => ({
    path: file,
    language,
    lines,
    todos,
    bytes,
  });
  const [main, util] = [row('src/main.ts', 'TypeScript', 2, 3, 50), row('src/util.ts', 'TypeScript', 3, 0, 5)];
  const build = row('scripts/build', 'Shell', 2, 0, 49);
  const rust = row('src/deep/er/x.rs', 'Rust', 1, 0, 13);
  const empty = row('docs/empty.md', 'Markdown', 0, 0, 0);
  assert.deepEqual(languages, [
    { language: 'TypeScript', files: 2, lines: 5, todos: 3, bytes: 55, largest: [util, main] },
    { language: 'Shell', files: 1, lines: 2, todos: 0, bytes: 49, largest: [build] },
    { language: 'Rust', files: 1, lines: 1, todos: 0, bytes: 13, largest: [rust] },
    { language: 'Markdown', files: 1, lines: 0, todos: 0, bytes: 0, largest: [empty] },
  ]);
  assert.deepEqual(rest, {
    path,
    files: 5,
    binary: 1,
    lines: 8,
    todos: 3,
    largest: [util, build, main, rust, empty].sort((a, b) => b.lines - a.lines || b.bytes - a.bytes || 0),
    skipped: { links: 2, unreadable: [] },
  });
  assert.ok(markdown.includes('5 text files, 8 lines, 3 TODOs; 1 binary files.'));
  assert.ok(markdown.includes('| TypeScript | 2 | 5 | 3 | 55 |'));
  assert.ok(markdown.includes('| `src/util.ts` | 3 | 0 | 5 |'));
});

test('progress goes file by file and ends at 1', async (t) => {
  const fake = fakeContext();
  await report({ path: tree(t) }, fake);
  const files = fake.told.slice(0, -1);
  assert.deepEqual(files.map(({ message }) => message).sort(), [
    'data.bin',
    'docs/empty.md',
    'scripts/build',
    'src/deep/er/x.rs',
    'src/main.ts',
    'src/util.ts',
  ]);
  assert.deepEqual(
    files.map(({ fraction }) => fraction),
    files.map((_file, index) => index / files.length),
  );
  assert.deepEqual(fake.told.at(-1), { fraction: 1, message: '6 files' });
});

test('writes the report where it is asked to, and the largest as many as asked for', async (t) => {
  const path = tree(t);
  const target = join(tempFolder(t), 'new', 'report.md');
  const result = await report({ path, report: target, top: 1, ignore: ['src'] });
  assert.equal(result.report, target);
  assert.equal(readFileSync(target, 'utf8'), result.markdown);
  assert.equal(result.largest.length, 1);
  assert.ok(result.languages.some(({ language }) => language === 'JavaScript')); // the given names replace the default ones
  assert.ok(!result.languages.some(({ language }) => language === 'TypeScript'));
});

test('words at the border between two pieces of a large file are counted once', async (t) => {
  const folder = tempFolder(t);
  const piece = 65_536;
  for (let shift = 0; shift < 12; shift++) {
    const before = ' '.repeat(piece - shift);
    write(folder, {
      [`${shift}-todo.txt`]: `${before}FIXME TODO\n`,
      [`${shift}-part.txt`]: `${before}TODOabcdefgh xTODO FIXMES `,
    });
  }
  // One word longer than a piece, with the letters at its end, must neither count nor take for ever.
  write(folder, { 'long.txt': `${'x'.repeat(5 * piece)}TODO ${'y'.repeat(5 * piece)}` });
  const { todos, files } = await report({ path: folder });
  assert.deepEqual([todos, files], [24, 25]);
});

test('an abort stops it at once and nothing is written', async (t) => {
  const folder = tempFolder(t);
  write(folder, Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}.txt`, 'x\n'])));
  const target = join(folder, 'out', 'report.md');
  const fake = fakeContext();
  const reason = new Error('enough');
  const told: string[] = [];
  const progress = (_fraction: number, message = '') => {
    told.push(message);
    if (told.length === 3) fake.abort.abort(reason);
  };
  const input = { path: folder, report: target, ignore: [] };
  const loaded = await loadRecipe(recipe.entry);
  const error = await rejection(runRecipe(loaded, input, { ...fake.context, progress }));
  assert.equal(error, reason);
  assert.equal(told.length, 3);
  assert.throws(() => readFileSync(target), { code: 'ENOENT' });
  const before = await rejection(runRecipe(loaded, input, { ...fake.context, progress }));
  assert.equal(before, reason);
  assert.equal(told.length, 3);
});

test('a path that is no folder is an error that names it', async (t) => {
  const folder = tree(t);
  assert.match(
    (await rejection(report({ path: join(folder, 'data.bin') }))).message,
    /path: .*data\.bin is not a folder/,
  );
  assert.match((await rejection(report({ path: join(folder, 'none') }))).message, /ENOENT.*none/);
  assert.match((await rejection(report({}))).message, /input\.path: is required/);
  assert.match((await rejection(report('text'))).message, /input\.input: is not allowed/);
});

test('odd file names cannot break the Markdown', async (t) => {
  const folder = tempFolder(t);
  write(folder, { 'a|b`c\nd.ts': 'x\n' });
  const { markdown, largest } = await report({ path: folder });
  assert.equal(largest[0]?.path, 'a|b`c\nd.ts');
  assert.ok(markdown.includes('| `a\\|b?c?d.ts` | 1 | 0 | 2 |'));
});

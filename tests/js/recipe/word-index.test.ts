/** The example recipe, run as a worker's child runs it, on files made here. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadRecipe, runRecipe } from '#offstage/program/module/run-recipe.js';
import { findRecipe, prepareInput } from '#offstage/recipe/index.js';
import { fakeContext, moduleOf, rejection, tempFolder, write } from './helpers.js';

interface Entry {
  word: string;
  count: number;
  lines: number[];
}

interface Index {
  path: string;
  lines: number;
  words: number;
  distinct: number;
  top: Entry[];
  output?: string;
}

const recipe = await moduleOf(findRecipe(join(process.cwd(), 'recipes', 'word-index'), { env: {} }));

async function index(given: unknown, context = fakeContext().context): Promise<Index> {
  return (await runRecipe(await loadRecipe(recipe.entry), await prepareInput(recipe, given), context)) as Index;
}

test('indexes words with their count and lines', async (t) => {
  const path = join(tempFolder(t), 'text.txt');
  write(path, {});
  write(join(path, '..'), { 'text.txt': "The cat, the dog.\r\n\r\nDon't! ÉTÉ été; well-known 42\nthe-end the" });
  assert.deepEqual(await index({ path }), {
    path,
    lines: 4,
    words: 11,
    distinct: 8,
    top: [
      { word: 'the', count: 3, lines: [1, 4] },
      { word: 'été', count: 2, lines: [3] },
      { word: '42', count: 1, lines: [3] },
      { word: 'cat', count: 1, lines: [1] },
      { word: 'dog', count: 1, lines: [1] },
      { word: "don't", count: 1, lines: [3] },
      { word: 'the-end', count: 1, lines: [4] },
      { word: 'well-known', count: 1, lines: [3] },
    ],
  });
});

test('a large file: all lines, the first ten kept, progress by bytes, the whole index on disk', async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'large.txt');
  const lines = Array.from({ length: 40_000 }, (_, at) => `common word${at % 1000} ${'pad '.repeat(at % 3)}`);
  write(folder, { 'large.txt': lines.join('\n') });
  const fake = fakeContext();
  const output = join(folder, 'index.jsonl');
  const result = await index({ path, output, min_length: 4, top: 2 }, fake.context);
  assert.deepEqual(result, {
    path,
    lines: 40_000,
    words: 80_000,
    distinct: 1001,
    top: [
      { word: 'common', count: 40_000, lines: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
      { word: 'word0', count: 40, lines: [1, 1001, 2001, 3001, 4001, 5001, 6001, 7001, 8001, 9001] },
    ],
    output,
  });
  const entries = readFileSync(output, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
  assert.deepEqual(entries.slice(0, 2), result.top);
  assert.equal(entries.length, 1001);
  assert.equal(
    entries.reduce((sum, { count }) => sum + count, 0),
    80_000,
  );
  const fractions = fake.told.map(({ fraction }) => fraction);
  assert.ok(fractions.length > 5);
  assert.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  );
  assert.equal(fractions.at(-1), 1);
  assert.deepEqual(readdirSync(folder).sort(), ['index.jsonl', 'large.txt']);
});

test('an empty file has no words', async (t) => {
  const folder = tempFolder(t);
  write(folder, { 'none.txt': '' });
  const path = join(folder, 'none.txt');
  assert.deepEqual(await index({ path }), { path, lines: 0, words: 0, distinct: 0, top: [] });
});

test('an abort stops it within a piece and leaves no index', async (t) => {
  const folder = tempFolder(t);
  write(folder, { 'large.txt': 'some words on a line\n'.repeat(200_000) });
  const fake = fakeContext();
  const reason = new Error('enough');
  let calls = 0;
  const progress = () => {
    if (++calls === 2) fake.abort.abort(reason);
  };
  const input = { path: join(folder, 'large.txt'), output: join(folder, 'index.jsonl') };
  const loaded = await loadRecipe(recipe.entry);
  const error = await rejection(runRecipe(loaded, input, { ...fake.context, progress }));
  assert.ok(error === reason || error.cause === reason, String(error));
  assert.equal(calls, 2);
  assert.deepEqual(readdirSync(folder), ['large.txt']);
  const before = await rejection(runRecipe(loaded, input, fake.context));
  assert.ok(before === reason || before.cause === reason, String(before));
  assert.deepEqual(readdirSync(folder), ['large.txt']);
});

test('an abort while the index is written leaves none', async (t) => {
  const folder = tempFolder(t);
  write(folder, { 'text.txt': Array.from({ length: 5000 }, (_, at) => `w${at}`).join('\n') });
  const fake = fakeContext();
  const progress = (fraction: number) => {
    if (fraction === 1) queueMicrotask(() => fake.abort.abort());
  };
  const input = { path: join(folder, 'text.txt'), output: join(folder, 'index.jsonl') };
  const error = await rejection(runRecipe(await loadRecipe(recipe.entry), input, { ...fake.context, progress }));
  assert.equal(error.name, 'AbortError');
  assert.deepEqual(readdirSync(folder), ['text.txt']);
});

test('what is no readable file is an error that names it', async (t) => {
  const folder = tempFolder(t);
  assert.match((await rejection(index({ path: folder }))).message, /path: .* is not a file/);
  assert.match((await rejection(index({ path: join(folder, 'none') }))).message, /ENOENT.*none/);
  assert.match(
    (await rejection(index({ path: folder, min_length: 0 }))).message,
    /input\.min_length: .*0 is less than 1/,
  );
});

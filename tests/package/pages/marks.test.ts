/** Every block of code or data of every document says how it is run, or why it is not. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../js/root.ts';
import { type Block, blocksIn, blocksOf, PAGES, RUN_HERE, unmarked } from './blocks.ts';
import { claims } from './folder.ts';

const every: readonly Block[] = PAGES.flatMap(blocksOf);

test('every block says how it is run, or why it is not', (t) => {
  assert.deepEqual(unmarked(every), []);
  const count = (is: (mark: string) => boolean) => every.filter(({ mark }) => is(mark)).length;
  const run = count((mark) => RUN_HERE.test(mark) || /^(example|path|output)$/.test(mark));
  const not = count((mark) => mark === 'not run');
  t.diagnostic(`${run} blocks are run or compared, ${not} are not`);
  assert.ok(run > 20, `only ${run} blocks are run`);
  assert.ok(run > 3 * not, `${run} blocks are run, and ${not} are not`);
});

test('every page of docs fits on 300 lines', () => {
  const lengths = PAGES.filter((page) => page.startsWith('docs/')).map((page) => [page, linesOf(page)] as const);
  assert.deepEqual(
    lengths.filter(([, lines]) => lines > 300),
    [],
  );
});

const linesOf = (page: string): number => readFileSync(join(ROOT, page), 'utf8').trimEnd().split('\n').length;

test('a block that says nothing of itself, or what there is not, is found', () => {
  const fence = (mark: string, language: string) => `${mark}\`\`\`${language}\n1\n\`\`\`\n`;
  const wrong = (mark: string, language: string) => unmarked(blocksIn('p', fence(mark, language)));
  assert.deepEqual(wrong('', 'ts'), ['p:1: a block of ts without a mark']);
  assert.deepEqual(wrong('<!-- not run -->\n', 'sh'), ["p:2: 'not run' says nothing"]);
  assert.deepEqual(wrong('<!-- ran -->\n', 'sh'), ["p:2: no such mark as 'ran'"]);
  assert.deepEqual([wrong('', 'text'), wrong('<!-- run -->\n', 'sh'), wrong('', '')], [[], [], []]);
});

test('the examples with a name have a test that runs those of their page', () => {
  const files = readdirSync(join(ROOT, 'tests/package'), { recursive: true, encoding: 'utf8' });
  const tests = files.filter((file) => /\.test\.ts$|homes\/\w+\.ts$/.test(file));
  const texts = tests.map((file) => readFileSync(join(ROOT, 'tests/package', file), 'utf8'));
  const isRun = ({ page, said }: Block) => texts.some((text) => claims(text, page) && text.includes(`'${said}'`));
  const orphans = every.filter((block) => block.mark === 'example' && !isRun(block));
  assert.deepEqual(
    orphans.map(({ page, said }) => `${page}: ${said}`),
    [],
  );
});

/** What is promised where: README and docs/PROMISES.md say what the data says, and every test that it names is there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type Cell, COLUMNS, type Column, columnHere, PROMISES } from '#offstage/client/promises.js';
import { ROOT } from '../root.js';

type Named = Extract<Cell, { test: string }>;
const columns = Object.keys(COLUMNS) as Column[];

const table = (rows: readonly (readonly string[])[]): string => rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
const titleOf = (cell: Named): string => cell.test.slice(cell.test.indexOf(' > ') + 3);
const fileOf = (cell: Named): string => cell.test.split(' > ')[0] ?? '';
const named = (cell: Cell): cell is Named => cell.is !== 'not promised';

/** The table below a comment `<!-- promises: … -->`. */
const kept = (document: string): string | undefined =>
  /<!-- promises: .* -->\n\n(.*?)\n(\n|$)/s.exec(readFileSync(join(ROOT, document), 'utf8'))?.[1];

const short = (cell: Cell): string =>
  named(cell) ? `\`${fileOf(cell).replace(/^tests\/|\.test\.ts$/g, '')}\`: ${titleOf(cell)}` : '';

test('the table of the README is that of the data, with the test of each promise', () => {
  const words = { tested: 'yes', simulated: 'simulated', refused: 'refused', 'not promised': '–' };
  const rows = PROMISES.map(({ promise, on }) => [promise, ...columns.map((c) => words[on[c].is]), short(on.linux)]);
  const head = ['', ...columns.map((column) => COLUMNS[column]), 'its test on Linux'];
  const expected = table([head, head.map(() => '---'), ...rows]);
  assert.equal(kept('README.md'), expected, `it should be:\n${expected}`);
});

test('docs/PROMISES.md names the test of every cell', () => {
  const rows = PROMISES.flatMap(({ promise, on }) =>
    columns.flatMap((column, index) => {
      const cell = on[column];
      const test = named(cell) ? [`\`${fileOf(cell)}\``, titleOf(cell)] : ['', ''];
      return [[index === 0 ? promise : '', COLUMNS[column], cell.is, ...test]];
    }),
  );
  const head = ['promise', 'on', '', 'file', 'test'];
  const expected = table([head, head.map(() => '---'), ...rows]);
  assert.equal(kept('docs/PROMISES.md'), expected, `it should be:\n${expected}`);
});

/** A title as it is written in the source, `${…}` in it standing for anything. */
const pattern = (title: string): RegExp =>
  new RegExp(
    `^${title
      .split(/\$\{[^}]*\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+')}$`,
    's',
  );

/** Whether this source has a test of exactly that title. */
const hasTest = (source: string, title: string): boolean =>
  [...source.matchAll(/\btest\(\s*(['"`])((?:(?!\1).|\\\1)*)\1\s*,/gs)].some(([, , found = '']) =>
    pattern(found).test(title),
  );

/** Whether the file, or one of the tests' own that it imports, has it. */
function isThere({ test }: { test: string }): boolean {
  const [file = '', title = ''] = [test.split(' > ')[0], test.slice(test.indexOf(' > ') + 3)];
  const path = join(ROOT, file);
  if (!existsSync(path)) return false;
  const imported = [...readFileSync(path, 'utf8').matchAll(/from '(\.[^']+)\.js'/g)];
  const files = [path, ...imported.map(([, to]) => join(dirname(path), `${to}.ts`))];
  return files.some((one) => hasTest(readFileSync(one, 'utf8'), title));
}

test('each cell that is promised, or refused, names a test that is there', () => {
  const cells = PROMISES.flatMap(({ id, on }) => columns.map((column) => ({ id, column, cell: on[column] })));
  const all = cells.filter(({ cell }) => named(cell));
  assert.ok(all.length > 50, `only ${all.length} tests are named`);
  assert.deepEqual(
    all.filter(({ cell }) => named(cell) && !isThere(cell)),
    [],
  );
});

test('a test that is gone, or has another title by now, is missed', () => {
  const here = {
    test: `tests/js/client/promises.test.ts > a test that is gone, or has another title by now, is missed`,
  };
  assert.equal(isThere(here), true);
  assert.equal(
    isThere({ test: here.test.replace('missed', 'mis') }),
    false,
    'the beginning of a title is not the title',
  );
  assert.equal(isThere({ test: here.test.replace('promises.test', 'none.test') }), false);
  const source = `test(\`\${label}: it runs\`, async () => {});\ntest('it ends', () => {});`;
  assert.deepEqual(
    ['Bun: it runs', 'it ends', 'it runs', 'Bun: it runs well', 'it end'].map((title) => hasTest(source, title)),
    [true, true, false, false, false],
  );
});

test('a cell of Linux is tested on it, one of another system is not said to be', () => {
  for (const { id, on } of PROMISES) {
    assert.equal(on.linux.is, 'tested', id);
    for (const column of ['macos', 'windows'] as const) assert.notEqual(on[column].is, 'tested', `${id} ${column}`);
    assert.equal(on.other.is, 'not promised', id);
  }
  assert.equal(columnHere(), 'linux', 'the tests run on Linux');
});

/** The table of platforms: the README says what the data says, and every test that it names is there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type Cell, COLUMNS, type Column, columnHere, PROMISES } from '#offstage/client/promises.js';
import { ROOT } from '../root.js';

const columns = Object.keys(COLUMNS) as Column[];

function table(): string {
  const rows = PROMISES.map(({ promise, on }) => [promise, ...columns.map((column) => shown(on[column]))]);
  const lines = [['', ...columns.map((column) => COLUMNS[column])], ['---', ...columns.map(() => '---')], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const shown = (cell: Cell): string =>
  cell.is === 'not promised' ? cell.is : `[${cell.is}](${cell.test.split(' > ')[0]})`;

test('the table of the README is that of the data', () => {
  const [, , kept] = /<!-- (promises): .* -->\n\n(.*?)\n\n/s.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
  assert.equal(kept, table(), `it should be:\n${table()}`);
});

/** Whether the file, or one of the tests' own that it imports, has a test of that name. */
function isThere(file: string, name: string): boolean {
  const path = join(ROOT, file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  const imported = [...text.matchAll(/from '(\.[^']+)\.js'/g)].map(([, to]) => join(dirname(path), `${to}.ts`));
  return [path, ...imported].some((one) => {
    const source = readFileSync(one, 'utf8');
    const titles = [...source.matchAll(/\btest\(\s*(['"`])(.*?)\1\s*,/gs)].map(([, , title]) => title);
    return titles.some((title) => title?.includes(name));
  });
}

test('each cell that is promised, or refused, names a test that is there', () => {
  const named = PROMISES.flatMap(({ id, on }) =>
    columns.flatMap((column) => {
      const cell = on[column];
      return cell.is === 'not promised' ? [] : [{ id, column, test: cell.test }];
    }),
  );
  assert.ok(named.length > 30, `only ${named.length} tests are named`);
  const missing = named.filter(({ test: named }) => {
    const [file = '', name = ''] = named.split(' > ');
    return name === '' || !isThere(file, name);
  });
  assert.deepEqual(missing, []);
  assert.equal(isThere('tests/cli/main-job.test.ts', 'a test that is not there'), false, 'the check cannot fail');
  assert.equal(isThere('tests/cli/none.test.ts', ''), false, 'the check cannot fail');
});

test('a cell of Linux is tested on it, one of another system is not said to be', () => {
  for (const { id, on } of PROMISES) {
    assert.equal(on.linux.is, 'tested', id);
    for (const column of ['macos', 'windows'] as const) assert.notEqual(on[column].is, 'tested', `${id} ${column}`);
    assert.equal(on.other.is, 'not promised', id);
  }
  assert.equal(columnHere(), 'linux', 'the tests run on Linux');
});

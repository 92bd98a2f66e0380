/** What `npm run mutants` makes of a run of cargo-mutants, shown on planted ones. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './root.js';

type Summary = 'CaughtMutant' | 'MissedMutant' | 'Timeout' | 'Unviable' | 'Failure';

const LESS = 'src/task/decide/note.rs:51:17: replace > with >= in check_size';
const PLUS = 'src/engine/ids.rs:36:40: replace + with - in Ids::chance';
const EMPTY = 'src/error/mod.rs:70:9: replace Error::message -> &str with ""';

function outcome(name: string, summary: Summary) {
  const file = name.split(':')[0];
  return { scenario: { Mutant: { name, file } }, summary, phase_results: [{ duration: 2 }, { duration: 0.6 }] };
}

function verdict(mutants: [string, Summary][], list: string) {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  try {
    const baseline = { scenario: 'Baseline', summary: 'Success', phase_results: [] };
    const outcomes = [baseline, ...mutants.map(([name, summary]) => outcome(name, summary))];
    writeFileSync(join(folder, 'outcomes.json'), JSON.stringify({ outcomes }));
    writeFileSync(join(folder, 'list.txt'), list);
    const args = [join(ROOT, 'scripts/mutants-verdict.mjs'), folder, join(folder, 'list.txt')];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, lines: stdout.trim().split('\n'), problems: stderr.trim() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const without = (name: string) => name.replace(/:\d+:\d+: /, ': ');

test('all are seen: a line for each room, and no problem', () => {
  const { status, lines, problems } = verdict(
    [
      [LESS, 'CaughtMutant'],
      [PLUS, 'Timeout'],
      [EMPTY, 'Unviable'],
    ],
    '# none\n',
  );
  assert.deepEqual([status, problems], [0, '']);
  const cells = lines.map((line) => line.split(/ +/));
  assert.deepEqual(cells, [
    ['room', 'mutants', 'caught', 'hangs', 'equivalent', 'missed', 'unviable', 'seconds'],
    ['engine', '1', '0', '1', '0', '0', '0', '3'],
    ['error', '1', '0', '0', '0', '0', '1', '3'],
    ['task', '1', '1', '0', '0', '0', '0', '3'],
    ['all', '3', '1', '1', '0', '0', '1', '8'],
  ]);
});

test('one that is missed is named with its place', () => {
  const { status, problems } = verdict([[LESS, 'MissedMutant']], '');
  assert.deepEqual([status, problems], [1, `missed: ${LESS}`]);
});

test('one that is listed with a reason is equivalent, a second of the same name is missed', () => {
  const list = `${without(PLUS)} -- of 32 bits\n`;
  assert.equal(verdict([[PLUS, 'MissedMutant']], list).status, 0);
  const again = PLUS.replace('36:40', '37:9');
  const { status, problems } = verdict(
    [
      [PLUS, 'MissedMutant'],
      [again, 'MissedMutant'],
    ],
    list,
  );
  assert.deepEqual([status, problems], [1, `missed: ${again}`]);
});

test('a line of the list that nothing needs any more is a problem where its mutant was tried', () => {
  const list = `${without(PLUS)} -- of 32 bits\n`;
  const seen = verdict([[PLUS, 'CaughtMutant']], list);
  assert.deepEqual([seen.status, seen.problems], [1, `listed as equivalent, but a test sees it: ${without(PLUS)}`]);
  assert.equal(verdict([[LESS, 'CaughtMutant']], list).status, 0, 'another file was looked at');
});

test('no reason, no mutant, and a run that failed are problems', () => {
  assert.notEqual(verdict([[PLUS, 'MissedMutant']], `${without(PLUS)} -- \n`).status, 0);
  assert.equal(verdict([], '').problems, 'no mutant was made');
  assert.equal(verdict([[PLUS, 'Failure']], '').problems, `failed to run: ${PLUS}`);
});

test('every line of the list has its reason, and names a file that is there', () => {
  const lines = readFileSync(join(ROOT, '.cargo/mutants-equivalent.txt'), 'utf8').split('\n');
  const entries = lines.filter((line) => line !== '' && !line.startsWith('#'));
  for (const entry of entries) {
    assert.match(entry, /^src\/[\w/]+\.rs: .+ -- .{8,}$/);
    assert.ok(readFileSync(join(ROOT, entry.split(':')[0] ?? ''), 'utf8') !== '');
  }
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { newSessionId, newTaskId, parseDuration, parseReference, random } from '#offstage/core/index.js';
import { randomBytes } from '#offstage/core/random.js';
import { ROOT } from '../root.ts';

const idOf = (id: string): bigint => BigInt(id.replace('task_', '0x'));
const headOf = (id: string): number => Number(idOf(id) >> 122n);

test('task ids are unique, also across the batches in which they are made', () => {
  const ids = Array.from({ length: 20_000 }, newTaskId);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^task_[0-9a-f]{32}$/);
});

test('256 task ids in a row share their head, the next ones have the next one, and after 64 heads it comes back', () => {
  const heads = Array.from({ length: 66 * 256 }, () => headOf(newTaskId()));
  const start = heads.findIndex((head) => head !== heads[0]);
  assert.ok(start > 0 && start <= 256, `${start} of the first head`);
  for (let n = start; n < heads.length; n += 1) {
    const expected = ((heads[0] as number) + 1 + Math.floor((n - start) / 256)) % 64;
    assert.equal(heads[n], expected, `id ${n}`);
  }
});

test('processes begin their task ids with heads of their own', () => {
  const first = Array.from({ length: 4 }, () => headOf(ofProcess<string>('core.newTaskId()')));
  assert.ok(new Set(first).size > 1, `${first}`); // four equal ones are one case of 262,144
});

/** Six standard deviations of a count that is half of `of`, as of a fair coin: beyond them lies one of 500 million. */
const spread = (of: number): number => 3 * Math.sqrt(of);

test('each of the 122 other bits of a task id is as often set as not, and as often another than in the id before', () => {
  const numbers = Array.from({ length: 10_000 }, () => idOf(newTaskId()));
  for (let bit = 0n; bit < 122n; bit += 1n) {
    const bits = numbers.map((number) => Number((number >> bit) & 1n));
    const set = bits.filter((one) => one === 1).length;
    const changed = bits.filter((one, n) => one !== bits[n - 1]).length;
    for (const count of [set, changed]) {
      assert.ok(Math.abs(count - 5_000) <= spread(10_000), `bit ${bit}: ${set} set, ${changed} changed`);
    }
  }
});

const numberOf = (session: string): number => Number.parseInt(session.slice('session_'.length), 16);

test('session ids of a process have 8 hex digits, each one more than the one before', () => {
  const ids = Array.from({ length: 20_000 }, newSessionId);
  for (const id of ids) assert.match(id, /^session_[0-9a-f]{8}$/);
  assert.equal(new Set(ids).size, ids.length);
  for (const [n, id] of ids.entries()) {
    assert.equal(numberOf(id), (numberOf(ids[0] as string) + n) % 2 ** 32);
  }
});

/** What `expression` of the core is in a process of its own, whose random bytes are these where they are given. */
function ofProcess<T>(expression: string, bytes?: readonly number[]): T {
  const fill = `crypto.getRandomValues = (pool) => { pool.set(${JSON.stringify(bytes)}); return pool; };`;
  const core = pathToFileURL(join(ROOT, 'dist', 'core', 'index.js')).href;
  const program = `${bytes === undefined ? '' : fill} const core = await import(process.argv[1]);
    console.log(JSON.stringify(${expression}));`;
  const args = ['--input-type=module', '-e', program, core];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** The first session ids of such a process. */
const sessionsOfProcess = (bytes?: readonly number[]): string[] =>
  ofProcess('[core.newSessionId(), core.newSessionId(), core.newSessionId()]', bytes);

test('each process begins its session ids where its random bytes say, and goes round after the last one', () => {
  const starts = [1, 2, 3].map(() => sessionsOfProcess()[0]);
  assert.equal(new Set([...starts, newSessionId()]).size, 4);
  assert.deepEqual(sessionsOfProcess([1, 2, 3, 4]), ['session_01020304', 'session_01020305', 'session_01020306']);
  const last = [255, 255, 255, 254];
  assert.deepEqual(sessionsOfProcess(last), ['session_fffffffe', 'session_ffffffff', 'session_00000000']);
});

test('random bytes are fetched in batches and never given twice', (t) => {
  const fetched = t.mock.method(crypto, 'getRandomValues');
  const seen = new Set<string>();
  for (let n = 0; n < 1024; n += 1) seen.add(Buffer.from(randomBytes(16)).toString('hex'));
  assert.equal(seen.size, 1024);
  const batches = fetched.mock.callCount();
  assert.ok(batches >= 4 && batches <= 5, `${batches} fetches for 16 KiB`);
});

test('random numbers are from 0 up to 1', () => {
  const numbers = Array.from({ length: 5000 }, random);
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  assert.ok(mean > 0.45 && mean < 0.55, String(mean));
});

test('a reference is an id or a prefix, with or without task_', () => {
  const id = newTaskId();
  assert.deepEqual(parseReference(id), { id });
  assert.deepEqual(parseReference(id.slice(5).toUpperCase()), { id });
  assert.deepEqual(parseReference(id.slice(5, 13)), { prefix: id.slice(0, 13) });
  assert.deepEqual(parseReference(id.slice(0, 9)), { prefix: id.slice(0, 9) });
  for (const bad of ['', 'task_', 'abc', 'xyz12', `${id}0`, '../x']) {
    assert.throws(() => parseReference(bad), { name: 'InvalidArgumentError', code: 'invalid_argument' });
  }
});

test('durations are seconds or texts', () => {
  const good: [number | string, number][] = [
    [0, 0],
    [2.5, 2.5],
    ['90s', 90],
    ['30m', 1800],
    ['1.5h', 5400],
    ['2d', 172_800],
    ['250ms', 0.25],
    ['10', 10],
  ];
  for (const [value, seconds] of good) assert.equal(parseDuration(value, 'timeout'), seconds);
  const bad: unknown[] = [
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '-5s',
    '5 weeks',
    '1e3',
    null,
    undefined,
    true,
    {},
    [],
  ];
  for (const value of bad) {
    assert.throws(() => parseDuration(value as string, 'timeout'), {
      name: 'InvalidArgumentError',
      message: /^timeout: got .+, expected .*seconds/,
    });
  }
});

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { upward } from '#offstage/platform/upward.js';
import { locateStore } from '#offstage/store/index.js';
import { tempFolder } from './helpers.js';

test('a named store is a file, unless it is a folder or is called like one', (t) => {
  const cwd = tempFolder(t);
  const found = (named: string): string => locateStore(named, undefined, { cwd, env: {} }).slice(cwd.length + 1);
  mkdirSync(join(cwd, 'there'));
  writeFileSync(join(cwd, 'file'), '');
  assert.deepEqual(['a.db', 'there', 'file', 'new/', 'x/.offstage', 'x/.offstage/other.db', 'a:b', 'a:/b'].map(found), [
    'a.db',
    'there/tasks.db',
    'file',
    'new/tasks.db',
    'x/.offstage/tasks.db',
    'x/.offstage/other.db',
    'a:b',
    'a:/b',
  ]);
});

/** A home with `a/b/c` in it; `cwd` is c. */
function scene(t: TestContext) {
  const home = join(tempFolder(t), 'home');
  const [a, b, c] = [join(home, 'a'), join(home, 'a', 'b'), join(home, 'a', 'b', 'c')];
  mkdirSync(c, { recursive: true });
  const store = (folder: string): string => {
    mkdirSync(join(folder, '.offstage'), { recursive: true });
    writeFileSync(join(folder, '.offstage', 'tasks.db'), '');
    return join(folder, '.offstage', 'tasks.db');
  };
  const manifest = (folder: string): void => writeFileSync(join(folder, 'package.json'), '{}');
  const at = (cwd: string, env: NodeJS.ProcessEnv = {}): string =>
    locateStore(undefined, undefined, { cwd, home, env });
  return { home, a, b, c, store, manifest, at };
}

const FILE = join('.offstage', 'tasks.db');

test('the order: given, OFFSTAGE_STORE, configured, nearest store, nearest package.json, home', (t) => {
  const { home, a, b, c, store, manifest, at } = scene(t);
  const standpoint = { cwd: c, home, env: { OFFSTAGE_STORE: '/env.db' } };
  assert.equal(locateStore('/given.db', '/configured.db', standpoint), '/given.db');
  assert.equal(locateStore(undefined, '/configured.db', standpoint), '/env.db');
  assert.equal(
    locateStore(undefined, '/configured.db', { ...standpoint, env: { OFFSTAGE_STORE: '' } }),
    '/configured.db',
  );
  assert.equal(at(c), join(home, FILE));
  manifest(a);
  assert.equal(at(c), join(a, FILE));
  manifest(c);
  assert.equal(at(c), join(c, FILE), 'the nearest package.json');
  const ofA = store(a);
  assert.equal(at(c), ofA, 'a store that exists comes before a nearer package.json');
  const ofB = store(b);
  assert.deepEqual([at(c), at(a)], [ofB, ofA]);
});

for (const [what, put] of [
  ['a store', 'store'],
  ['a package.json', 'manifest'],
] as const) {
  test(`the nearest folder with ${what} that does not count is an error; nothing further up is taken`, (t) => {
    const here = scene(t);
    for (const folder of [here.home, here.b]) here[put](folder);
    for (const mode of [0o777, 0o757]) {
      chmodSync(here.b, mode);
      assert.throws(
        () => here.at(here.c),
        (error: Error & { code?: string; details?: unknown }) => {
          const change = `chmod ${mode === 0o777 ? 'go-w' : 'o-w'} ${here.b}`;
          assert.equal(error.code, 'policy_denied');
          assert.ok(error.message.startsWith(`refused: ${what} is there, but ${here.b} is writable by others`));
          for (const way of [change, '--store', `OFFSTAGE_TRUSTED_FOLDERS=${here.b}`]) {
            assert.ok(error.message.includes(way), way);
          }
          return true;
        },
      );
      assert.equal(here.at(here.c, { OFFSTAGE_STORE: '/named.db' }), '/named.db', 'naming a store is a way out');
    }
    chmodSync(here.b, 0o755);
    assert.equal(here.at(here.c), join(here.b, FILE), 'and so is the chmod');
    if (put === 'manifest') return;
    chmodSync(join(here.b, '.offstage'), 0o777);
    assert.throws(() => here.at(here.c), { code: 'policy_denied' }, "the store's own folder too");
  });
}

test('a folder that does not count and has nothing is passed; one further up than the answer is not looked at', (t) => {
  const { home, a, b, c, store, manifest, at } = scene(t);
  manifest(a);
  store(a);
  for (const folder of [b, c]) chmodSync(folder, 0o777);
  assert.equal(at(c), join(a, FILE));
  chmodSync(home, 0o777);
  manifest(home);
  store(home);
  assert.equal(at(c), join(a, FILE));
});

test('the walk ends at the home folder, also when that is reached by a link', (t) => {
  const { home, a, b, c, manifest } = scene(t);
  assert.deepEqual(upward(c, home), [c, b, a, home]);
  const link = `${home}-link`;
  symlinkSync(home, link);
  assert.deepEqual(upward(c, link), [c, b, a, home]);
  assert.deepEqual(upward(join(link, 'a'), home), [a, home]);
  assert.equal(upward(home, a).at(-1), '/', 'a home below is no border');
  manifest(join(home, '..'));
  assert.equal(locateStore(undefined, undefined, { cwd: c, home: link, env: {} }), join(link, FILE));
});

test('the walk ends at the border of the file system', { skip: process.platform !== 'linux' }, () => {
  assert.notEqual(statSync('/proc').dev, statSync('/').dev);
  const real = upward('/proc/self/task', '/nowhere');
  assert.deepEqual([real.at(-1), real.includes('/')], ['/proc', false]);
});

test('a folder that is gone has nothing above it', (t) => {
  const { c, home } = scene(t);
  rmSync(c, { recursive: true });
  assert.deepEqual(upward(c, home), []);
});

test('an address is no path: refused, and nothing of it but the scheme is shown', (t) => {
  const { c, home } = scene(t);
  const expected = {
    'nosuch://u:geheim@h': 'this scheme is not known',
    'postgres://u:geheim@h/db': 'stores on PostgreSQL are not built yet',
    'POSTGRESQL://u:geheim@h/db': 'stores on PostgreSQL are not built yet',
    'redis://:geheim@h': 'Redis is no home for a store, and postgres:// is not built yet',
    'https://u:geheim@h/x': 'stores behind a server are not built yet',
    ' http://u:geheim@h/x': 'stores behind a server are not built yet',
    'file:///geheim.db': 'give the path itself',
    ':memory:': 'a store in memory is for openBackground: no other process could see it',
    'constructor://geheim': 'this scheme is not known',
  };
  for (const [address, why] of Object.entries(expected)) {
    for (const [given, configured, named] of [
      [address, undefined, undefined],
      [undefined, address, undefined],
      [undefined, undefined, address],
    ]) {
      const standpoint = { cwd: c, home, env: named === undefined ? {} : { OFFSTAGE_STORE: named } };
      assert.throws(
        () => locateStore(given, configured, standpoint),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'invalid_argument');
          assert.match(error.message, /^store: got .*, expected a path; /);
          assert.ok(error.message.endsWith(why), error.message);
          assert.ok(!JSON.stringify({ ...error, message: error.message }).includes('geheim'), error.message);
          return true;
        },
      );
    }
  }
});

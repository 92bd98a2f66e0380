import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { isTaskError } from '#offstage/errors/index.js';
import { keyedHash, keyFile, keyName, storeKey } from '#offstage/store/key.js';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'offstage-key-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const refused = (reason: RegExp) => (error: unknown) =>
  isTaskError(error) && error.code === 'store' && reason.test(error.message);

test('a key is made once, for this user alone, and stays', (t) => {
  const path = folder(t);
  const key = storeKey(path);
  assert.equal(key.length, 32);
  assert.deepEqual(storeKey(path), key);
  assert.equal(statSync(keyFile(path)).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(path), ['env.key'], 'no draft is left');
  assert.notDeepEqual(storeKey(folder(t)), key, 'another store has another one');
});

test('processes that make it at once get the same one', async (t) => {
  const path = folder(t);
  const module = new URL(import.meta.resolve('#offstage/store/key.js')).href;
  const code = `import { storeKey } from ${JSON.stringify(module)};
    process.stdout.write(storeKey(${JSON.stringify(path)}).toString('hex'));`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
  const said = await Promise.all(Array.from({ length: 8 }, run));
  assert.deepEqual([...new Set(said.map(({ stdout }) => stdout))], [storeKey(path).toString('hex')]);
  assert.deepEqual(readdirSync(path), ['env.key']);
});

test('what others may read, a link and what is no key are refused and not replaced', (t) => {
  const path = folder(t);
  const file = keyFile(path);
  storeKey(path);
  chmodSync(file, 0o640);
  assert.throws(() => storeKey(path), refused(/mode 640/));
  chmodSync(file, 0o600);
  writeFileSync(file, 'short');
  assert.throws(() => storeKey(path), refused(/has 5 bytes, a key has 32/));
  rmSync(file);
  writeFileSync(join(path, 'real'), Buffer.alloc(32), { mode: 0o600 });
  symlinkSync(join(path, 'real'), file);
  assert.throws(() => storeKey(path), refused(/symbolic link/));
  rmSync(file);
  mkdirSync(file);
  assert.throws(() => storeKey(path), refused(/no regular file/));
});

test('a folder that is not there is told', (t) => {
  assert.throws(() => storeKey(join(folder(t), 'nowhere')), refused(/cannot be read or made/));
});

test('a hash depends on the key and tells texts apart', () => {
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  assert.equal(keyedHash(one, 'text').length, 64);
  assert.notEqual(keyedHash(one, 'text'), keyedHash(two, 'text'));
  assert.notEqual(keyedHash(one, 'text'), keyedHash(one, 'texts'));
  assert.equal(keyedHash(one, 'text', 6), keyedHash(one, 'text').slice(0, 6));
  assert.equal(keyedHash(Buffer.from('Jefe'), 'what do ya want for nothing?', 8), '5bdcc146', 'RFC 4231, case 2');
  assert.notEqual(keyName(one), keyName(two));
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const FILE = JSON.stringify(
  pathToFileURL(new URL(import.meta.resolve('#offstage/client/staff/descriptors.js')).pathname).href,
);

/**
 * Runs code in a process that is given descriptors 200 and 201; it prints JSON. Node itself closes those up to 15 for the
 * processes that it starts.
 */
function inProcess(code: string, folder: string): unknown {
  const source = `import { closeInherited, inheritable } from ${FILE};
    import { fstatSync, openSync } from 'node:fs';
    const ours = () => inheritable().filter(({ fd }) => fd === 200 || fd === 201);
    const isOpen = (fd) => { try { fstatSync(fd); return true; } catch { return false; } };
    ${code}`;
  const script = 'exec 200>lock 201>other; exec "$0" --input-type=module -e "$1"';
  const child = spawnSync('bash', ['-c', script, process.execPath, source], { cwd: folder, encoding: 'utf8' });
  assert.equal(child.stderr, '');
  return JSON.parse(child.stdout);
}

const linux = { skip: process.platform !== 'linux' };

test('what was inherited is handed on, what Node opened itself is not', linux, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-fds-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const code = `const own = openSync('own', 'w'); const found = inheritable().map(({ fd }) => fd);
    console.log(JSON.stringify([ours().map(({ fd }) => fd), found.includes(own)]));`;
  assert.deepEqual(inProcess(code, folder), [[200, 201], false]);
});

test('only what was inherited and is still the same file is closed', linux, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-fds-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const code = `const own = openSync('own', 'w'); const [lock] = ours();
    closeInherited([lock, { fd: 201, file: '1:2' }, { fd: own, file: lock.file }, { fd: 999, file: '1:1' }]);
    console.log(JSON.stringify([isOpen(200), isOpen(201), isOpen(own), ours().length]));`;
  assert.deepEqual(inProcess(code, folder), [false, true, true, 1]);
});

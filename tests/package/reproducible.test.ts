/** Equal sources give equal bytes: assembled and packed in two folders, with other times, rights, zones and languages. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { packInto } from './tarball.ts';

const temporary = mkdtempSync(join(tmpdir(), 'offstage-twice-'));
after(() => rmSync(temporary, { recursive: true, force: true }));

function sources(): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  return listed.filter((file) => file !== '' && existsSync(join(ROOT, file)));
}

/** A checkout with the packages and the wasm that are here; `time` is that of all its files. */
function checkout(name: string, time: Date): string {
  const folder = join(temporary, name);
  for (const file of sources()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
    utimesSync(join(folder, file), time, time);
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(ROOT, 'target', 'wasm-pkg'), join(folder, 'target', 'wasm-pkg'), { recursive: true });
  return folder;
}

interface Where {
  umask: string;
  env: Record<string, string>;
}

function sha256(folder: string, { umask, env }: Where): string {
  const command = `umask ${umask} && scripts/assemble`;
  const options = { cwd: folder, env: { ...process.env, ...env }, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync('bash', ['-c', command], options);
  assert.equal(status, 0, stderr);
  return sha256Of(packInto(folder, join(folder, 'dist')));
}

const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

test('two checkouts give the same tarball, bit by bit, and so does this one', (t) => {
  const first = sha256(checkout('a', new Date('2001-02-03T04:05:06Z')), {
    umask: '022',
    env: { TZ: 'Asia/Tokyo', LC_ALL: 'C' },
  });
  const second = sha256(checkout('somewhere/else entirely', new Date()), {
    umask: '077',
    env: { TZ: 'America/Lima', LC_ALL: 'C.UTF-8' },
  });
  t.diagnostic(`sha256 ${first}`);
  assert.equal(second, first);
  assert.equal(sha256Of(packInto(temporary)), first);
});

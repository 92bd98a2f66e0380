/** Equal sources give equal bytes: assembled and packed in another folder, of another time, with other rights, zone and language. */
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

/** A checkout elsewhere with the packages and the wasm that are here; all its files are of another time. */
function checkout(name: string): string {
  const folder = join(temporary, name);
  const time = new Date('2001-02-03T04:05:06Z');
  for (const file of sources()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
    utimesSync(join(folder, file), time, time);
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(ROOT, 'target', 'wasm-pkg'), join(folder, 'target', 'wasm-pkg'), { recursive: true });
  return folder;
}

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

test('another checkout gives the same tarball as this one, bit by bit', (t) => {
  const folder = checkout('somewhere/else entirely');
  const env = { ...process.env, TZ: 'Asia/Tokyo', LC_ALL: 'C', LANG: 'C' };
  const assembled = spawnSync('bash', ['-c', 'umask 077 && scripts/assemble'], { cwd: folder, env, encoding: 'utf8' });
  assert.equal(assembled.status, 0, assembled.stderr);
  const here = sha256(packInto(temporary));
  t.diagnostic(`sha256 ${here}`);
  assert.equal(sha256(packInto(folder, join(folder, 'dist'))), here);
});

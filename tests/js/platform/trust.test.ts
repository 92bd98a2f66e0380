import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Getent } from '#offstage/platform/accounts.js';
import { distrust, type Judge, trustedFolders } from '#offstage/platform/trust.js';
import { tempFolder } from '../store/helpers.js';

const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;
const onlyRoot = { skip: uid === 0 ? false : 'only root can give files away' };

/** This user with a group of his own, and one that he shares. */
const accounts: Getent = (database) =>
  database === 'passwd' ? `me:x:${uid}:${gid}::/:\nother:x:7001:7001::/:\n` : `me:x:${gid}:\nteam:x:7000:other\n`;
const judge = (more: Partial<Judge> = {}): Judge => ({ uid, getent: accounts, trusted: [], ...more });

test('what this user alone can write counts', (t) => {
  const folder = tempFolder(t);
  for (const mode of [0o755, 0o700, 0o750, 0o500]) {
    chmodSync(folder, mode);
    assert.equal(distrust(folder, judge()), undefined, mode.toString(8));
  }
});

test('what others can write does not, and the reason says what to type', (t) => {
  const folder = tempFolder(t);
  const trust = `OFFSTAGE_TRUSTED_FOLDERS=${folder}`;
  for (const [mode, change] of [
    [0o777, 'go-w'],
    [0o757, 'o-w'],
    [0o702, 'o-w'],
  ] as const) {
    chmodSync(folder, mode);
    const shown = `mode ${mode.toString(8)}`;
    assert.equal(
      distrust(folder, judge()),
      `${folder} is writable by others (${shown}): chmod ${change} ${folder}, or ${trust}`,
    );
  }
  chmodSync(folder, 0o1777); // as /tmp: nobody shall be told to close that
  assert.equal(distrust(folder, judge()), `${folder} is a folder for everybody (mode 1777): ${trust}`);
});

test("a group may write that is this user's alone; where it cannot be known it may not", (t) => {
  const folder = tempFolder(t);
  chmodSync(folder, 0o775);
  assert.equal(distrust(folder, judge()), undefined);
  const unknown = distrust(folder, judge({ getent: () => undefined }));
  assert.match(unknown ?? '', /whose members cannot be known: chmod g-w \//);
});

test('a group that others belong to may not write: folders and files', onlyRoot, (t) => {
  const folder = tempFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const [path, mode] of [
    [file, 0o664],
    [folder, 0o775],
  ] as const) {
    chownSync(path, uid, 7000);
    chmodSync(path, mode);
    const shown = `mode ${mode.toString(8)}, gid 7000`;
    assert.ok(distrust(path, judge())?.startsWith(`${path} is writable by a group (${shown}): chmod g-w ${path}`));
    chmodSync(path, mode & ~0o020);
    assert.equal(distrust(path, judge()), undefined);
  }
});

test("this machine's own accounts: root's group is his alone, that of users is not", onlyRoot, (t) => {
  const folder = tempFolder(t);
  chmodSync(folder, 0o775);
  chownSync(folder, 0, 100);
  assert.match(distrust(folder) ?? '', /chmod g-w/);
});

test('what another user owns does not count, what root owns does', onlyRoot, (t) => {
  const folder = tempFolder(t);
  assert.match(distrust(folder, judge({ uid: 7001 })) ?? 'counts', /counts/);
  chownSync(folder, 7001, 7001);
  assert.match(distrust(folder, judge()) ?? '', /belongs to another user \(uid 7001\): OFFSTAGE_TRUSTED_FOLDERS=\//);
});

test('a trusted folder counts with all that is in it, by its real path', (t) => {
  const folder = tempFolder(t);
  const [inside, beside, link] = [join(folder, 'a', 'b'), join(folder, 'ab'), join(folder, 'link')];
  for (const path of [inside, beside]) mkdirSync(path, { recursive: true });
  symlinkSync(inside, link);
  for (const path of [join(folder, 'a'), inside, beside]) chmodSync(path, 0o777);
  const trusting = (...trusted: string[]) => judge({ trusted });
  for (const path of [join(folder, 'a'), inside, link]) {
    assert.equal(distrust(path, trusting(join(folder, 'a'))), undefined, path);
  }
  assert.notEqual(distrust(beside, trusting(join(folder, 'a'))), undefined, 'a longer name is no folder inside');
  assert.equal(distrust(inside, trusting(link)), undefined);
  assert.notEqual(distrust(join(folder, 'a'), trusting(inside)), undefined, 'above it nothing is trusted');
  assert.notEqual(distrust(inside, trusting(join(folder, 'none'))), undefined);
});

test('OFFSTAGE_TRUSTED_FOLDERS is separated as PATH is and takes absolute paths only', () => {
  const of = (text: string) => trustedFolders({ OFFSTAGE_TRUSTED_FOLDERS: text });
  assert.deepEqual([of('/a:/b c:'), of('')], [['/a', '/b c'], []]);
  assert.throws(() => of('/a:b'), {
    code: 'invalid_argument',
    message: 'OFFSTAGE_TRUSTED_FOLDERS: got "b", expected absolute paths',
  });
});

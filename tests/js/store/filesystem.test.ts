import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoreError } from '#offstage/errors/index.js';
import { type Probe, refuseUnsafe } from '#offstage/store/sqlite/filesystem.js';
import { tempFolder } from './helpers.js';

const on = (type: number, env: NodeJS.ProcessEnv = {}): Probe => ({ typeOf: () => type, env });

for (const [type, name] of [
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xfe534d42 | 0, 'SMB'], // as a system with 32-bit numbers may say it
  [0xff534d42, 'CIFS'],
  [0x65735546, 'FUSE or virtiofs'],
  [0x01021997, '9p'],
] as const) {
  test(`a store on ${name} (0x${(type >>> 0).toString(16)}) is refused, with the ways out`, (t) => {
    const folder = join(tempFolder(t), 'to', 'be', 'made');
    assert.throws(
      () => refuseUnsafe(folder, on(type)),
      (error: unknown) => {
        assert.ok(error instanceof StoreError);
        assert.match(error.message, new RegExp(`${folder} is on .*${name}.*--store PATH.*OFFSTAGE_UNSAFE_FS=1`));
        assert.deepEqual(error.details, { reason: 'unsafe_fs', file_system: name });
        return true;
      },
    );
    refuseUnsafe(folder, on(type, { OFFSTAGE_UNSAFE_FS: '1' }));
    assert.throws(() => refuseUnsafe(folder, on(type, { OFFSTAGE_UNSAFE_FS: '0' })), StoreError);
  });
}

test('local disks and memory are fine: ext4, xfs, btrfs, zfs, tmpfs, overlayfs, f2fs, bcachefs', () => {
  for (const type of [0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1, 0x01021994, 0x794c7630, 0xf2f52010, 0xca451a4e]) {
    refuseUnsafe('/', on(type));
  }
});

test('a folder that is to be made is judged by where it will be, one that cannot be asked by others', (t) => {
  const folder = tempFolder(t);
  const asked: string[] = [];
  const typeOf = (path: string): number => {
    asked.push(path);
    throw new Error('not supported');
  };
  refuseUnsafe(join(folder, 'a', 'b'), { typeOf, env: {} });
  assert.deepEqual(asked, [folder]);
  if (process.platform === 'linux') assert.ok(statfsSync(folder).type > 0, 'the real one answers');
});

/** Where a store may lie: SQLite's log needs memory shared between its processes and locks that every one of them obeys. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../../errors/refusal.ts';
import { IS_LINUX } from '../../platform/system.ts';

/** By the number that statfs(2) gives, on Linux (linux/magic.h and the file systems' own headers); virtiofs is FUSE to it. */
const UNSAFE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x65735546, 'FUSE or virtiofs'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x7461636f, 'OCFS2'],
  [0x01161970, 'GFS2'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x786f4256, "VirtualBox's shared folders"],
  [0xbacbacbc, "VMware's shared folders"],
]);

/** Some that are safe, by the same number, so that a person is told a name. */
const SAFE: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'XFS'],
  [0x9123683e, 'Btrfs'],
  [0x2fc12fc1, 'ZFS'],
  [0xf2f52010, 'F2FS'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlayfs'],
]);

/** The kind of file system that a folder, or one to be made, is on; undefined where the system does not tell. */
export function fileSystemOf(folder: string, { typeOf }: Pick<Probe, 'typeOf'> = SYSTEM): string | undefined {
  const type = ask(nearest(folder), typeOf) >>> 0;
  return type === 0 ? undefined : (UNSAFE.get(type) ?? SAFE.get(type) ?? `0x${type.toString(16)}`);
}

/** What is asked of the system; tests have their own. */
export interface Probe {
  typeOf(folder: string): number;
  env: NodeJS.ProcessEnv;
}

const SYSTEM: Probe = {
  typeOf: (folder) => (IS_LINUX ? statfsSync(folder).type : 0), // other systems count otherwise
  env: process.env,
};

/**
 * Refuses a folder, or one to be made, on a file system that is shared over a network or served by a program: `StoreError`,
 * reason `unsafe_fs`. `OFFSTAGE_UNSAFE_FS=1` accepts it, for who knows that one kernel has the file alone. Linux only.
 */
export function refuseUnsafe(folder: string, { typeOf, env }: Probe = SYSTEM): void {
  const name = UNSAFE.get(ask(nearest(folder), typeOf) >>> 0);
  if (name === undefined || env.OFFSTAGE_UNSAFE_FS === '1') return;
  throw new StoreError(
    `${folder} is on a file system of the kind ${name}, where stores have been corrupted; choose a store on a local disk ` +
      '(--store PATH or OFFSTAGE_STORE), or set OFFSTAGE_UNSAFE_FS=1 if all processes that use it run on this one machine ' +
      'and its kernel has the file alone',
    { details: { reason: 'unsafe_fs', file_system: name } },
  );
}

/** A place that cannot be asked is for others to refuse. */
function ask(folder: string, typeOf: Probe['typeOf']): number {
  try {
    return typeOf(folder);
  } catch {
    return 0;
  }
}

function nearest(folder: string): string {
  if (existsSync(folder) || dirname(folder) === folder) return folder;
  return nearest(dirname(folder));
}

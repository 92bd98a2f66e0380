/** Which folders count: nothing that another user could have planted is read or run. */
import { lstatSync, statSync } from 'node:fs';

/** Why a folder or file does not count; undefined when it does. */
export function distrust(path: string): string | undefined {
  const { uid, mode } = statSync(path);
  const self = process.getuid?.();
  if (self === undefined) return undefined; // no owners on this platform
  if (uid !== self && uid !== 0) return `${path} belongs to another user (uid ${uid})`;
  if ((mode & 0o002) !== 0) return `${path} is writable by others`;
  return undefined;
}

/** True for an existing folder that is owned by this user or root and not writable by others. */
export function isTrustedFolder(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && distrust(path) === undefined;
}

/** True when the path itself, not what it leads to, is a symbolic link. */
export function isSymlink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

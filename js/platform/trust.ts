/** Which folders count: nothing that another user could have planted is read or run. */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, relative, sep } from 'node:path';
import { invalid } from '../errors/argument.ts';
import type { Environment } from '../wire/globals.ts';
import { type Getent, getent, membershipOf } from './accounts.ts';

/** Who judges. */
export interface Judge {
  /** This user's number; undefined on platforms without owners, where everything counts. */
  uid: number | undefined;
  getent: Getent;
  /** Folders that count with all that is in them, whoever can write to them. */
  trusted: readonly string[];
}

/** This process' user, and the folders that `OFFSTAGE_TRUSTED_FOLDERS` of its environment names. */
export const self = (): Judge => ({ uid: process.getuid?.(), getent, trusted: trustedFolders() });

/**
 * Why a folder or file does not count, and what to do about it; undefined when it does. It counts when it is owned by this
 * user or root and not writable by others, nor by a group unless that is this user's alone.
 */
export function distrust(path: string, judge: Judge = self()): string | undefined {
  const { uid, gid, mode } = statSync(path);
  if (judge.uid === undefined) return undefined;
  const problem = problemOf({ uid, gid, mode }, judge);
  if (problem === undefined || trustedBy(path, judge.trusted) !== undefined) return undefined;
  const { reason, remedy } = problem;
  const remedies = [remedy?.(quoted(path)), `OFFSTAGE_TRUSTED_FOLDERS=${quoted(path)}`].filter(Boolean);
  return `${path} ${reason}: ${remedies.join(', or ')}`;
}

interface Problem {
  reason: string;
  remedy?: (path: string) => string;
}

function problemOf({ uid, gid, mode }: { uid: number; gid: number; mode: number }, judge: Judge): Problem | undefined {
  if (uid !== judge.uid && uid !== 0) return { reason: `belongs to another user (uid ${uid})` };
  const shown = `mode ${(mode & 0o7777).toString(8)}`;
  if ((mode & 0o1002) === 0o1002) return { reason: `is a folder for everybody (${shown})` }; // to close it would be wrong
  const closing = (mode & 0o020) === 0 ? 'o-w' : 'go-w';
  if ((mode & 0o002) !== 0) return { reason: `is writable by others (${shown})`, remedy: chmod(closing) };
  if ((mode & 0o020) === 0) return undefined;
  const membership = membershipOf(gid, judge.uid as number, judge.getent);
  if (membership === 'private') return undefined;
  const known = membership === 'shared' ? '' : ', whose members cannot be known';
  return { reason: `is writable by a group (${shown}, gid ${gid})${known}`, remedy: chmod('g-w') };
}

const chmod = (change: string) => (path: string) => `chmod ${change} ${path}`;

const quoted = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);

/** `OFFSTAGE_TRUSTED_FOLDERS`, separated as in `PATH`. `InvalidArgumentError` for one that is not absolute. */
export function trustedFolders(env: Environment = process.env): string[] {
  const folders = (env.OFFSTAGE_TRUSTED_FOLDERS ?? '').split(delimiter).filter((folder) => folder !== '');
  const loose = folders.find((folder) => !isAbsolute(folder));
  if (loose !== undefined) throw invalid('OFFSTAGE_TRUSTED_FOLDERS', loose, 'absolute paths');
  return folders;
}

/** The folder that makes the path count; both by their real paths, so that no link lends another folder's trust. */
export function trustedBy(path: string, trusted: readonly string[]): string | undefined {
  if (trusted.length === 0) return undefined;
  const real = realpathSync(path);
  return trusted.find((folder) => isWithin(realOf(folder), real));
}

function isWithin(folder: string | undefined, path: string): boolean {
  if (folder === undefined) return false;
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // what is not there holds nothing
  }
}

/** True when the path itself, not what it leads to, is a symbolic link. */
export function isSymlink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

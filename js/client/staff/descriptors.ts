/**
 * Descriptors that a process inherits without being meant for it: a shell's lock, another program's pipe. Node opens all of
 * its own so that they are not inherited, and sees to what it was given itself up to number 15; the rest it hands on.
 */
import { closeSync, fstatSync, readdirSync, readFileSync } from 'node:fs';

/** An open descriptor, and which file it stands for. */
export interface Descriptor {
  fd: number;
  /** Device and inode. */
  file: string;
}

const CLOSED_BY_EXEC = 0o2000000;

/**
 * Those above 2 that a process which is started now inherits. None where the system does not tell: there (macOS) the
 * start itself closes them.
 */
export function inheritable(): Descriptor[] {
  let names: string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
  return names.map(Number).flatMap((fd) => (fd > 2 && isInherited(fd) ? (descriptor(fd) ?? []) : []));
}

/** Closes those of them that this process has inherited; a number that stands for another file by now stays open. */
export function closeInherited(inherited: readonly Descriptor[]): void {
  for (const { fd, file } of inherited) {
    if (isInherited(fd) && descriptor(fd)?.file === file) closeSync(fd);
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSED_BY_EXEC) === 0;
  } catch {
    return false; // closed meanwhile, as the one that read the folder
  }
}

function descriptor(fd: number): Descriptor | undefined {
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return { fd, file: `${dev}:${ino}` };
  } catch {
    return undefined;
  }
}

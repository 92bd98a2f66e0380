/**
 * Files of tools: a path comes from a model, so it is believed in nothing.
 *
 * 1. What counts is the file or folder that was opened, by its real path: nothing that is swapped after a look matters.
 * 2. Only regular files are read and written, and never those that hold keys, histories or our own store.
 * 3. What is written is no link and has no second name.
 */
import { constants, type Dirent } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/** Bytes. */
const LARGEST = 256 * 1024;

/** Bytes and folders of a path, whatever the system would let: each folder that is made costs. */
const LONGEST = 4096;
const DEEPEST = 100;

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

const SECRET = /^(\.env.*|\.git|\.ssh|\.offstage|.*\.pem|id_.*)$/i;

/** Tells of one part of a path that it is nothing for tools. */
export const isSecret = (part: string): boolean => SECRET.test(part);

/** Reads a file in one of the folders, which are real paths; a relative path is meant from the first. */
export async function readContained(path: string, roots: readonly string[]): Promise<Buffer> {
  const [first = ''] = roots;
  const handle = await open(checkedPath(resolve(first, path), roots), O_RDONLY | O_NONBLOCK).catch(plainly);
  try {
    await checkOpened(handle, resolve(first, path), roots);
    const { size } = await handle.stat();
    if (size > LARGEST) throw new Error(`it has ${size} bytes, the limit is ${LARGEST}`);
    const bytes = Buffer.alloc(LARGEST + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    if (bytesRead > LARGEST) throw new Error(`it has more than ${LARGEST} bytes, which is the limit`);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Writes a file in the folder, a real path; `isNew`: never over one that is there. Answers with its path. */
export async function writeContained(path: string, text: string, root: string, isNew = false): Promise<string> {
  const full = checkedPath(resolve(root, path), [root]);
  if (Buffer.byteLength(text) > LARGEST) throw new Error(`that is more than ${LARGEST} bytes, which is the limit`);
  const folder = await folderIn(root, dirname(full));
  try {
    const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | (isNew ? O_EXCL : 0);
    const handle = await open(childOf(folder, dirname(full), basename(full)), flags, 0o666).catch(plainly);
    try {
      await checkOpened(handle, full, [root]);
      if ((await handle.stat()).nlink > 1) throw new Error('it has a second name elsewhere (a hard link)');
      await handle.truncate(0);
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } finally {
    await folder.close();
  }
  return full;
}

/** Refuses, before anything is opened, what cannot be meant. */
export function checkedPath(full: string, roots: readonly string[]): string {
  if (full.includes('\0')) throw new Error('a path has no NUL');
  if (Buffer.byteLength(full) > LONGEST) throw new Error(`it is longer than ${LONGEST} bytes`);
  if (full.split(sep).length > DEEPEST) throw new Error(`it is more than ${DEEPEST} folders deep`);
  refuseOutside(full, roots);
  return full;
}

function refuseOutside(full: string, roots: readonly string[]): void {
  const root = roots.find((one) => isInside(one, full));
  if (root === undefined) throw new Error(`it is outside of ${roots.join(' and ')}`);
  const secret = relative(root, full).split(sep).find(isSecret);
  if (secret !== undefined) throw new Error(`'${secret}' is nothing for tools`);
}

export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

async function checkOpened(handle: FileHandle, path: string, roots: readonly string[]): Promise<void> {
  if (!(await handle.stat()).isFile()) throw new Error('it is not a regular file');
  refuseOutside(await realOf(handle, path), roots);
}

/** The path of what is open: as the system tells, else that of the path if it still is the same file. */
async function realOf(handle: FileHandle, path: string): Promise<string> {
  const told = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
  if (told !== undefined) return told;
  const real = await realpath(path);
  const again = await open(real, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    const [one, other] = [await handle.stat({ bigint: true }), await again.stat({ bigint: true })];
    if (one.dev === other.dev && one.ino === other.ino) return real;
  } finally {
    await again.close();
  }
  throw new Error('it was swapped while it was opened');
}

/** Opens a folder of the root, made where it is not there: each part in one that is open and really inside. */
async function folderIn(root: string, folder: string): Promise<FileHandle> {
  let at = root;
  let handle = await openFolder(root, [root]);
  for (const part of relative(root, folder).split(sep).filter(Boolean)) {
    const below = childOf(handle, at, part);
    at = join(at, part);
    try {
      await mkdir(below).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw plainError(error);
      });
      const next = await openFolder(below, [root], at);
      await handle.close();
      handle = next;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
  return handle;
}

/** Names in a folder of one of the roots, as they are in what was opened. */
export async function entriesIn(path: string, roots: readonly string[]): Promise<Dirent[]> {
  const [first = ''] = roots;
  const full = checkedPath(resolve(first, path), roots);
  const handle = await openFolder(full, roots);
  try {
    return await readdir(childOf(handle, full, '.'), { withFileTypes: true });
  } finally {
    await handle.close();
  }
}

/** `path` may be one of the system's; `known` is what it stands for. */
async function openFolder(path: string, roots: readonly string[], known = path): Promise<FileHandle> {
  const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK).catch(plainly);
  try {
    refuseOutside(await realOf(handle, known), roots);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** By the open folder where the system can, so that a folder swapped for a link leads nowhere. */
const childOf = (folder: FileHandle, path: string, name: string): string =>
  process.platform === 'linux' ? `/proc/self/fd/${folder.fd}/${name}` : join(path, name);

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link',
  EEXIST: 'it is there already',
  EACCES: 'it may not be opened',
  ENXIO: 'it is not a regular file',
  ENOTDIR: 'a part of the path is no folder',
};

/** The system's own words name paths of ours. */
const plainError = ({ code = '', message }: NodeJS.ErrnoException): Error => new Error(WORDS[code] ?? message);

function plainly(error: NodeJS.ErrnoException): never {
  throw plainError(error);
}

// Makes a folder the exact union of some sources: a file that differs is replaced by renaming, one that belongs to
// nothing is removed, one that is the same is not touched. So a process that reads the folder meanwhile never sees half a file.
//
//   node scripts/mirror.mjs TARGET SOURCE[=SUBFOLDER]… [--executable FILE]…
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** All files below a folder, relative to it; names that begin with a dot are nobody's. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
}

/** What shall be where: path in the target → path of its source. */
function plan(sources) {
  const wanted = new Map();
  for (const source of sources) {
    const [from, into = ''] = source.split('=');
    if (statSync(from).isFile()) wanted.set(join(into, basename(from)), from);
    else for (const file of filesBelow(from)) wanted.set(join(into, file), join(from, file));
  }
  return wanted;
}

function replace(from, to, mode) {
  const content = readFileSync(from);
  if (!existsSync(to) || !readFileSync(to).equals(content)) {
    mkdirSync(dirname(to), { recursive: true });
    const temporary = `${to}.${process.pid}.tmp`;
    writeFileSync(temporary, content, { mode });
    chmodSync(temporary, mode); // the umask narrows the mode above
    renameSync(temporary, to);
  } else if ((statSync(to).mode & 0o777) !== mode) chmodSync(to, mode);
}

function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

const [target, ...rest] = process.argv.slice(2);
const sources = [];
const executable = new Set();
while (rest.length > 0) {
  const word = rest.shift();
  if (word === '--executable') executable.add(rest.shift());
  else sources.push(word);
}
const wanted = plan(sources);
mkdirSync(target, { recursive: true });
for (const [file, from] of wanted) replace(from, join(target, file), executable.has(file) ? 0o755 : 0o644);
for (const file of filesBelow(target)) {
  if (!wanted.has(file) && !file.endsWith('.tgz')) rmSync(join(target, file));
}
removeEmptyFolders(target);

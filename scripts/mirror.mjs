// Makes a folder the exact union of some sources: a file that differs is replaced by renaming, one that belongs to
// nothing is removed, one that is the same is not touched. So a process that reads the folder meanwhile never sees half a file.
//
//   node scripts/mirror.mjs TARGET SOURCE[=SUBFOLDER]… [--executable FILE]… [--outdated FILE]…
//
// --executable FILE gets the executable bits; --outdated FILE is kept as long as nothing else changes.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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

/** Makes one file as wanted; answers whether that changed anything. */
function replace(from, to, mode) {
  const content = readFileSync(from);
  if (!existsSync(to) || !readFileSync(to).equals(content)) {
    mkdirSync(dirname(to), { recursive: true });
    const temporary = `${to}.${process.pid}.tmp`;
    writeFileSync(temporary, content, { mode });
    chmodSync(temporary, mode); // the umask narrows the mode above
    renameSync(temporary, to);
    return true;
  }
  if ((statSync(to).mode & 0o777) === mode) return false;
  chmodSync(to, mode);
  return true;
}

function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

const [target, ...rest] = process.argv.slice(2);
const sources = [];
const options = { '--executable': new Set(), '--outdated': new Set() };
while (rest.length > 0) {
  const word = rest.shift();
  if (word in options) options[word].add(rest.shift());
  else sources.push(word);
}
const wanted = plan(sources);
let changed = 0;
mkdirSync(target, { recursive: true });
for (const [file, from] of wanted) {
  if (replace(from, join(target, file), options['--executable'].has(file) ? 0o755 : 0o644)) changed += 1;
}
for (const file of filesBelow(target)) {
  if (wanted.has(file) || options['--outdated'].has(file)) continue;
  rmSync(join(target, file));
  changed += 1;
}
if (changed > 0) for (const file of options['--outdated']) rmSync(join(target, file), { force: true });
removeEmptyFolders(target);

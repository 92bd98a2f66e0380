// Fails when a file of the repository or of dist/ names a package registry's host or a folder of the machine it was written on.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Written in pieces, so that this file passes its own check.
const host = (...labels) => labels.join('\\.');
const forbidden = [
  [new RegExp(host('npmjs', 'org')), 'a registry host'],
  [
    new RegExp(`${host('index', 'crates', 'io')}|${host('static', 'crates', 'io')}|crates${host('', 'io-index')}`),
    'a registry host',
  ],
  [/"resolved"\s*:/, 'a resolved registry address'],
  [new RegExp(`_auth${'Token'}`), 'a registry credential'],
  [new RegExp(`(^|[^\\w.:/~$}])/(?:root|work|home/\\w+)${'/'}`, 'm'), 'a folder of one machine'],
];
for (const folder of [process.cwd(), homedir()]) {
  if (folder.length > 1)
    forbidden.push([
      new RegExp(`${RegExp.escape?.(folder) ?? folder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}/`),
      'a folder of this machine',
    ]);
}
// Cargo's own fixed name for the public registry; it is what every Cargo.lock says, whichever mirror is used.
const allowed = [['Cargo.lock', /^source = "registry\+https:\/\/github\.com\/rust-lang\/crates\.io-index"$/gm]];

function repositoryFiles() {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return listed.split('\0').filter((file) => file !== '' && existsSync(file));
}

function builtFiles() {
  if (!existsSync('dist')) return [];
  const all = readdirSync('dist', { recursive: true }).map((file) => join('dist', file));
  return all.filter((file) => statSync(file).isFile() && !file.endsWith('.tgz'));
}

let found = 0;
const files = [...repositoryFiles(), ...builtFiles()];
for (const file of files) {
  let text = readFileSync(file, 'latin1');
  for (const [name, pattern] of allowed) if (file === name) text = text.replace(pattern, '');
  for (const [pattern, what] of forbidden) {
    const hit = pattern.exec(text);
    if (hit === null) continue;
    found += 1;
    const line = text.slice(0, hit.index).split('\n').length;
    console.error(`${file}:${line}: ${what}: ${JSON.stringify(text.slice(hit.index, hit.index + 80))}`);
  }
}
console.error(`${files.length} files, ${found} found`);
if (files.length === 0 || found > 0) process.exitCode = 1;

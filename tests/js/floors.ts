/** Reads which file uses which, in js/ and src/, and says what breaks the floors. Works on text, so that a test can plant a violation. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Path below the source folder, with `/` → content. */
export type Sources = ReadonlyMap<string, string>;

/** A use of one file by another; both are paths below the source folder. */
interface Use {
  from: string;
  to: string;
  line: number;
  /** A thread or a process of its own is started with it: nothing of it is loaded here. */
  isStarted?: true;
}

/** A floor is a list of rooms; the first floor is the highest. */
export type Floors = readonly (readonly string[])[];

export const JS_FLOORS: Floors = [
  ['index.ts', 'runner.ts', 'otel.ts'],
  ['cli'],
  ['api.ts'],
  ['hooks'],
  ['client'],
  ['worker'],
  ['reap', 'agent', 'notify', 'schedule'],
  ['recipe'],
  ['program'],
  ['runner', 'store'],
  ['ports'],
  ['core'],
  ['platform'],
  ['wire', 'errors'],
];

export const RUST_FLOORS: Floors = [
  ['lib.rs'],
  ['wasm'],
  ['runner'],
  ['engine'],
  ['rules'],
  ['task'],
  ['error', 'id', 'time'],
  ['json'],
];

/** Rooms of one floor that may know each other after all: an error carries a task's JSON, which holds an error's. In Rust every room's refusals are `Error`s. */
const NEIGHBOURS = ['wire>errors', 'errors>wire', 'id>error', 'time>error'];

/** All sources with that ending below a folder. */
export function readSources(folder: string, ending: string): Sources {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(ending));
  return new Map(files.map((file) => [file.replaceAll('\\', '/'), readFileSync(join(folder, file), 'utf8')]));
}

/** `store/ops/claim.ts` → `store`; `api.ts` → `api.ts`; `error.rs` and `error/mod.rs` → `error`. */
function roomOf(path: string): string {
  const first = path.split('/')[0] ?? '';
  return first.endsWith('.rs') && first !== 'lib.rs' ? first.slice(0, -3) : first;
}

/** One line for each use that goes up, sideways or to an unknown room. */
export function violations(floors: Floors, uses: readonly Use[], files: Iterable<string>): string[] {
  const level = (room: string) => floors.findIndex((floor) => floor.includes(room));
  const said: string[] = [];
  for (const file of files) {
    if (level(roomOf(file)) < 0) said.push(`${file}: the room '${roomOf(file)}' is on no floor`);
  }
  for (const { from, to, line } of uses) {
    const [user, used] = [roomOf(from), roomOf(to)];
    if (user === used || level(user) < 0) continue;
    const allowed = level(used) > level(user) || NEIGHBOURS.includes(`${user}>${used}`);
    if (!allowed) said.push(`${from}:${line}: '${user}' must not use '${used}' (${to})`);
  }
  return said;
}

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length;

/** Imports, exports from, `import()`, `import type`, `typeof import()`, and files named by `new URL(…, import.meta.url)`. */
const JS_USES = [
  /\bfrom\s*(['"])(\.[^'"]*)\1/g,
  /\bimport\s*(['"])(\.[^'"]*)\1/g,
  /\bimport\s*\(\s*(['"`])(\.[^'"`$]*)/g,
  /\bnew\s+URL\(\s*(['"`])(\.[^'"`$]*)/g,
  /\bimport\.meta\.resolve\(\s*(['"`])(\.[^'"`$]*)/g,
];

/** A file of the package by its path in there, for a thread or a process. */
const NAMED_FILE = /\bpackageFile\(\s*(['"`])([^'"`$]*)/g;

/** The uses among TypeScript files. What is computed (the user's own module) has no path and is not seen. */
export function jsUses(sources: Sources): Use[] {
  const uses: Use[] = [];
  for (const [from, text] of sources) {
    for (const pattern of JS_USES) {
      for (const hit of text.matchAll(pattern)) {
        const to = posix.join(posix.dirname(from), hit[2] ?? '').replace(/\.js$/, '.ts');
        // Above js/ there is only the published package.json beside dist/index.js, which is nobody's room.
        if (!to.startsWith('..') && to !== 'package.json') uses.push({ from, to, line: lineAt(text, hit.index) });
      }
    }
    for (const hit of text.matchAll(NAMED_FILE)) {
      const to = (hit[2] ?? '').replace(/\.js$/, '.ts');
      if (to.endsWith('.ts')) uses.push({ from, to, line: lineAt(text, hit.index), isStarted: true });
    }
  }
  return uses;
}

/** The uses among Rust modules: every `crate::…` path, groups of `use crate::{…}`, and `super::` that leaves the room. */
export function rustUses(sources: Sources): Use[] {
  const uses: Use[] = [];
  for (const [from, original] of sources) {
    const text = withoutRustComments(original);
    const add = (to: string, index: number) => uses.push({ from, to: `${to}.rs`, line: lineAt(text, index) });
    for (const hit of text.matchAll(/\bcrate\s*::\s*(\w+)/g)) add(hit[1] ?? '', hit.index);
    for (const hit of text.matchAll(/\bcrate\s*::\s*\{/g)) {
      for (const name of groupHeads(text, hit.index + hit[0].length)) add(name, hit.index);
    }
    for (const hit of text.matchAll(/\b((?:super\s*::\s*)+)(\w+)/g)) {
      const ups = (hit[1] ?? '').split('super').length - 1;
      if (ups >= depthOf(from)) add(hit[2] ?? '', hit.index);
    }
  }
  return uses;
}

/** How many `super::` lead from a file's module to the crate: `error.rs` and `error/mod.rs` 1, `task/spec.rs` 2. */
function depthOf(path: string): number {
  const parts = path.replace(/(^|\/)(mod|lib)\.rs$/, '').replace(/\.rs$/, '');
  return parts === '' ? 0 : parts.split('/').length;
}

/** The first names in a `{…}` group: `{error::Error, task}` → error, task. */
function groupHeads(text: string, start: number): string[] {
  const heads: string[] = [];
  let depth = 1;
  let item = '';
  for (let at = start; at < text.length && depth > 0; at += 1) {
    const char = text[at] ?? '';
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    if (depth === 0 || (depth === 1 && char === ',')) {
      const head = /^\s*(\w+)/.exec(item);
      if (head?.[1]) heads.push(head[1]);
      item = '';
    } else item += char;
  }
  return heads;
}

/** Comments become blanks: an intra-doc link such as [`crate::wasm`] may name what code may not use. */
function withoutRustComments(text: string): string {
  return text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
}

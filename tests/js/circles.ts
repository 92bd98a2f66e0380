/** Reads which file of a room uses which other one, and says which of them go round in a circle. Works on text, so that a test can plant one. */
import { jsUses, type Sources } from './floors.ts';

/** By file, the files that it uses. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The room of a file; those at the top are rooms of their own. */
const roomOf = (file: string): string => file.split('/')[0] ?? '';

/** The circles of a graph, each a list of files that all lead to one another (Tarjan's strong components). */
export function circles(graph: Graph): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const path: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const own = index.size;
    index.set(file, own);
    low.set(file, own);
    path.push(file);
    for (const to of graph.get(file) ?? []) {
      const reached = index.has(to) ? (path.includes(to) ? (index.get(to) ?? own) : own) : visit(to);
      low.set(file, Math.min(low.get(file) ?? own, reached));
    }
    const least = low.get(file) ?? own;
    if (least === own) {
      const circle = path.splice(path.indexOf(file));
      if (circle.length > 1) found.push(circle.sort());
    }
    return least;
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return found.sort();
}

function graphOf(sources: Sources, uses: Iterable<{ from: string; to: string }>): Graph {
  const graph = new Map([...sources.keys()].map((file) => [file, new Set<string>()]));
  for (const { from, to } of uses) {
    if (from !== to && roomOf(from) === roomOf(to) && sources.has(to)) graph.get(from)?.add(to);
  }
  return graph;
}

export const jsGraph = (sources: Sources): Graph =>
  graphOf(
    sources,
    jsUses(sources).filter(({ isStarted }) => !isStarted),
  );

/** What `use` and paths in code name. A table of contents uses nothing of what it hands out: who takes it from there uses that. */
export function rustGraph(sources: Sources): Graph {
  const modules = modulesOf(sources);
  const uses = [...modules.values()]
    .flat()
    .flatMap((module) =>
      module.paths.flatMap((path) => resolve(modules, module, path).map((to) => ({ from: module.file, to }))),
    );
  return graphOf(sources, uses);
}

/** A file as a module. */
interface Module {
  readonly file: string;
  /** `runner::core`; the crate is empty. */
  readonly name: string;
  /** Paths of what it uses, one for every name in a group. */
  readonly paths: string[][];
  /** Where what it hands out, and what it uses itself, comes from. */
  readonly names: Map<string, string[]>;
}

/** By name; several files are one module where each is for another platform. */
type Modules = Map<string, Module[]>;

function modulesOf(sources: Sources): Modules {
  const named = new Map([...sources].flatMap(([file, text]) => pathsGiven(file, text)));
  const modules: Modules = new Map();
  for (const [file, original] of sources) {
    const name = named.get(file) ?? nameOf(file);
    const text = withoutComments(original);
    const all = [...text.matchAll(/(\bpub\b[^;{}]*)?\buse\s+([^;]+);/g)];
    const used = all.filter(([, handsOut]) => handsOut === undefined).flatMap(([, , tree = '']) => namesOf(tree));
    const inCode = text.replace(/\buse\s+[^;]+;/g, '').matchAll(/\b(?:crate|super|self)(?:\s*::\s*\w+)+/g);
    const paths = [...used.map(({ path }) => path), ...[...inCode].map(([path]) => segments(path))];
    const names = new Map(all.flatMap(([, , tree = '']) => namesOf(tree)).map(({ as, path }) => [as, path]));
    modules.set(name, [...(modules.get(name) ?? []), { file, name, paths, names }]);
  }
  return modules;
}

const nameOf = (file: string): string =>
  file
    .replace(/\.rs$/, '')
    .replace(/(^|\/)(mod|lib)$/, '')
    .replaceAll('/', '::');

/** Files that are modules of another name: `#[cfg_attr(…, path = "platform/threads.rs")] mod platform;`. */
function pathsGiven(file: string, text: string): [string, string][] {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : '';
  return [...text.matchAll(/((?:#\[[^\]]*path = "[^"]+"[^\]]*\]\s*)+)(?:pub(?:\([^)]*\))? )?mod (\w+);/g)].flatMap(
    ([, attributes = '', name = '']) =>
      [...attributes.matchAll(/path = "([^"]+)"/g)].map(([, path = '']): [string, string] => [
        `${folder}${path}`,
        nameOf(`${folder}${name}.rs`),
      ]),
  );
}

const segments = (path: string): string[] => path.split('::').map((name) => name.trim());

/** The names in a tree of `use`: `a::{b::C, d as E}` → C of a::b, E of a::d. */
function namesOf(tree: string, before: readonly string[] = []): { as: string; path: string[] }[] {
  return branches(tree).flatMap((branch) => {
    const group = /^([\w\s:]*?)(?:::)?\s*\{([\s\S]*)\}$/.exec(branch);
    if (group !== null) return namesOf(group[2] ?? '', [...before, ...segments(group[1] ?? '').filter(Boolean)]);
    const [path = '', as] = branch.split(/\s+as\s+/);
    const whole = [...before, ...segments(path)];
    if (whole.at(-1) === 'self' && whole.length > 1) whole.pop();
    return [{ as: as?.trim() ?? whole.at(-1) ?? '', path: whole }];
  });
}

/** Parts between commas that stand in no group. */
function branches(tree: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of tree) {
    depth += char === '{' ? 1 : char === '}' ? -1 : 0;
    if (char === ',' && depth === 0) parts.push(part);
    part = char === ',' && depth === 0 ? '' : part + char;
  }
  return [...parts, part].map((text) => text.trim()).filter((text) => text !== '');
}

/** The files that a path leads to: of a module, or of what defines an item. */
function resolve(modules: Modules, from: Module, path: readonly string[], depth = 0): string[] {
  const [first = '', ...rest] = path;
  if (depth > 8) return [];
  if (first === 'crate') return walk(modules, '', rest, depth);
  if (first === 'self') return walk(modules, from.name, rest, depth);
  if (first === 'super') return above(modules, from.name, rest, depth);
  return isModule(modules, join(from.name, first)) ? walk(modules, from.name, path, depth) : [];
}

function above(modules: Modules, name: string, rest: readonly string[], depth: number): string[] {
  const up = name.split('::').slice(0, -1).join('::');
  return rest[0] === 'super' ? above(modules, up, rest.slice(1), depth) : walk(modules, up, rest, depth);
}

const join = (parent: string, name: string): string => (parent === '' ? name : `${parent}::${name}`);

const isModule = (modules: Modules, name: string): boolean => modules.has(name);

function walk(modules: Modules, at: string, [next, ...rest]: readonly string[], depth: number): string[] {
  const here = modules.get(at) ?? [];
  const files = here.map(({ file }) => file);
  if (next === undefined) return files;
  const child = join(at, next);
  if (isModule(modules, child)) return walk(modules, child, rest, depth);
  const from = here.flatMap((module) => {
    const path = module.names.get(next);
    return path === undefined ? [] : resolve(modules, module, path, depth + 1);
  });
  return from.length > 0 ? from : files;
}

/** An intra-doc link may name what code does not use. */
function withoutComments(text: string): string {
  return text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '');
}

/** What the code says that there is, read from its sources: a page that leaves some of it out is found. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../js/root.ts';

const read = (folder: string, ending: string): Map<string, string> => {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith(ending) && !name.startsWith('core/pkg'));
  return new Map(files.map((name) => [`${folder}/${name}`, readFileSync(join(ROOT, folder, name), 'utf8')]));
};

export const JS = read('js', '.ts');
export const RUST = read('src', '.rs');

/** All that a pattern's first group catches in the sources, each once, in order. */
export function caught(sources: Map<string, string>, pattern: RegExp, file = ''): string[] {
  const texts = [...sources].filter(([name]) => name.includes(file)).map(([, text]) => text);
  const hits = texts.flatMap((text) => [...text.matchAll(pattern)].map(([, hit = '']) => hit));
  if (hits.length === 0) throw new Error(`nothing in the sources is like ${pattern}`);
  return [...new Set(hits)].sort();
}

/** The names of a Rust enum's values, as they are stored. */
export function enumOf(name: string, file: string): string[] {
  const [body = ''] = caught(RUST, new RegExp(`^pub enum ${name} \\{\\n([\\s\\S]*?)^\\}`, 'gm'), file);
  const values = [...body.matchAll(/^ {4}([A-Z]\w+)/gm)].map(([, value = '']) => value);
  return values.map((value) => value.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase());
}

/** The names of what `js/index.ts` exports: all of them, and the values alone. */
export function exported(): { all: string[]; types: string[] } {
  const index = JS.get('js/index.ts') ?? '';
  const lists = [...index.matchAll(/export (type )?\{([^}]*)\}/g)];
  const names = lists.flatMap(([, onlyTypes, list = '']) =>
    list.split(',').flatMap((item) => nameIn(item, onlyTypes !== undefined)),
  );
  return { all: names.map(({ name }) => name), types: names.filter(({ isType }) => isType).map(({ name }) => name) };
}

function nameIn(item: string, onlyTypes: boolean): { name: string; isType: boolean }[] {
  const [, type, name] = /^\s*(type )?(?:\w+ as )?(\w+)\s*$/.exec(item) ?? [];
  return name === undefined ? [] : [{ name, isType: onlyTypes || type !== undefined }];
}

const MEMBER = /^ {2}(?:readonly |get |set |async )*(?!constructor|static)(\w+)\??[:(<]/gm;

/** The bodies of the interface or class of that name, in files whose path has `file` in it. */
function bodiesOf(name: string, file: string): string[] {
  const head = new RegExp(`^(?:export )?(?:interface|class) ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, 'm');
  const texts = [...JS].filter(([path]) => path.includes(file)).map(([, text]) => text);
  return texts.flatMap((text) => head.exec(text)?.[1] ?? []);
}

/** The members of an interface or class, its own ones: those at its first level that are not private. */
export function membersOf(name: string, file = ''): string[] {
  const [body] = bodiesOf(name, file);
  if (body === undefined) throw new Error(`no interface or class ${name} in js/${file}`);
  return [...new Set([...body.matchAll(MEMBER)].map(([, member = '']) => member))];
}

/** Those of them that no comment stands before; of overloads one is enough. */
export function undocumented(name: string): string[] {
  return bodiesOf(name, '').flatMap((body) => {
    const hits = [...body.matchAll(MEMBER)];
    const isTold = ({ index }: { index: number }) => /\*\/\s*$/.test(body.slice(0, index));
    const told = new Set(hits.filter(isTold).map(([, member]) => member));
    return hits.flatMap(([, member = '']) => (told.has(member) ? [] : [`${name}.${member}`]));
  });
}

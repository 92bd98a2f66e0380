/** The types that are published: one file an entry; that of the main one has all that is exported and every docstring. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { files, manifest, read } from './unpacked.ts';

const COMPILED = join(ROOT, '.build', 'js');
const compiled = readdirSync(COMPILED, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'));

/** Names in the `export { … }` lists of a text. */
function exported(text: string): string[] {
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) => list.split(','));
  return lists.flatMap((item) => item.trim().split(/\s+/).at(-1) || []).sort();
}

const COMMENT = /\/\*\*(?:(?!\*\/)[\s\S])*\*\//g;
const DECLARED = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const) (\w+)/m;

/** The comments of each declaration of a text and of its members; a declaration goes up to the next one. */
function commentsOf(text: string): { name: string; comments: string[] }[] {
  const parts = text.split(/(?<=^(?:\}|.*;))\n(?=\/\*\*|export |declare |interface |type )/m);
  return parts.map((part) => ({ name: DECLARED.exec(part)?.[1] ?? '', comments: part.match(COMMENT) ?? [] }));
}

test('there is one file of types an entry, and each is exported', () => {
  const entries = JSON.stringify(manifest.exports).match(/"[^"]+\.d\.ts"/g) ?? [];
  const shipped = files.filter((file) => file.endsWith('.d.ts'));
  assert.deepEqual(shipped.map((file) => `"./${file}"`).sort(), [...new Set(entries)].sort());
});

for (const entry of ['index', 'runner']) {
  test(`the types export what the modules say, and import packages only: ${entry}`, () => {
    const text = read(`${entry}.d.ts`);
    assert.deepEqual(exported(text), exported(readFileSync(join(ROOT, 'js', `${entry}.ts`), 'utf8')));
    const imported = [...text.matchAll(/^import .* from '([^']+)'/gm)].map(([, from]) => from);
    for (const from of imported) assert.ok(from && from in manifest.dependencies, `imports ${from}`);
  });

  test(`only what the modules export is a value, a class that is exported as a type cannot be made: ${entry}`, async () => {
    const [, values = ''] = /^export \{([^}]*)\}/m.exec(read(`${entry}.d.ts`)) ?? [];
    const module = await import(`#offstage/${entry}.js`);
    assert.deepEqual(exported(`export {${values}}`), Object.keys(module).sort());
  });
}

test('the entry of OpenTelemetry has its own names, and all others from the main one', async () => {
  const text = read('otel.d.ts');
  assert.deepEqual(exported(text), exported(readFileSync(join(ROOT, 'js', 'otel.ts'), 'utf8')));
  const imported = [...text.matchAll(/^import .* from '([^']+)'/gm)].map(([, from]) => from);
  assert.deepEqual(imported, ['./index.js']);
  assert.deepEqual(Object.keys(await import('#offstage/otel.js')), ['otel']);
});

test('what the main entry has of the runner, the entry of the runner has too', () => {
  const listed = (entry: string) => readFileSync(join(ROOT, 'js', `${entry}.ts`), 'utf8');
  const [ofRunner = ''] = /^export (?:type )?\{[^}]*\} from '\.\/runner\/index\.ts'/m.exec(listed('index')) ?? [];
  const own = exported(listed('runner'));
  assert.ok(exported(ofRunner).length > 30, ofRunner);
  assert.deepEqual(
    exported(ofRunner).filter((name) => !own.includes(name)),
    [],
  );
});

test('no declaration has another name in an editor than where it is exported', () => {
  assert.deepEqual(read('index.d.ts').match(/\b\w+\$\d+ as \w+/g), null);
});

test('what is exported has the docstrings that it has where it is written, and so have its members', (t) => {
  const text = read('index.d.ts');
  const written = compiled.flatMap((file) => commentsOf(readFileSync(join(COMPILED, file), 'utf8')));
  let counted = 0;
  for (const name of exported(text)) {
    const places = written.filter((place) => place.name === name);
    const isWhole = places.some(({ comments }) =>
      comments.every((comment) => comment.includes('@internal') || text.includes(comment)),
    );
    assert.ok(isWhole, `${name}: a docstring is not in index.d.ts`);
    counted += Math.max(...places.map(({ comments }) => comments.length));
  }
  t.diagnostic(`${counted} docstrings`);
  assert.ok(counted > 200, `only ${counted} docstrings`);
});

/** Members of interfaces and classes that no comment stands before; of overloads one is enough. The name of an error is its class. */
function bareMembers(text: string): string[] {
  const told = new Map<string, boolean>();
  for (const [, head = '', body = ''] of text.matchAll(
    /^(?:export |declare |abstract )*((?:interface|class) .*)\{\n([\s\S]*?)^\}/gm,
  )) {
    const [, name] = /^\w+ (\w+)/.exec(head) ?? [];
    for (const hit of body.matchAll(MEMBER)) {
      const member = `${name}.${hit[1]}`;
      const isTold = /\*\/\s*$/.test(body.slice(0, hit.index)) || (hit[1] === 'name' && /Error\b/.test(head));
      told.set(member, isTold || told.get(member) === true);
    }
  }
  return [...told].flatMap(([member, isTold]) => (isTold ? [] : [member]));
}

const MEMBER = /^ {4}(?:readonly |static |get |set |abstract )*(?!constructor|private)(\w+)\??[:(<]/gm;

test('every field and method that the types declare has a comment', () => {
  for (const file of files.filter((name) => name.endsWith('.d.ts'))) {
    assert.deepEqual(bareMembers(read(file)), [], file);
  }
  const planted = 'interface Planted {\n    /** Told. */\n    told: string;\n    readonly bare?: number;\n}\n';
  assert.deepEqual(bareMembers(planted), ['Planted.bare']);
  assert.ok(read('index.d.ts').match(MEMBER)?.length ?? 0 > 300, 'hardly any member was found');
});

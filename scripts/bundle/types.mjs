// Makes one file of types of each entry that pkg-template/package.json exports. All types are in that of the first one, which the
// others refer to, so that a class is the same type whichever entry it comes from. What only another entry exports is in that
// one's own file, if it stands in the folder of hooks of its name.
//
//   node scripts/bundle/types.mjs TOOLS FROM TO
//
// TOOLS is the folder where the packages of package.json beside this file are installed.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const [tools, from, to] = process.argv.slice(2);
const require = createRequire(join(resolve(tools), 'package.json'));
const { rollup } = require('rollup');
const { dts } = require('rollup-plugin-dts');

/** Every `types` in the conditions of an entry. */
function typesOf(entry) {
  if (typeof entry !== 'object' || entry === null) return [];
  return Object.entries(entry).flatMap(([key, value]) => (key === 'types' ? [value] : typesOf(value)));
}

const { exports } = JSON.parse(readFileSync('pkg-template/package.json', 'utf8'));
const [first, ...others] = [...new Set(Object.values(exports).flatMap(typesOf))].map((file) =>
  file.slice(2, -'.d.ts'.length),
);
/** Only names that its module exports too are values: a class that is exported as a type cannot be made. */
async function valuesOf(name) {
  const module = await rollup({ input: join(from, `${name}.js`), external: (_, from) => from !== undefined });
  const { output } = await module.generate({ format: 'es' });
  return new Set(output[0].exports);
}

const typesAlone = {
  name: 'types-alone',
  async renderChunk(text, { name, isEntry }) {
    if (!isEntry) return null;
    const values = await valuesOf(name);
    return text.replace(/^export \{ ([^}]*) \};$/m, (_, list) => {
      const names = list.split(', ');
      const isValue = (item) => values.has(item.split(' as ').at(-1));
      const lists = [`export { ${names.filter(isValue).join(', ')} };`];
      if (!names.every(isValue)) lists.push(`export type { ${names.filter((item) => !isValue(item)).join(', ')} };`);
      return lists.join('\n');
    });
  },
};

/** The types of an entry; `isApart` says which modules are not taken in. */
const typesFrom = (name, isApart = () => false) =>
  rollup({
    input: { [name]: join(from, `${name}.d.ts`) },
    external: (id, importer) =>
      !/^[./]/.test(id) || (importer !== undefined && isApart(resolve(dirname(importer), id))),
    plugins: [dts(), typesAlone],
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });

const bundle = await typesFrom(first);
const { output } = await bundle.write({ dir: to, format: 'es', entryFileNames: '[name].d.ts' });
const known = new Set(output[0].exports);

/** The types of an entry that has some of its own: those of its folder, with all others from the first entry. */
async function writeOwn(name) {
  const own = `${resolve(from, 'hooks', name)}/`;
  const bundle = await typesFrom(name, (path) => !path.startsWith(own));
  const { output } = await bundle.generate({ format: 'es', paths: () => `./${first}.js` });
  const strange = output[0].imports.length === 0 ? [] : output[0].importedBindings[output[0].imports[0]];
  const unknown = (strange ?? []).filter((item) => !known.has(item));
  if (unknown.length > 0) throw new Error(`${name} needs what ${first} does not export: ${unknown.join(', ')}`);
  writeFileSync(join(to, `${name}.d.ts`), output[0].code);
}

for (const name of others) {
  const { output } = await (await typesFrom(name)).generate({ format: 'es' });
  if (output[0].exports.some((item) => !known.has(item))) {
    await writeOwn(name);
    continue;
  }
  const values = await valuesOf(name);
  const list = (isType) => output[0].exports.filter((item) => values.has(item) !== isType).join(', ');
  const source = `from './${first}.js';\n`;
  writeFileSync(join(to, `${name}.d.ts`), `export { ${list(false)} } ${source}export type { ${list(true)} } ${source}`);
}

// Copies the compiled modules with their source maps. A map's source gets the path that it would have in the package, whatever
// the folder it was compiled in; its text is in the map. A module of which only types are used is left out.
//
//   node scripts/modules.mjs FROM TO
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import posix from 'node:path/posix';

const [from, to] = process.argv.slice(2);

/** The map of a module whose source is `js/…`. */
function mapOf(file, source) {
  const { sourceRoot, ...map } = JSON.parse(readFileSync(join(from, `${file}.map`), 'utf8'));
  if (map.sourcesContent?.length !== 1) throw new Error(`the map of ${file} has not the text of its source`);
  return { ...map, sources: [posix.relative(posix.dirname(file), source)] };
}

/** Nothing is left of it but comments: nobody imports it when the program runs. */
const isOfTypes = (file) =>
  readFileSync(join(from, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .trim() === 'export {};';

const all = readdirSync(from, { recursive: true }).map((file) => file.replaceAll('\\', '/'));
for (const file of all.filter((file) => file.endsWith('.js') && !isOfTypes(file)).sort()) {
  mkdirSync(dirname(join(to, file)), { recursive: true });
  cpSync(join(from, file), join(to, file));
  writeFileSync(join(to, `${file}.map`), JSON.stringify(mapOf(file, `js/${file.replace(/\.js$/, '.ts')}`)));
}

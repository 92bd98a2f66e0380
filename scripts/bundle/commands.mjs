// Bundles the command line as CommonJS, without comments: Node starts a few such files in a third of the time that it takes for
// the modules they are made of. What `status` needs is one file, all else is a file for each command and what they share.
//
//   node scripts/bundle/commands.mjs TOOLS FROM TO
//
// TOOLS is the folder where the packages of package.json beside this file are installed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import posix from 'node:path/posix';
import { isParted, split } from './split.mjs';

const [tools, from, to] = process.argv.slice(2);
const require = createRequire(join(resolve(tools), 'package.json'));
const { rollup } = require('rollup');
const { ModuleKind, ScriptTarget, transpileModule } = require('typescript');
const FOLDER = 'cli';
const PROGRAMS = ['offstage', 'background'];
/** Imported when they are needed, by every look at a task. */
const LOOKS = ['cli/commands/background/status.js', 'store/ops/read.js'];

/**
 * Of what every look imports, what hardly any of them uses: it is in a file of its own, which is read when something in it is used
 * first. Found by what V8 says was called by `status`, `list` and `wait`; `functions` stand in modules of which more is used.
 */
const SELDOM = JSON.parse(readFileSync(new URL('seldom.json', import.meta.url), 'utf8'));

/** Names of chunks, which are those of constants, too; no text may hold one with a dot behind it. */
const FILES = { look: 'look.cjs', usedSeldom: 'seldom.cjs' };

const pathOf = (id) => posix.relative(from, id.replaceAll('\\', '/').replace(/\?.*/, ''));
const isOurs = (id) => /^[./]/.test(id);

/** A module's address is where it would be in the package: others are found from there. */
const addresses = {
  name: 'addresses',
  resolveImportMeta(property, { moduleId, chunkId }) {
    if (property !== 'url') return null;
    const path = JSON.stringify(posix.relative(posix.join(FOLDER, posix.dirname(chunkId)), pathOf(moduleId)));
    return `require('node:url').pathToFileURL(require('node:path').join(__dirname, ${path})).href`;
  },
};

/** The command line is for Node. */
const platform = {
  name: 'platform',
  resolveId: (id) => (id === '#platform' ? join(process.cwd(), from, 'platform/node.js') : null),
};

const uncommented = {
  name: 'uncommented',
  renderChunk(code) {
    const compilerOptions = { removeComments: true, module: ModuleKind.Preserve, target: ScriptTarget.ESNext };
    return transpileModule(code, { compilerOptions }).outputText;
  },
};

/** Node reads a file of ASCII alone without making two bytes of each of its characters. What is escaped stands in texts. */
const ascii = {
  name: 'ascii',
  renderChunk: (code, { fileName }) =>
    Object.values(FILES).includes(fileName)
      ? code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : null,
};

/**
 * What goes on for long has read all that it may need before it begins, since the package may be replaced under it: a worker, and
 * what a signal can interrupt.
 */
const LONG = ['parts/client-staff-work.cjs', 'parts/cli-interrupt.cjs'];

/** Everywhere else what is seldom needed is read when something in it is used first. */
const seldom = {
  name: 'seldom',
  renderChunk(code, { fileName }) {
    const [line, name, path] = /^(?:const|var) ([\w$]+) = require\(('[./]+seldom\.cjs')\);$/m.exec(code) ?? [];
    if (LONG.includes(fileName)) return line === undefined ? `${code}require('../seldom.cjs');\n` : null;
    if (line === undefined) return null;
    const own = `${name}.own`;
    const [before, behind] = code.split(line);
    const late = `let ${name}Read;\nconst ${name} = { get own() { return (${name}Read ??= require(${path})); } };`;
    const uses = behind.replace(new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}\\.`, 'g'), `${own}.`);
    const values = new RegExp(`(^ +|[{,] )('[^']+'|\\w+): (${own.replaceAll('$', '\\$')}\\.[\\w$]+)(?=,|$| })`, 'gm');
    return before + late + uses.replace(values, '$1get $2() { return $3; }');
  },
};

/** A chunk that is called otherwise now would be left out silently. */
const known = {
  name: 'known',
  generateBundle(_, chunks) {
    const unknown = [...LONG, ...Object.values(FILES)].filter((name) => !(name in chunks));
    if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}`);
  },
};

/** All that is imported at once, directly or not, by what every look needs. */
function lookModules(getModuleInfo) {
  const found = new Set();
  const add = (id) => {
    if (found.has(id) || !getModuleInfo(id) || getModuleInfo(id).isExternal) return;
    found.add(id);
    for (const imported of getModuleInfo(id).importedIds) add(imported);
  };
  for (const path of ['cli/main.js', ...LOOKS]) add(join(process.cwd(), from, path));
  return found;
}

let looks;
const bundle = await rollup({
  input: Object.fromEntries(PROGRAMS.map((name) => [name, join(from, FOLDER, `${name}.js`)])),
  external: (id) => !isOurs(id) && id !== '#platform',
  plugins: [split(tools, SELDOM.functions, pathOf), addresses, platform, uncommented, seldom, ascii, known],
  treeshake: { moduleSideEffects: (_, external) => !external },
  onLog(level, log) {
    const isMeant = [
      'THIS_IS_UNDEFINED',
      'CIRCULAR_CHUNK',
      'CIRCULAR_DEPENDENCY',
      'CYCLIC_CROSS_CHUNK_REEXPORT',
    ].includes(log.code); // helpers of TypeScript; what is parted
    if (level === 'warn' && !isMeant) throw new Error(log.message);
  },
});
await bundle.write({
  dir: join(to, FOLDER),
  format: 'cjs',
  generatedCode: 'es2015',
  interop: 'auto', // some of what is used comes as ES modules
  hoistTransitiveImports: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: ({ facadeModuleId, moduleIds, name }) =>
    name in FILES && facadeModuleId === null
      ? FILES[name]
      : `parts/${pathOf(facadeModuleId ?? moduleIds.at(-1))
          .replaceAll('/', '-')
          .replace(/\.js$/, '')}.cjs`,
  manualChunks(id, { getModuleInfo }) {
    looks ??= lookModules(getModuleInfo);
    if (!looks.has(id)) return undefined;
    return isParted(id) || SELDOM.modules.includes(pathOf(id)) ? 'usedSeldom' : 'look';
  },
});

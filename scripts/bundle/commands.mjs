// Bundles the command line as CommonJS, without comments: Node starts a few such files in a third of the time that it takes for
// the modules they are made of. What `status` needs is one file, all else is a file for each command and what they share.
//
//   node scripts/bundle/commands.mjs TOOLS FROM TO
//
// TOOLS is the folder where the packages of package.json beside this file are installed.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import posix from 'node:path/posix';

const [tools, from, to] = process.argv.slice(2);
const require = createRequire(join(resolve(tools), 'package.json'));
const { rollup } = require('rollup');
const { ModuleKind, ScriptTarget, transpileModule } = require('typescript');
const FOLDER = 'cli';
const PROGRAMS = ['offstage', 'background'];
/** Imported when they are needed, by every look at a task. */
const LOOKS = ['cli/commands/background/status.js', 'store/ops/read.js'];

const pathOf = (id) => posix.relative(from, id.replaceAll('\\', '/'));
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
    fileName === 'look.cjs'
      ? code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : null,
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
  plugins: [addresses, platform, uncommented, ascii],
  treeshake: { moduleSideEffects: (_, external) => !external },
  onLog(level, log) {
    if (level === 'warn' && log.code !== 'THIS_IS_UNDEFINED') throw new Error(log.message); // in helpers of TypeScript
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
    name === 'look' && facadeModuleId === null
      ? 'look.cjs'
      : `parts/${pathOf(facadeModuleId ?? moduleIds.at(-1))
          .replaceAll('/', '-')
          .replace(/\.js$/, '')}.cjs`,
  manualChunks(id, { getModuleInfo }) {
    looks ??= lookModules(getModuleInfo);
    return looks.has(id) ? 'look' : undefined;
  },
});

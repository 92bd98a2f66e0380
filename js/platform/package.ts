/**
 * Where the files of this package are: beside its code. Where that was bundled into an app they are those of the package
 * that is installed beside the bundle, in the same version.
 */
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MissingDependencyError } from '../errors/refusal.ts';

/** A test compares it with the published manifest. */
export const VERSION = '0.1.0';

/** This file in the package. */
const SELF = 'platform/package.js';
const ABOVE = '..';

declare const __webpack_require__: unknown;

/** `require` of a file, which need not be there. Called by this name bundlers do not look for what is required. */
export const requireFrom = (file: string | URL): NodeJS.Require => module.createRequire(file);

let root: URL | undefined;

/** The address of a file of the package, by its path in there. `MissingDependencyError` in a bundle without the package. */
export function packageFile(path: string): URL {
  root ??= find();
  return new URL(path, root);
}

/** Loads an optional package, as `require` does. */
export function requirePackage(name: string): unknown {
  try {
    return requireFrom(location())(name);
  } catch (error) {
    const other = isBundled() ? installed().root : undefined;
    if (other === undefined || (error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error;
    return requireFrom(new URL(SELF, other))(name);
  }
}

const loaded = new Map<string, unknown>();

/**
 * Loads a dependency that is no module, and that some bundles cannot have inside therefore. Once it is loaded it needs no
 * file any more, as with `import`.
 */
export function requireOwn(name: string): unknown {
  if (!loaded.has(name)) loaded.set(name, requireFrom(packageFile(SELF))(name));
  return loaded.get(name);
}

/** Where this code is; some bundles have no address, but the name of their file. */
function location(): string {
  if (typeof import.meta.url === 'string') return import.meta.url;
  return pathToFileURL(typeof __filename === 'string' ? __filename : (process.argv[1] ?? process.execPath)).href;
}

const isOwnPlace = (): boolean => location().endsWith(`/${SELF}`);

/** webpack has a file say where it lay when it was bundled, which may be another machine. */
const isBundled = (): boolean => !isOwnPlace() || typeof __webpack_require__ !== 'undefined';

function find(): URL {
  const own = new URL(ABOVE, location());
  if (!isBundled()) return own;
  if (isOwnPlace() && existsSync(new URL(SELF, own))) return own;
  const { root, other } = installed();
  if (root !== undefined) return root;
  throw new MissingDependencyError('what needs the files of the package', 'offstage', howToLeaveItOut(other), {});
}

/** The package beside the bundle, the program's main file or an executable; `other`: one of another version. */
function installed(): { root?: URL; other?: string } {
  let other: string | undefined;
  for (const from of [location(), process.argv[1], process.execPath]) {
    const file = from === undefined ? undefined : manifestFrom(from);
    if (file === undefined) continue;
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    if (version === VERSION) return { root: pathToFileURL(`${dirname(file)}/`) };
    other ??= version;
  }
  return other === undefined ? {} : { other };
}

function manifestFrom(file: string): string | undefined {
  try {
    return requireFrom(file).resolve('offstage/package.json');
  } catch {
    return undefined;
  }
}

function howToLeaveItOut(other: string | undefined): string {
  const [at, found] = [
    location(),
    other === undefined ? '' : `, and what is installed beside it is version ${other}, not ${VERSION}`,
  ];
  const bundle = at.startsWith('file:') ? fileURLToPath(at) : at;
  return (
    `it was bundled (${bundle})${found}. Mark it as external and install it where the bundle runs: npm install ` +
    `offstage@${VERSION}. esbuild: --external:offstage; webpack: externals: { offstage: 'import offstage' }; ` +
    `Vite: build.rollupOptions.external: ['offstage'], or ssr.external`
  );
}

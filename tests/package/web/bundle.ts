/** Bundles what a web page imports, as bundlers do it: by the conditions of browsers, and with nothing of Node's. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../../js/root.ts';

type Conditions = string | { readonly [condition: string]: Conditions };

interface Manifest {
  exports: Record<string, Conditions>;
  imports?: Record<string, Conditions>;
}

/** What of rollup is used; it is outside of the checkout. */
interface Rollup {
  rollup(options: object): Promise<{
    watchFiles: readonly string[];
    generate(options: object): Promise<{ output: readonly [{ code: string }] }>;
  }>;
}

/** The conditions that bundlers know when they make something for browsers. */
const BROWSER = ['browser', 'module', 'import', 'default'];

function targetOf(conditions: Conditions): string | undefined {
  if (typeof conditions === 'string') return conditions;
  for (const [condition, inner] of Object.entries(conditions)) {
    const found = BROWSER.includes(condition) ? targetOf(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function fileOf(folder: string, paths: Record<string, Conditions> | undefined, name: string): string {
  const target = targetOf(paths?.[name] ?? {});
  if (target === undefined) throw new Error(`${name} of ${folder} leads nowhere in a browser`);
  return join(folder, target);
}

/** Finds what is imported by name: own imports, the package itself, its dependencies. Refuses modules of Node. */
const resolver = (folder: string) => ({
  name: 'as-browsers',
  resolveId(id: string): string | null {
    if (isBuiltin(id)) throw new Error(`imports ${id}`);
    if (/^[./\0]/.test(id)) return null;
    if (id.startsWith('#')) return fileOf(folder, manifestIn(folder).imports, id);
    const [, name = '', path = ''] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(id) ?? [];
    const from = name === 'offstage' ? folder : join(ROOT, 'node_modules', name);
    return fileOf(from, manifestIn(from).exports, `.${path}`);
  },
});

export interface Bundled {
  /** A script that leaves what it exports in the variable `offstage`. */
  code: string;
  /** The files that are in it. */
  files: readonly string[];
}

/** Bundles an entry of the package in `folder`. Rejects when something of Node's is imported, at once or later. */
export async function bundleForWeb(folder: string, entry: string): Promise<Bundled> {
  const tools = execFileSync(join(ROOT, 'scripts', 'setup'), ['--bundlers'], { encoding: 'utf8' }).trim();
  const { rollup }: Rollup = createRequire(join(tools, 'package.json'))('rollup');
  const input = fileOf(folder, manifestIn(folder).exports, entry);
  const bundle = await rollup({ input, plugins: [resolver(folder)], treeshake: { moduleSideEffects: false } });
  const { output } = await bundle.generate({ format: 'iife', name: 'offstage', inlineDynamicImports: true });
  return { code: output[0].code, files: bundle.watchFiles };
}

/** Programs that use the package, compiled as people compile theirs: compiler × module × library × platform. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { within } from '../../waiting.js';
import { FIXTURES, type Project } from '../tarball.ts';
import { COMPILERS, type Compiler, compilers, NODE_TYPES } from './compilers.ts';

/** One way to compile. */
export interface Way {
  compiler: Compiler;
  /** `module` and `moduleResolution`. */
  module: string;
  lib: string;
  /** Where the names of the platform come from: nowhere, the types of browsers, or those of a Node. */
  platform: 'none' | 'dom' | `node ${(typeof NODE_TYPES)[number]}`;
}

const MODULES = ['node16/node16', 'nodenext/nodenext', 'esnext/bundler'];
const LIBS = ['es2022', 'es2023', 'es2024', 'esnext'];
const PLATFORMS: Way['platform'][] = ['none', 'dom', ...NODE_TYPES.map((version) => `node ${version}` as const)];

/** The compilers that do not know this library yet. */
const LACKS: Record<string, readonly Compiler[]> = { es2024: ['5.2', '5.4'] };

export const ALL: readonly Way[] = COMPILERS.flatMap((compiler) =>
  MODULES.flatMap((module) =>
    LIBS.filter((lib) => !LACKS[lib]?.includes(compiler)).flatMap((lib) =>
      PLATFORMS.map((platform) => ({ compiler, module, lib, platform })),
    ),
  ),
);

/** The ends of the range: what is between them is `npm run types`. */
export const SHORT = ALL.filter(
  ({ compiler, module, lib, platform }) =>
    (compiler === '5.2' || compiler === '7') &&
    module !== 'node16/node16' &&
    lib === 'es2022' &&
    (platform === 'none' || platform === 'node 20'),
);

export const nameOf = ({ compiler, module, lib, platform }: Way): string =>
  `TypeScript ${compiler}, ${module}, ${lib}, ${platform === 'none' ? 'no platform' : platform}`;

/** What a documented snippet may use that is not everywhere. */
const BEYOND: Record<string, RegExp> = { none: /node:|new URL|AbortSignal|agent/, dom: /node:|setImmediate/ };

/** Puts the programs into a project, as the compilers find them. */
export function placePrograms(project: Project): void {
  mkdirSync(join(project.folder, 'types'));
  cpSync(join(FIXTURES, 'types'), join(project.folder, 'types'), { recursive: true });
  // In folders of their own: what they declare is theirs.
  for (const [from, to] of [
    ['.', 'recipes-of-docs'],
    ['runner', 'runner-of-docs'],
  ] as const) {
    mkdirSync(join(project.folder, to));
    for (const file of readdirSync(join(FIXTURES, from)).filter((name) => name.endsWith('.ts'))) {
      cpSync(join(FIXTURES, from, file), join(project.folder, to, file));
    }
  }
  for (const version of NODE_TYPES) {
    const roots = join(project.folder, `node-${version}`);
    mkdirSync(roots);
    symlinkSync(join(compilers(), 'node_modules', `node-types-${version}`), join(roots, 'node'));
  }
}

/** Compiles all programs; answers what the compiler says, nothing when all is as it should be. */
export async function complaints(project: Project, { compiler, module, lib, platform }: Way): Promise<string> {
  const [kind, resolution] = module.split('/') as [string, string];
  const tsc = join(compilers(), 'node_modules', `typescript-${compiler}`, 'bin', 'tsc');
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false'];
  const options = ['--noEmit', '--target', 'es2022', '--module', kind, '--moduleResolution', resolution];
  const version = platform.startsWith('node ') ? platform.slice('node '.length) : undefined;
  const types =
    version === undefined
      ? ['--typeRoots', join(project.folder, 'none')]
      : ['--typeRoots', join(project.folder, `node-${version}`), '--types', 'node'];
  const libs = ['--lib', platform === 'dom' ? `${lib},dom,dom.iterable` : lib];
  const args = [tsc, ...strict, ...options, ...types, ...libs, ...programs(project, platform)];
  return said(process.execPath, args, project.folder);
}

function programs(project: Project, platform: Way['platform']): string[] {
  const all = readdirSync(project.folder, { recursive: true, encoding: 'utf8' });
  const wanted = /^(types|recipes-of-docs|runner-of-docs)\/[^/]+\.m?ts$/;
  const fits = (file: string): boolean =>
    file.endsWith('.d.ts')
      ? platform === 'none'
      : !BEYOND[platform]?.test(readFileSync(join(project.folder, file), 'utf8'));
  return all.filter((file) => wanted.test(file) && fits(file));
}

function said(command: string, args: readonly string[], cwd: string): Promise<string> {
  const output = new Promise<string>((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.on('close', (code, signal) => resolve(code === 0 ? '' : text || `ended with ${signal ?? code}`));
  });
  return within(output, { what: `the end of ${command} ${args.join(' ')}`, patience: 600_000 });
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import posix from 'node:path/posix';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { VERSION } from '#offstage/platform/package.js';
import { ROOT } from '../js/root.ts';
import { files, manifest, read, tarball, unpacked } from './unpacked.ts';

/** What is no module, types or wasm. */
const TEXTS = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'sbom.cdx.json'];
const MAY_BE = ['SKILL.md', 'llms.txt'];
const KINDS =
  /\.js(\.map)?$|^cli\/(parts\/)?[\w-]+\.cjs$|^(index|otel|runner)\.d\.ts$|^core\/pkg\/\w+\.wasm$|^docs\/[\w./-]+\.(md|svg|png)$/;

test('the tarball holds only modules, their maps and types, the wasm and the texts', () => {
  const strange = files.filter((file) => !KINDS.test(file) && ![...TEXTS, ...MAY_BE].includes(file));
  assert.deepEqual(strange, []);
  for (const file of [...TEXTS, 'index.js', 'index.d.ts', 'cli/offstage.cjs', 'cli/background.cjs', 'docs/CLI.md']) {
    assert.ok(files.includes(file), `${file} is missing`);
  }
});

test('every module comes from a source file, or is generated glue', () => {
  const modules = files.filter((file) => file.endsWith('.js') && !/^(core\/pkg|platform\/inside)\//.test(file));
  const orphans = modules.filter((file) => !existsSync(join(ROOT, 'js', file.replace(/\.js$/, '.ts'))));
  assert.deepEqual(orphans, []);
});

test('every module that another one imports is there', () => {
  const own = files.filter((file) => /\.c?js$/.test(file));
  const missing = own.flatMap((file) => {
    const hits = read(file).matchAll(/(?:\bfrom|\bimport\(?|\brequire\(|new URL\()\s*'(\.[^']+)'/g);
    const paths = [...hits].map(([, path = '']) => posix.join(posix.dirname(file), path));
    return paths.filter((path) => !files.includes(path)).map((path) => `${file} imports ${path}`);
  });
  assert.deepEqual(missing, []);
});

test('every file that is named by its path in the package is there, and so is what its own imports lead to', () => {
  const named = files
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => [...read(file).matchAll(/\bpackageFile\('([^']+)'\)/g)].map(([, path = '']) => path));
  assert.ok(named.length >= 6, named.join());
  const targets = targetsOf(JSON.parse(read('package.json')).imports);
  assert.ok(targets.length >= 3, targets.join());
  assert.deepEqual(
    [...named, ...targets].filter((path) => !files.includes(path)),
    [],
  );
});

/** Every file that conditions lead to. */
const targetsOf = (conditions: string | object): string[] =>
  typeof conditions === 'string' ? [conditions.replace('./', '')] : Object.values(conditions).flatMap(targetsOf);

for (const form of ['for-node', 'for-web']) {
  test(`the wasm that bundles and pages have inside is that of the file: ${form}`, async () => {
    const { runnerWasm } = await import(pathToFileURL(join(unpacked, `platform/inside/${form}.js`)).href);
    assert.deepEqual(Buffer.from(runnerWasm()), readFileSync(join(unpacked, 'core/pkg/offstage_runner_bg.wasm')));
  });
}

test('the code knows the version of its manifest: a bundle takes no other one that lies beside it', () => {
  assert.equal(VERSION, manifest.version);
});

test('a file that the command line looks for beside a module is where that module is', () => {
  const found = files
    .filter((file) => file.endsWith('.cjs'))
    .flatMap((file) =>
      [...read(file).matchAll(/join\(__dirname, ["']([^"']+)["']\)/g)].map(([, path = '']) =>
        posix.join(posix.dirname(file), path),
      ),
    );
  assert.ok(found.length >= 2, `${found}`);
  assert.deepEqual(
    found.filter((path) => !files.includes(path)),
    [],
  );
});

test('the package has no script, so nothing runs when it is installed', () => {
  assert.equal(manifest.scripts, undefined);
  assert.ok(!files.some((file) => /binding\.gyp$/.test(file)), 'npm would run node-gyp');
});

test('the bins are executable and say what runs them', () => {
  for (const bin of Object.values(manifest.bin)) {
    assert.ok(read(bin).startsWith('#!/usr/bin/env node\n'), `${bin} has no first line for the shell`);
    assert.equal(statSync(join(unpacked, bin)).mode & 0o111, 0o111, `${bin} is not executable`);
  }
  assert.deepEqual(Object.keys(manifest.bin), ['offstage', 'background']);
});

/** Bytes, gzipped, that each file may have: what there are, and one in a hundred more. An app with both loads the sum. */
const MOST: Record<string, number> = {
  'core/pkg/offstage_core_bg.wasm': 71_300,
  'core/pkg/offstage_runner_bg.wasm': 96_400,
};

test('there are two wasm files, no larger than is said, each and in sum', (t) => {
  const wasm = files.filter((file) => file.endsWith('.wasm')).sort();
  assert.deepEqual(wasm, Object.keys(MOST));
  const sizes = wasm.map((file) => gzipSync(readFileSync(join(unpacked, file)), { level: 9 }).length);
  const sum = sizes.reduce((a, b) => a + b);
  t.diagnostic(`gzipped: ${wasm.map((file, at) => `${file} ${sizes[at]}`).join(', ')}, sum ${sum} bytes`);
  for (const [at, bytes] of sizes.entries()) {
    const [file = '', most = 0] = Object.entries(MOST)[at] ?? [];
    assert.ok(bytes > 1000, `${file}: ${bytes} bytes cannot be the core`);
    assert.ok(
      bytes <= most,
      `${file}: ${bytes} bytes, ${most} may be; whoever needs more says so here and in PERFORMANCE.md`,
    );
  }
});

/** Bytes: Node reads and compiles all of it for each look at a task. It is what there is, and one in a hundred more. */
const MOST_OF_A_LOOK = 212_300;

test('the file that every look at a task reads is no larger than is said', () => {
  const bytes = statSync(join(unpacked, 'cli/look.cjs')).size;
  assert.ok(bytes > 100_000, `${bytes} bytes cannot be all that a look needs`);
  const most = MOST_OF_A_LOOK;
  assert.ok(bytes <= most, `${bytes} bytes, ${most} may be: name what is seldom needed in scripts/bundle/seldom.json`);
});

test('no file says where it was built', () => {
  for (const file of files) {
    const text = readFileSync(join(unpacked, file), 'latin1');
    assert.ok(!text.includes(`${ROOT}/`), `${file} names the checkout`);
    assert.ok(!/\/\.cargo\/|\/rustup\//.test(text), `${file} names a folder of the Rust tools`);
  }
});

/** The packages that a text imports, statically, dynamically or by `requirePackage`. */
function imported(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, ''); // examples in documentation comments import the package itself
  const hits = code.matchAll(
    /(?:\bfrom|\bimport\(?|[rR]equire\(import\.meta\.url\)\(|\brequire(?:Package|Own)?\()\s*['"](@?[a-z0-9][^'"]*)['"]/g,
  );
  const names = [...hits].map((hit) => (hit[1] ?? '').match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? '');
  return names.filter((name) => !name.startsWith('node:') && !builtinModules.includes(name));
}

test('the declared dependencies are exactly those that the package imports', () => {
  const used = new Set(files.filter((file) => /\.(c?js|d\.ts)$/.test(file)).flatMap((file) => imported(read(file))));
  const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  assert.deepEqual([...used].sort(), declared.sort());
});

test('the reader of imports sees every form', () => {
  const text = `import a from 'a';\nexport * from "@b/c/d";\nimport 'e';\nawait import('f');
    createRequire(import.meta.url)('@g/h'); import './own.js'; import fs from 'node:fs'; /* import 'no' */`;
  assert.deepEqual(imported(text), ['a', '@b/c', 'e', 'f', '@g/h']);
});

test('published versions are those that the tests ran with', () => {
  const workspace = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.equal(manifest.version, workspace.version);
  for (const group of ['dependencies', 'peerDependencies'] as const) {
    for (const [name, range] of Object.entries(manifest[group])) {
      assert.equal(workspace.devDependencies[name], range, `${name} in pkg-template/package.json and package.json`);
    }
  }
});

test('publint has nothing to say', () => {
  const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/publint'), ['run', tarball, '--strict'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /All good/);
});

test('attw finds every entry, with types, for ESM in Node and for bundlers', () => {
  // `esm-only` leaves out what is absent on purpose: a CommonJS twin, and resolution as before Node had `exports`.
  const args = [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'json'];
  const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/attw'), args, { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
  const { analysis } = JSON.parse(stdout) as { analysis: { problems: { kind: string; resolutionKind?: string }[] } };
  const problems = analysis.problems.filter(({ resolutionKind }) => resolutionKind !== 'node16-cjs');
  assert.deepEqual(problems, []);
});

test('a CommonJS module can require it, without a warning', () => {
  const code =
    "const { openBackground, TaskError } = require('offstage'); console.log(typeof openBackground, TaskError.name)";
  const packages = join(dirname(unpacked), 'node_modules');
  cpSync(unpacked, join(packages, 'offstage'), { recursive: true });
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(packages, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(packages, name));
  }
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], { cwd: dirname(packages), encoding: 'utf8' });
  assert.deepEqual([stdout, stderr], ['function TaskError\n', '']);
});

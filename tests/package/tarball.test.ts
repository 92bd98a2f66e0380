import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../js/root.ts';
import { packInto } from './tarball.ts';

const folder = mkdtempSync(join(tmpdir(), 'offstage-tarball-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const tarball = packInto(folder);
execFileSync('tar', ['-xzf', tarball, '-C', folder]);
const unpacked = join(folder, 'package');
const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter((file) =>
  statSync(join(unpacked, file)).isFile(),
);
const read = (file: string) => readFileSync(join(unpacked, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>;

test('the tarball holds only modules, their types, the wasm and the four texts', () => {
  const texts = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
  const strange = files.filter((file) => !/\.(js|d\.ts)$|^core\/pkg\/\w+\.wasm$/.test(file) && !texts.includes(file));
  assert.deepEqual(strange, []);
  for (const file of [...texts, 'index.js', 'index.d.ts', 'cli/bin.js', 'cli/background.js']) {
    assert.ok(files.includes(file), `${file} is missing`);
  }
});

test('every module comes from a source file, or is generated glue', () => {
  const orphans = files.filter((file) => {
    if (!/\.(js|d\.ts)$/.test(file) || file.startsWith('core/pkg/')) return false;
    return !existsSync(join(ROOT, 'js', file.replace(/(\.d)?\.(js|ts)$/, '.ts')));
  });
  assert.deepEqual(orphans, []);
});

test('the package has no script, so nothing runs when it is installed', () => {
  assert.equal(manifest.scripts, undefined);
  assert.ok(!files.some((file) => /binding\.gyp$/.test(file)), 'npm would run node-gyp');
});

test('the bins are executable and say what runs them', () => {
  for (const bin of Object.values(manifest.bin ?? {})) {
    assert.ok(read(bin).startsWith('#!/usr/bin/env node\n'), `${bin} has no first line for the shell`);
    assert.equal(statSync(join(unpacked, bin)).mode & 0o111, 0o111, `${bin} is not executable`);
  }
  assert.deepEqual(Object.keys(manifest.bin ?? {}), ['offstage', 'background']);
});

test('there are two wasm files, each at most 100 KB gzipped', (t) => {
  const wasm = files.filter((file) => file.endsWith('.wasm')).sort();
  assert.deepEqual(wasm, ['core/pkg/offstage_core_bg.wasm', 'core/pkg/offstage_runner_bg.wasm']);
  for (const file of wasm) {
    const bytes = gzipSync(readFileSync(join(unpacked, file)), { level: 9 }).length;
    t.diagnostic(`${file}: ${bytes} bytes gzipped`);
    assert.ok(bytes > 1000, `${file}: ${bytes} bytes cannot be the core`);
    assert.ok(bytes <= 100 * 1024, `${file}: ${bytes} bytes`);
  }
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
  const used = new Set(files.filter((file) => /\.(js|d\.ts)$/.test(file)).flatMap((file) => imported(read(file))));
  const declared = [...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.peerDependencies ?? {})];
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
  for (const group of ['dependencies', 'peerDependencies']) {
    for (const [name, range] of Object.entries(manifest[group] ?? {})) {
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

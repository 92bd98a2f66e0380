/** The list of what is inside: complete for both halves, with checksums and licences, and nothing of the machine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { cached } from './cache.ts';
import { Project } from './tarball.ts';
import { manifest, read } from './unpacked.ts';

interface Component {
  purl: string;
  name: string;
  version: string;
  scope: 'required' | 'optional';
  hashes?: { content: string }[];
  licenses?: { expression: string }[];
}
const sbom = JSON.parse(read('sbom.cdx.json')) as {
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
  metadata: { component: { purl: string } };
};
const purls = sbom.components.map(({ purl }) => purl);

test('it is a valid CycloneDX document', async () => {
  const wanted = ['@cyclonedx/cyclonedx-library@10', 'ajv@8', 'ajv-formats@3', 'ajv-formats-draft2019@1'];
  const code = `import { Validation, Spec } from '@cyclonedx/cyclonedx-library';
    const text = await new Response(process.stdin).text();
    const problem = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
    console.log(JSON.stringify(problem));`;
  const validate = (input: string) => {
    const args = ['--input-type=module', '-e', code];
    return execFileSync(process.execPath, args, { cwd: cached('cyclonedx', wanted), input, encoding: 'utf8' }).trim();
  };
  assert.equal(validate(read('sbom.cdx.json')), 'null');
  assert.notEqual(validate(JSON.stringify({ ...sbom, planted: true })), 'null', 'the check cannot fail');
});

test('every package that an install brings is in it, and what always comes is required', () => {
  const project = new Project();
  try {
    const lock = JSON.parse(readFileSync(join(project.folder, 'package-lock.json'), 'utf8'));
    const installed = Object.keys(lock.packages)
      .map((folder) => folder.split('node_modules/').at(-1) ?? '')
      .filter((name) => !['', 'offstage', '@types/node', 'undici-types'].includes(name));
    const listed = new Set(sbom.components.map(({ purl }) => nameOf(purl)));
    assert.deepEqual(
      installed.filter((name) => !listed.has(name)),
      [],
    );
    for (const name of Object.keys(manifest.dependencies)) {
      const component = sbom.components.find(({ purl }) => nameOf(purl) === name);
      assert.equal(component?.scope, 'required', name);
    }
    for (const { purl, scope } of sbom.components) {
      if (!purl.startsWith('pkg:npm/')) continue;
      if (scope === 'required') assert.ok(installed.includes(nameOf(purl)), `${purl} is no part of an install`);
    }
  } finally {
    project.remove();
  }
});

const nameOf = (purl: string): string => decodeURIComponent(/^pkg:npm\/(.+)@/.exec(purl)?.[1] ?? '');

interface CrateNeed {
  name: string;
  kind: string | null;
  target: string | null;
}

/** What Cargo.toml asks for where the core is compiled to wasm. */
function cratesAskedFor(): string[] {
  const args = ['metadata', '--locked', '--no-deps', '--format-version', '1'];
  const { packages } = JSON.parse(execFileSync('cargo', args, { cwd: ROOT, encoding: 'utf8' }));
  const needs = packages[0].dependencies as CrateNeed[];
  const isForWasm = ({ kind, target }: CrateNeed) =>
    kind === null && (target === null || target === 'cfg(target_arch = "wasm32")');
  return needs.filter(isForWasm).map(({ name }) => name);
}

test('every crate that the wasm is compiled of is in it, and what it needs, as Cargo.lock has them', () => {
  const lock = readFileSync(join(ROOT, 'Cargo.lock'), 'utf8');
  const crates = sbom.components.filter(({ purl }) => purl.startsWith('pkg:cargo/'));
  const own = sbom.dependencies.find(({ ref }) => ref.startsWith('pkg:cargo/offstage-core@'));
  const asked = cratesAskedFor();
  assert.ok(asked.includes('wasm-bindgen') && !asked.includes('tokio'), `${asked}`);
  for (const name of asked)
    assert.ok(
      own?.dependsOn.some((ref) => ref.startsWith(`pkg:cargo/${name}@`)),
      name,
    );
  for (const { name, version } of crates) assert.ok(lock.includes(`name = "${name}"\nversion = "${version}"`), name);
  assert.ok(crates.length > 15, `only ${crates.length}`);
  for (const name of ['tokio', 'shuttle', 'getrandom']) assert.ok(!crates.some((crate) => crate.name === name), name);
});

test('each has a checksum, a licence, and what it needs', () => {
  const own = sbom.metadata.component.purl;
  for (const { purl, hashes, licenses } of sbom.components) {
    const isOwn = purl.startsWith('pkg:cargo/offstage-core@');
    if (!isOwn) assert.match(hashes?.[0]?.content ?? '', /^([0-9a-f]{64}|[0-9a-f]{128})$/, purl);
    assert.match(licenses?.[0]?.expression ?? '', /\w/, purl);
  }
  const refs = new Set([own, ...purls]);
  for (const { ref, dependsOn } of sbom.dependencies) {
    for (const need of [ref, ...dependsOn]) assert.ok(refs.has(need), `${ref} needs ${need}, which is not listed`);
  }
  assert.equal(sbom.dependencies.length, refs.size);
});

test('it says nothing of time, machine or registry', () => {
  const text = read('sbom.cdx.json');
  for (const word of ['timestamp', 'serialNumber', 'file:', 'path+', 'registry', '"url"', ROOT]) {
    assert.ok(!text.includes(word), word);
  }
});

// Prints what the package consists of beside its own code, as a CycloneDX document: the npm packages that are installed with it,
// in the versions of package-lock.json that the tests ran with, and the crates that are compiled into the wasm, as Cargo.lock
// pins them. It says nothing of time, machine or registry: equal lock files give equal bytes.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const byText = (a, b) => (a < b ? -1 : Number(a > b));
const npmRef = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`;
const crateRef = (name, version) => `pkg:cargo/${name}@${version}`;

/** Where Node finds a package from another one's folder, as package-lock.json names folders. */
function folderOf(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    const folder = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (folder in packages) return folder;
    if (at === '') return undefined;
  }
}

/** All npm packages that may be installed with this one: component by reference, `scope` says whether they always are. */
function npmPackages({ dependencies = {}, peerDependencies = {} }) {
  const { packages } = read('package-lock.json');
  const found = new Map();
  const visit = (from, name, scope) => {
    const folder = folderOf(packages, from, name);
    if (folder === undefined) throw new Error(`package-lock.json has no ${name} for ${from || 'the package'}`);
    const locked = packages[folder];
    const ref = npmRef(name, locked.version);
    const known = found.get(ref);
    if (known !== undefined && (known.component.scope === 'required' || scope === 'optional')) return ref;
    const entry = { component: npmComponent(ref, name, locked, scope), needs: [] };
    found.set(ref, entry);
    const { dependencies = {}, optionalDependencies = {} } = locked;
    for (const need of Object.keys(dependencies)) entry.needs.push(visit(folder, need, scope));
    for (const need of Object.keys(optionalDependencies)) entry.needs.push(visit(folder, need, 'optional'));
    return ref;
  };
  const needs = Object.keys(dependencies).map((name) => visit('', name, 'required'));
  needs.push(...Object.keys(peerDependencies).map((name) => visit('', name, 'optional'))); // all of them are optional
  return { found, needs };
}

function npmComponent(ref, fullName, { version, license, integrity }, scope) {
  const [name, group] = fullName.split('/').reverse();
  const content = integrity && Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  return {
    type: 'library',
    'bom-ref': ref,
    ...(group === undefined ? {} : { group }),
    name,
    version,
    scope,
    ...(content ? { hashes: [{ alg: 'SHA-512', content }] } : {}),
    ...licensed(license),
    purl: ref,
  };
}

const licensed = (expression) => (expression ? { licenses: [{ expression: expression.replaceAll('/', ' OR ') }] } : {});

/** The crate of the core, and all that are compiled into it; macros among them, whose output is. */
function crates() {
  const target = ['--target', 'wasm32-unknown-unknown', '--edges', 'normal'];
  const shape = ['--prefix', 'depth', '--no-dedupe', '--format', '{p}|{l}'];
  const tree = execFileSync('cargo', ['tree', '--locked', ...target, ...shape], { encoding: 'utf8' });
  const checksums = checksumsOf(readFileSync('Cargo.lock', 'utf8'));
  const found = new Map();
  const above = []; // whom a line's crate is needed by, by depth
  for (const [, depth, name, version, license] of tree.matchAll(/^(\d+)(\S+) v(\S+).*\|(.*)$/gm)) {
    const ref = crateRef(name, version);
    if (!found.has(ref))
      found.set(ref, { component: crateComponent(ref, name, version, license, checksums), needs: [] });
    above.length = Number(depth);
    if (above.length > 0) found.get(above.at(-1)).needs.push(ref);
    above.push(ref);
  }
  return { found, root: found.keys().next().value };
}

function crateComponent(ref, name, version, license, checksums) {
  const content = checksums.get(`${name} ${version}`);
  const hashes = content === undefined ? {} : { hashes: [{ alg: 'SHA-256', content }] };
  const about = { type: 'library', 'bom-ref': ref, name, version, scope: 'required' };
  return { ...about, ...hashes, ...licensed(license), purl: ref };
}

/** Checksum by name and version. */
function checksumsOf(lock) {
  const entries = lock.matchAll(/name = "(.+)"\nversion = "(.+)"\n(?:source = .+\n)?checksum = "(\w+)"/g);
  return new Map([...entries].map(([, name, version, checksum]) => [`${name} ${version}`, checksum]));
}

const published = read('pkg-template/package.json');
const ref = npmRef(published.name, published.version);
const npm = npmPackages(published);
const rust = crates();
const found = new Map([...npm.found, ...rust.found]);
const needs = new Map([[ref, [...npm.needs, rust.root]], ...[...found].map(([of, { needs }]) => [of, needs])]);
const document = {
  $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: {
    component: {
      type: 'library',
      'bom-ref': ref,
      name: published.name,
      version: published.version,
      ...licensed(published.license),
      purl: ref,
    },
  },
  components: [...found.values()].map(({ component }) => component).sort((a, b) => byText(a.purl, b.purl)),
  dependencies: [...needs]
    .map(([of, dependsOn]) => ({ ref: of, dependsOn: [...new Set(dependsOn)].sort(byText) }))
    .sort((a, b) => byText(a.ref, b.ref)),
};
console.log(JSON.stringify(document, undefined, 1));

/** What docs/COMING-FROM.md says of p-queue, p-limit and fastq, run with those packages in the versions that the bench has. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../../js/root.ts';
import { examplesOf } from '../examples.ts';
import { Project } from '../tarball.ts';
import { blocksOf } from './blocks.ts';
import { STRICT, TSC } from './folder.ts';

const EXAMPLES = examplesOf('docs/COMING-FROM.md');
const OUTPUTS = new Map(
  blocksOf('docs/COMING-FROM.md').flatMap(({ mark, said, code }) => (mark === 'output' ? [[said, code] as const] : [])),
);
const NAMES = ['counts', 'failure', 'timeout'];
const PEERS = ['p-queue', 'p-limit', 'fastq'];
let project: Project;

before(() => {
  project = new Project();
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'bench/package.json'), 'utf8'));
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const wanted = PEERS.map((name) => `${name}@${dependencies[name]}`);
  execFileSync('npm', ['install', ...quiet, ...wanted], {
    cwd: project.folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const name of NAMES) project.write(`${name}.ts`, EXAMPLES.get(name) ?? '');
  const compiled = project.run(TSC, [...STRICT, '--skipLibCheck', ...NAMES.map((name) => `${name}.ts`)]);
  assert.equal(compiled.code, 0, compiled.stdout);
});
after(() => project?.remove());

test('there is no example beside those that are run here', () => {
  assert.deepEqual([[...EXAMPLES.keys()].sort(), [...OUTPUTS.keys()].sort()], [NAMES, NAMES]);
});

for (const name of NAMES) {
  test(`${name}: it prints what the page says`, () => {
    const { code, stdout, stderr } = project.run(process.execPath, [`${name}.js`]);
    assert.deepEqual([code, stdout, stderr], [0, OUTPUTS.get(name), '']);
  });
}

/** Every link of every text: relative ones lead somewhere, external ones are https and were looked at once. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { anchorsOf, brokenLinks, filesBelow, isExternal, linksOf } from './links.ts';
import { files, unpacked } from './unpacked.ts';

const documents = filesBelow(ROOT, /\.md$|^(llms\.txt|TEMPLATE\.yaml)$/);

/** Where texts may lead to. A new one is looked at by whoever adds it; CI reaches nothing but the package registries. */
const LOOKED_AT = new Set([
  'https://bunqueue.dev/faq/',
  'https://bunqueue.dev/guide/stall-detection/',
  'https://docs.bullmq.io',
  'https://docs.bullmq.io/guide/jobs/stalled',
  'https://docs.bullmq.io/guide/postgresql',
  'https://docs.bullmq.io/guide/relay/examples/cancelling-jobs-on-other-workers',
  'https://github.com/Nukesor/pueue',
  'https://github.com/sindresorhus/p-queue',
  'https://mastra.ai/docs/harness/background-tasks',
  'https://mastra.ai/docs/server/pubsub',
  'https://standardschema.dev',
  'https://trigger.dev/docs/runs',
  'https://trigger.dev/docs/self-hosting/overview',
  'https://trigger.dev/docs/wait-for-token',
]);

test('every relative link and anchor leads somewhere in the repository', () => {
  const names = documents.map((document) => relative(ROOT, document));
  for (const name of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/CLI.md'])
    assert.ok(names.includes(name), name);
  assert.deepEqual(
    documents.flatMap((document) => brokenLinks(ROOT, document)),
    [],
  );
});

test('every relative link and anchor of a text in the package leads somewhere in the package', () => {
  const texts = files.filter((file) => /\.md$|^llms\.txt$/.test(file));
  for (const name of ['README.md', 'CHANGELOG.md', 'docs/README.md']) assert.ok(texts.includes(name), name);
  assert.deepEqual(
    texts.flatMap((file) => brokenLinks(unpacked, join(unpacked, file))),
    [],
  );
});

test('every external link is https and was looked at, and none is on the list for nothing', () => {
  const found = documents.flatMap((document) => linksOf(readFileSync(document, 'utf8')).filter(isExternal));
  assert.deepEqual([...new Set(found)].sort(), [...LOOKED_AT].sort());
  assert.deepEqual(
    found.filter((link) => !link.startsWith('https://')),
    [],
  );
});

test('the checker sees every form of a link, and what each does not lead to', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-links-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, 'docs'));
  write('docs/A.md', '# One `two`: [three](B.md)!\n\n## Again\n\n## Again\n\n```\n# no heading\n[no](link.md)\n```\n');
  write(
    'README.md',
    `[a](docs/A.md) [b](docs/A.md#one-two-three "title") [c](docs/A.md#again-1) [d](#here) [e](docs)
<img src="gone.svg"> <a href='docs/A.md#no-heading'> \`[no](code.md)\` <!-- [no](comment.md) -->
[f]: docs/gone.md
[g](../outside.md) [h](docs/A.md#again-2) [i](docs#anchor) <http://old.example> [j](https://new.example/(x))

## Here
`,
  );
  const broken = [
    'gone.svg',
    'docs/A.md#no-heading',
    'docs/gone.md',
    '../outside.md',
    'docs/A.md#again-2',
    'docs#anchor',
  ];
  assert.deepEqual(
    brokenLinks(folder, join(folder, 'README.md')).sort(),
    broken.map((target) => `README.md: ${target}`).sort(),
  );
  assert.deepEqual(brokenLinks(folder, join(folder, 'docs/A.md')), ['docs/A.md: B.md']);
  assert.deepEqual(
    [...anchorsOf(readFileSync(join(folder, 'docs/A.md'), 'utf8'))],
    ['one-two-three', 'again', 'again-1'],
  );
  const external = linksOf(readFileSync(join(folder, 'README.md'), 'utf8')).filter(isExternal);
  assert.deepEqual(external.sort(), ['http://old.example', 'https://new.example/(x']);
});

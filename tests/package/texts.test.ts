/** The texts that people read: those of the repository, and every link in them leads somewhere in the package. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import posix from 'node:path/posix';
import { test } from 'node:test';
import { ROOT } from '../js/root.ts';
import { files, read, unpacked } from './unpacked.ts';

const OWN = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'SKILL.md', 'llms.txt'];

test('each text is the one of the repository, and none is left out', () => {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => `docs/${file}`);
  const kept = [...OWN, ...docs.filter((file) => file.endsWith('.md'))].filter((file) => existsSync(join(ROOT, file)));
  assert.ok(kept.length > 8, `only ${kept}`);
  for (const file of kept) assert.equal(read(file), readFileSync(join(ROOT, file), 'utf8'), file);
});

/** Where the links and pictures of a document lead, as written; code is no link. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const hits = prose.matchAll(
    /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s*(\S+)|\b(?:src|srcset|href)="([^"]+)"/gm,
  );
  return [...hits].map(([, inline, reference, html]) => inline ?? reference ?? html ?? '');
}

/** Relative links of a document that lead nowhere. */
function brokenIn(file: string, text: string): string[] {
  return linksOf(text).filter((link) => {
    if (/^([a-z]+:|#)/.test(link)) return false;
    const path = posix.join(posix.dirname(file), decodeURI(link.replace(/[#?].*$/, '')));
    return path.startsWith('..') || !existsSync(join(unpacked, path));
  });
}

test('every relative link of every text leads to a file of the package', () => {
  const texts = files.filter((file) => file.endsWith('.md'));
  const broken = texts.flatMap((file) => brokenIn(file, read(file)).map((link) => `${file}: ${link}`));
  assert.deepEqual(broken, []);
});

test('a link that leads nowhere is seen in every form', () => {
  const text = `[a](docs/none.md) ![b](docs/none.svg "title") <img src="none.png"> [c](../outside.md) [d](/none)
[e]: docs/none.txt
\`[no](code.md)\` [f](https://example.com/) [g](#here) [h](docs/CLI.md#list)
\`\`\`md
[no](code.md)
\`\`\``;
  const broken = ['docs/none.md', 'docs/none.svg', 'none.png', '../outside.md', '/none', 'docs/none.txt'];
  assert.deepEqual(brokenIn('README.md', text), broken);
});

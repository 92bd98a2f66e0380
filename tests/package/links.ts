/** The links of Markdown documents, and what they lead to. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const FENCE = /^( *)(```+|~~~+).*\n[\s\S]*?^\1\2[^\n]*$/gm;
const COMMENT = /<!--[\s\S]*?-->/g;
const CODE = /(`+)[\s\S]*?\1/g;
const INLINE = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/gm;
const BARE = /<(https?:[^>\s]+)>/g;
const HTML = /\b(?:href|src|srcset)=["']([^"'\s]+)["']/g;

/** What a document links to, as it is written; code and comments hold no links. */
export function linksOf(markdown: string): string[] {
  const text = markdown.replace(COMMENT, '').replace(FENCE, '').replace(CODE, '');
  return [INLINE, REFERENCE, BARE, HTML].flatMap((kind) => [...text.matchAll(kind)].map(([, target = '']) => target));
}

export const isExternal = (target: string): boolean => /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target);

/** The anchors of a document's headings, as GitHub makes them: a second one of a name ends in `-1`. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of markdown.replace(FENCE, '').matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const name = slug(heading);
    let anchor = name;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${name}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

const slug = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{Pc}\p{M} -]/gu, '')
    .replace(/ /g, '-');

/** Files below a folder whose name fits, but for what is installed or built. */
export function filesBelow(root: string, fits: RegExp): string[] {
  const entries = readdirSync(root, { withFileTypes: true }).filter(
    ({ name }) => !/^(\.|node_modules$|target$|dist$)/.test(name),
  );
  return entries.flatMap((entry) => {
    const path = join(root, entry.name);
    if (entry.isDirectory()) return filesBelow(path, fits);
    return fits.test(entry.name) ? [path] : [];
  });
}

/** What relative links of a document do not lead to: `FILE: TARGET`. Nothing above `root` counts. */
export function brokenLinks(root: string, document: string): string[] {
  const broken = linksOf(readFileSync(document, 'utf8')).filter(
    (target) => !isExternal(target) && !leads(root, document, target),
  );
  return broken.map((target) => `${relative(root, document)}: ${target}`);
}

function leads(root: string, document: string, target: string): boolean {
  const [path = '', anchor] = decodeURI(target).split('#');
  const to = path === '' ? document : join(dirname(document), path);
  if (relative(root, to).startsWith('..') || !existsSync(to)) return false;
  if (anchor === undefined) return true;
  return statSync(to).isFile() && anchorsOf(readFileSync(to, 'utf8')).has(anchor);
}

/** The fenced blocks of a document that are marked by a comment `<!-- example: NAME -->`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../js/root.ts';

const MARKED = /<!-- example: ([\w-]+) -->\n```\w+\n([\s\S]*?)\n```/g;

/** Text by name. */
export function examplesOf(document: string): Map<string, string> {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return new Map([...text.matchAll(MARKED)].map(([, name = '', code]) => [name, `${code}\n`]));
}

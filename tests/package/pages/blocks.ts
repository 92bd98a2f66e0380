/**
 * The fenced blocks of the documents, and what the comment before each says of it.
 *
 * | `<!-- … -->` | what is done with the block |
 * |---|---|
 * | `example: NAME` | a test of its own runs it, by `examplesOf` |
 * | `path: NAME …` | a step on a way that `paths.test.ts` goes |
 * | `output: NAME` | what that example prints, compared by its test |
 * | `file: PATH` | it is written to the page's folder; code is compiled, data parsed, a recipe's template validated |
 * | `run` or `run: exit N` | it is compiled where it is TypeScript, run in the page's folder, and ends with 0 or N |
 * | `prints` | a text: what the block before printed; `…` stands for anything |
 * | `answer of: COMMAND` | JSON that has the keys which the command's answer has |
 * | `parsed` | JSON or YAML that is only read |
 * | `not run: REASON` | nothing |
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../js/root.ts';

/** What is code or data, and so has to be marked; anything else is a picture. */
const RUNNABLE = /^(js|mjs|ts|mts|sh|bash|json|jsonc|yaml|yml|python|ini|dockerfile|toml|rust)$/;

export interface Block {
  page: string;
  /** Of its fence, from 1. */
  line: number;
  language: string;
  code: string;
  /** The word of its mark; empty when it has none. */
  mark: string;
  /** What stands after the mark's colon. */
  said: string;
}

const FENCED = /(?:<!-- ([a-z ]+)(?:: (.*?))? -->\n)?^```([^\n`]*)\n([\s\S]*?)^```$/gm;

/** All fenced blocks of a text, in order. */
export function blocksIn(page: string, text: string): Block[] {
  return [...text.matchAll(FENCED)].map((match) => {
    const [whole, mark = '', said = '', language = '', code = ''] = match;
    const fence = match.index + whole.indexOf('```');
    return { page, line: text.slice(0, fence).split('\n').length, language, code, mark, said };
  });
}

/** Every document that people read: the pages, and what stands beside them at the top. */
export const PAGES = [
  ...readdirSync(join(ROOT, 'docs')).map((file) => `docs/${file}`),
  ...['README.md', 'SKILL.md', 'llms.txt', 'SECURITY.md', 'SUPPORT.md', 'CONTRIBUTING.md', 'tests/contract/README.md'],
].filter((page) => /\.(md|txt)$/.test(page) && existsSync(join(ROOT, page)));

/** The marks of what a page's own folder does; the others are those of tests with a name. */
export const RUN_HERE = /^(file|run|prints|answer of|parsed)$/;

export const blocksOf = (page: string): Block[] => blocksIn(page, readFileSync(join(ROOT, page), 'utf8'));

const MARKS = /^(example|path|output|file|run|prints|answer of|parsed|not run)$/;

/** What is wrong with the marks of these blocks, a sentence each. */
export function unmarked(blocks: readonly Block[]): string[] {
  return blocks.flatMap(({ page, line, language, mark, said }) => {
    const where = `${page}:${line}`;
    if (mark !== '' && !MARKS.test(mark)) return [`${where}: no such mark as '${mark}'`];
    if (/^(example|path|output|file|answer of|not run)$/.test(mark) && said === '')
      return [`${where}: '${mark}' says nothing`];
    if (mark === '' && RUNNABLE.test(language)) return [`${where}: a block of ${language} without a mark`];
    return [];
  });
}

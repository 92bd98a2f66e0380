/**
 * The marked paths of a document: what somebody new types from `npm init` on, and what he sees. A fenced block belongs to
 * each path that a comment right above it names: `<!-- path: NAME -->` holds commands, `<!-- path: NAME file: FILE -->` the
 * content of a file that is made before any command. The block after the last commands is what these print on stdout.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../js/root.ts';

export interface Path {
  files: { name: string; text: string }[];
  /** Texts for a shell, in order. */
  blocks: string[];
  /** What the last of them prints. */
  output: string;
}

const BLOCK = /((?:<!-- path: .* -->\n)+)```\w*\n([\s\S]*?)\n```\n(?:\n```\w*\n([\s\S]*?)\n```\n)?/g;
const MARK = /<!-- path: (\w+)(?: file: (\S+))? -->/g;

export function pathsOf(document: string): Map<string, Path> {
  const paths = new Map<string, Path>();
  for (const [, marks = '', text = '', output] of readFileSync(join(ROOT, document), 'utf8').matchAll(BLOCK)) {
    for (const [, name = '', file] of marks.matchAll(MARK)) {
      const path = paths.get(name) ?? { files: [], blocks: [], output: '' };
      paths.set(name, path);
      if (file !== undefined) path.files.push({ name: file, text: `${text}\n` });
      else path.blocks.push(text);
      if (file === undefined && output !== undefined) path.output = `${output}\n`;
    }
  }
  return paths;
}

/** The commands of a path, without the lines that only go on with one. */
export const commandsOf = ({ blocks }: Path): string[] =>
  blocks.flatMap((block) => block.replaceAll('\\\n', '').split('\n')).filter((line) => /^[a-z]/.test(line));

/** What may differ from run to run: ids and ages. */
export const steady = (text: string): string =>
  text.replace(/\b(task_)?[0-9a-f]{8}(?:[0-9a-f]{24})?\b/g, '$1ID').replace(/ +(?:\d+[smhd] )+ago/g, ' AGE ago');

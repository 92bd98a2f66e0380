/** Counts files, lines and open TODOs of a source tree by language. See TEMPLATE.yaml for its input. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { countFile } from './count.mjs';
import { markdownOf } from './markdown.mjs';
import { filesBelow } from './walk.mjs';

export default async function codeReport(input, ctx) {
  const { signal } = ctx;
  const root = resolve(input.path);
  const { files, links, unreadable } = await filesBelow(root, new Set(input.ignore ?? []), signal);
  const counted = [];
  for (const [done, file] of files.entries()) {
    signal.throwIfAborted();
    ctx.progress(done / files.length, file);
    counted.push({ path: file, ...(await countFile(resolve(root, file), signal)) });
  }
  ctx.progress(1, `${files.length} files`);
  const gone = counted.filter(({ kind }) => kind === 'unreadable').map(({ path }) => path);
  const summary = summaryOf(counted, input.top ?? 10);
  const result = { path: root, ...summary, skipped: { links, unreadable: [...unreadable, ...gone] } };
  const markdown = markdownOf(result);
  if (input.report === undefined) return { ...result, markdown };
  const report = resolve(input.report);
  signal.throwIfAborted();
  await mkdir(dirname(report), { recursive: true });
  await writeFile(report, markdown, { signal });
  return { ...result, report, markdown };
}

function summaryOf(counted, top) {
  const texts = counted.filter(({ kind }) => kind === 'text');
  const languages = [...grouped(texts)].map(([language, files]) => ({
    language,
    files: files.length,
    lines: sum(files, 'lines'),
    todos: sum(files, 'todos'),
    bytes: sum(files, 'bytes'),
    largest: largestOf(files, top),
  }));
  return {
    files: texts.length,
    binary: counted.filter(({ kind }) => kind === 'binary').length,
    lines: sum(texts, 'lines'),
    todos: sum(texts, 'todos'),
    languages: languages.sort((a, b) => b.lines - a.lines || (a.language < b.language ? -1 : 1)),
    largest: largestOf(texts, top),
  };
}

function grouped(files) {
  const groups = new Map();
  for (const file of files) {
    if (!groups.has(file.language)) groups.set(file.language, []);
    groups.get(file.language).push(file);
  }
  return groups;
}

const sum = (files, key) => files.reduce((total, file) => total + file[key], 0);

/** By lines, then by bytes; the order does not depend on the file system's. */
function largestOf(files, top) {
  return [...files]
    .sort((a, b) => b.lines - a.lines || b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
    .slice(0, top)
    .map(({ path, language, lines, todos, bytes }) => ({ path, language, lines, todos, bytes }));
}

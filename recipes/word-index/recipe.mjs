/** Makes an index of the words of a text file. See TEMPLATE.yaml for its input. */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Letters and digits of any script, with apostrophes and hyphens inside. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;
const FIRST_LINES = 10;

export default async function wordIndex(input, ctx) {
  const path = resolve(input.path);
  const found = await stat(path);
  if (!found.isFile()) throw new Error(`path: ${path} is not a file`);
  const index = await indexOf(path, found.size, input.min_length ?? 1, ctx);
  const entries = [...index.words].map(([word, { count, lines }]) => ({ word, count, lines }));
  entries.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
  const result = {
    path,
    lines: index.lines,
    words: entries.reduce((total, { count }) => total + count, 0),
    distinct: entries.length,
    top: entries.slice(0, input.top ?? 20),
  };
  if (input.output === undefined) return result;
  const output = resolve(input.output);
  await writeIndex(output, entries, ctx);
  return { ...result, output };
}

async function indexOf(path, size, minLength, ctx) {
  const index = { lines: 0, words: new Map() };
  let told = 0;
  const stream = createReadStream(path, { signal: ctx.signal });
  for await (const line of linesOf(stream)) {
    ctx.signal.throwIfAborted();
    index.lines++;
    for (const [word] of line.toLowerCase().matchAll(WORD)) {
      if (word.length >= minLength) add(index.words, word, index.lines);
    }
    if (stream.bytesRead > told) {
      told = stream.bytesRead;
      ctx.progress(Math.min(1, told / size), `line ${index.lines}`);
    }
  }
  ctx.progress(1, `${index.lines} lines`);
  return index;
}

/**
 * The lines of a stream. Some versions of readline end quietly where the stream fails, others pass its error on, also when
 * nobody iterates any more: both are listened to for as long as the stream lives.
 */
async function* linesOf(stream) {
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  let failure;
  const fail = (error) => {
    failure ??= error;
  };
  lines.on('error', fail);
  stream.on('error', (error) => {
    fail(error);
    lines.close();
  });
  try {
    yield* lines;
    if (failure) throw failure;
  } finally {
    stream.destroy();
  }
}

function add(words, word, line) {
  const entry = words.get(word);
  if (entry === undefined) words.set(word, { count: 1, lines: [line] });
  else {
    entry.count++;
    if (entry.lines.length < FIRST_LINES && entry.lines.at(-1) !== line) entry.lines.push(line);
  }
}

/** Writes beside the place first: a reader never meets half an index, an abort leaves none. */
async function writeIndex(output, entries, { signal, taskId }) {
  const part = `${output}.${taskId}.part`;
  try {
    await pipeline(Readable.from(jsonLines(entries)), createWriteStream(part), { signal });
    await rename(part, output);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

function* jsonLines(entries) {
  for (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

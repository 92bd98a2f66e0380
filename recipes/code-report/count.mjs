/** Counts one file, piece by piece. */
import { createReadStream } from 'node:fs';
import { languageOf } from './languages.mjs';

const NEWLINE = 10;
const TODO = /\b(?:TODO|FIXME)\b/g;
const LONGER = 'FIXME'.length + 1;

/**
 * Lines, TODOs and bytes of a file with its language; `kind` is `text`, `binary` (a NUL byte in its first piece, as git
 * has it) or `unreadable`. A last line without a newline counts.
 */
export async function countFile(path, signal) {
  const count = { kind: 'text', lines: 0, todos: 0, bytes: 0 };
  let head;
  let last = NEWLINE;
  let word = '';
  try {
    for await (const piece of createReadStream(path, { signal })) {
      head ??= piece;
      if (head === piece && piece.includes(0)) return { kind: 'binary' };
      count.bytes += piece.length;
      count.lines += newlinesIn(piece);
      last = piece.at(-1);
      const text = word + piece.toString('latin1'); // the two words are ASCII, so no character can be cut
      word = lastWord(text);
      count.todos += todosIn(word.length < LONGER ? text.slice(0, text.length - word.length) : text);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error.code === undefined) throw error;
    return { kind: 'unreadable' };
  }
  count.todos += todosIn(word);
  if (last !== NEWLINE) count.lines++;
  return { ...count, language: languageOf(path, head?.subarray(0, 80).toString('latin1') ?? '') };
}

function newlinesIn(bytes) {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

/** What the next piece may go on with. Only the end is looked at, as one word may be megabytes long. */
const lastWord = (text) => /\w*$/.exec(text.slice(-LONGER))[0];

const todosIn = (text) => text.match(TODO)?.length ?? 0;

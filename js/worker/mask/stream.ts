/**
 * Texts that come in pieces: what may be the beginning of a value is held back until the next piece decides.
 *
 * 1. Nothing changes its place, and nothing is held that no form of a value begins with: at most as much as the longest.
 * 2. Whoever ends the stream flushes it; what is held then is told as it is, but that a longer beginning is hidden.
 */

import type { Mask } from './mask.ts';
import { MARKER } from './refs.ts';

/** A text in chunks that belong together, as what a model writes. */
export class Chunks {
  #held = '';
  /** So many characters of what is held are told already, as a part of a value. */
  #told = 0;

  /** What may be told now; empty when nothing may. */
  add(mask: Mask, chunk: string): string {
    const text = this.#held + chunk;
    const told = this.#told;
    const hidden = mask.find(text);
    const tail = mask.tail(text);
    const cut = hidden.find(({ at, end }) => at < tail && tail < end);
    const until = Math.max(told, cut?.end ?? tail);
    this.#held = text.slice(tail);
    this.#told = Math.max(0, until - tail);
    return between(text, told, until, hidden);
  }

  flush(mask: Mask): string {
    const text = this.#held.slice(this.#told);
    this.#held = '';
    this.#told = 0;
    return mask.end(text);
  }
}

/** The text from `from` to `until`; of what is hidden and began before `from` the marker was told. */
function between(text: string, from: number, until: number, hidden: readonly { at: number; end: number }[]): string {
  const parts: string[] = [];
  let last = from;
  for (const { at, end } of hidden) {
    if (end <= last || at >= until) continue;
    if (at >= last) parts.push(text.slice(last, at), MARKER);
    last = end;
  }
  if (last < until) parts.push(text.slice(last, until));
  return parts.join('');
}

/** What may stand between two lines of one value: nothing, where its pieces were logged, or its own line end. */
const SEPARATORS: readonly string[] = ['', '\n'];

/** More lines than that are no pieces of one value. */
const MOST_LINES = 1000;

/** Lines of a log. Only one that as a whole may be the beginning of a value, or go on with it, is held back. */
export class Lines {
  #held: string[] = [];
  /** What may stand between those that are held. */
  #separators: readonly string[] = [];

  /** The lines that may be told now, in order. */
  add(mask: Mask, line: string): string[] {
    if (this.#held.length === 0) return this.#begin(mask, line);
    const lines = [...this.#held, line];
    const open = this.#separators.filter((separator) => line + separator !== '' && mask.begins(lines.join(separator)));
    if (open.length > 0 && lines.length < MOST_LINES) {
      this.#held = lines;
      this.#separators = open;
      return [];
    }
    const hidden = this.#hide(mask, lines);
    if (hidden === undefined) return [...this.flush(mask), ...this.#begin(mask, line)];
    this.#held = [];
    return hidden;
  }

  flush(mask: Mask): string[] {
    const lines = this.#held;
    this.#held = [];
    return this.#hide(mask, lines) ?? lines.map((line) => mask.text(line));
  }

  #begin(mask: Mask, line: string): string[] {
    if (line === '' || !mask.begins(line)) return [mask.text(line)];
    this.#held = [line];
    this.#separators = SEPARATORS;
    return [];
  }

  /** The lines without the value that goes over the end of one; undefined when none does. */
  #hide(mask: Mask, lines: readonly string[]): string[] | undefined {
    for (const separator of this.#separators) {
      const text = lines.join(separator);
      const hidden = mask.find(text);
      const starts = startsOf(lines, separator);
      if (hidden.some(({ at, end }) => starts.some((start) => at < start && start < end))) {
        return lines.map((line, n) => clipped(text, starts[n] as number, line.length, hidden));
      }
    }
    return undefined;
  }
}

function startsOf(lines: readonly string[], separator: string): number[] {
  let at = 0;
  return lines.map(({ length }) => {
    const start = at;
    at += length + separator.length;
    return start;
  });
}

/** A part of the text, with a marker for each hidden place that reaches into it. */
export function clipped(
  text: string,
  from: number,
  length: number,
  hidden: readonly { at: number; end: number }[],
): string {
  const within = hidden.filter(({ at, end }) => at < from + length && from < end);
  const parts: string[] = [];
  let last = from;
  for (const { at, end } of within) {
    parts.push(text.slice(last, Math.max(last, at)), MARKER);
    last = Math.max(last, end);
  }
  parts.push(text.slice(last, from + length));
  return parts.join('');
}

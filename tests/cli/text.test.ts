/** Every place that reads text, with every kind of bytes: what arrives is right, or it is refused. The table is docs/TEXT.md. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isTaskError } from '#offstage/errors/index.js';
import { ROOT } from '../js/root.js';
import { PLACES, type Place } from './text-places.js';
import { TEXTS, type Texts } from './text-values.js';

const GIVEN = 'née';

interface Encoding {
  encode: (text: string) => Buffer;
  /** What the place is given; default: `GIVEN`. */
  given?: string;
  /** The bytes hold NULs, which no word of a command line can. */
  hasNul?: true;
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
/** As some programs write half a surrogate pair. */
const HALF = Buffer.from([0xed, 0xa0, 0x80]);

const ENCODINGS: Record<string, Encoding> = {
  'UTF-8': { encode: (text) => Buffer.from(text) },
  'with a byte order mark': { encode: (text) => Buffer.from(`\ufeff${text}`) },
  'UTF-16 LE': { encode: (text) => utf16(`\ufeff${text}`), hasNul: true },
  'UTF-16 BE': { encode: (text) => utf16(`\ufeff${text}`).swap16(), hasNul: true },
  'UTF-16 without a mark': { encode: utf16, hasNul: true },
  'Latin-1': { encode: (text) => Buffer.from(text, 'latin1') },
  'half a pair': {
    encode: (text) => {
      const [before = '', after = ''] = text.split(GIVEN);
      return Buffer.concat([Buffer.from(before), HALF, Buffer.from(after)]);
    },
  },
  NUL: { encode: (text) => Buffer.from(text), given: `${GIVEN}\0`, hasNul: true },
};

/** What comes of it: `right`, or `refused` with a code; anything else is what the table must not have. */
async function verdict(t: TestContext, place: Place, { encode, given = GIVEN, hasNul }: Encoding): Promise<string> {
  if (hasNul && place.isWord) return '–';
  try {
    const bytes = encode(place.around(given));
    const arrived = await place.take(t, bytes);
    if (arrived === given) return 'right';
    return place.isHandedOn && Buffer.from(String(arrived)).equals(bytes)
      ? 'as it is'
      : `GARBAGE ${JSON.stringify(arrived)}`;
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): string {
  const { code, message, exit = 2 } = error as { code?: string; message: string; exit?: number };
  const isTold = code === 'invalid_argument' || code === 'recipe_invalid' || code === 'unserializable';
  return isTold && exit === 2 && !message.includes('ENOENT') ? 'refused' : `NOT TOLD ${code} ${message}`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const heading = (cells: readonly string[]): string[] => [row(cells), row(cells.map(() => '---'))];
const isRight = (cell: string): boolean => ['right', 'refused', 'as it is', 'U+FFFD', '–'].includes(cell);

/** The table is the one of the page, and has nothing in it that must not be. */
function checkTable(t: TestContext, lines: readonly string[]): void {
  for (const line of lines) t.diagnostic(line);
  const wrong = lines.slice(2).flatMap((line) =>
    line
      .split(' | ')
      .slice(1)
      .filter((cell) => !isRight(cell.replace(/ \|$/, ''))),
  );
  assert.deepEqual(wrong, []);
  const page = readFileSync(join(ROOT, 'docs', 'TEXT.md'), 'utf8');
  assert.ok(page.includes(lines.join('\n')), 'docs/TEXT.md has another table');
}

test('bytes that are read are text in UTF-8, or are refused', async (t) => {
  const lines = heading(['place', ...Object.keys(ENCODINGS)]);
  for (const [name, place] of Object.entries(PLACES)) {
    const cells: string[] = [];
    for (const encoding of Object.values(ENCODINGS)) cells.push(await verdict(t, place, encoding));
    lines.push(row([name, ...cells]));
  }
  checkTable(t, lines);
});

const STRINGS = { 'half a pair': 'a\ud800b', NUL: 'a\0b' };

async function cellOf(t: TestContext, take: Texts, given: string): Promise<string> {
  try {
    const arrived = await take(t, given);
    if (arrived === given) return 'right';
    return arrived === given.toWellFormed() ? 'U+FFFD' : `GARBAGE ${JSON.stringify(arrived)}`;
  } catch (error) {
    return isTaskError(error) ? refusal(error) : `THROWN ${error}`;
  }
}

test('texts that code gives are kept as they are, or are refused', async (t) => {
  const lines = heading(['text', ...Object.keys(STRINGS)]);
  for (const [name, take] of Object.entries(TEXTS)) {
    const cells: string[] = [];
    for (const given of Object.values(STRINGS)) cells.push(await cellOf(t, take, given));
    lines.push(row([name, ...cells]));
  }
  checkTable(t, lines);
});

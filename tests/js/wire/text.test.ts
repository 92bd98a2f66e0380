import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readText, TextStream, textOf, withoutMark } from '#offstage/wire/text.js';
import { readSources } from '../floors.js';
import { ROOT } from '../root.js';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

for (const [what, bytes, problem] of [
  ['UTF-16 LE', utf16('\ufeff{"n":1}'), 'looks like UTF-16 LE with a byte order mark'],
  ['UTF-16 BE', utf16('\ufeff{"n":1}').swap16(), 'looks like UTF-16 BE with a byte order mark'],
  ['UTF-32 LE', Buffer.from([0xff, 0xfe, 0, 0, 0x31, 0, 0, 0]), 'looks like UTF-32 LE with a byte order mark'],
  ['UTF-32 BE', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x31]), 'looks like UTF-32 BE with a byte order mark'],
  ['UTF-16 LE, no mark', utf16('{"n":1}'), 'looks like UTF-16 LE without a byte order mark'],
  ['UTF-16 BE, no mark', utf16('{"n":1}').swap16(), 'looks like UTF-16 BE without a byte order mark'],
  [
    'Latin-1',
    Buffer.from('one\ntwo café\n', 'latin1'),
    'has the byte 0xe9 at 11, in line 2, as Latin-1 and Windows-1252 have',
  ],
  ['bytes', Buffer.from([1, 2, 0xff, 3]), 'has the byte 0xff at 2, in line 1'],
  [
    'a cut character',
    Buffer.from('é').subarray(0, 1),
    'has the byte 0xc3 at 0, in line 1, as Latin-1 and Windows-1252 have',
  ],
  [
    'half a pair',
    Buffer.from([0x61, 0xed, 0xa0, 0x80]),
    'has the byte 0xed at 1, in line 1, as Latin-1 and Windows-1252 have',
  ],
  ['a NUL', Buffer.from('a text\0'), 'has a NUL at byte 6'],
] as const) {
  test(`no text: ${what} ${problem}`, () => {
    assert.deepEqual(readText(bytes), { problem });
    assert.throws(() => textOf(bytes, 'a.json'), {
      code: 'invalid_argument',
      message: `a.json: expected text in UTF-8, but it ${problem}`,
    });
  });
}

test('one byte order mark is dropped, everything else is kept', () => {
  for (const text of ['', 'é€𝄞', '\ufeff', 'a\ufeffb', '�', 'line\r\n']) {
    assert.deepEqual(readText(Buffer.from(text === '\ufeff' ? '' : text)), { text: text === '\ufeff' ? '' : text });
    assert.deepEqual(readText(Buffer.from(`\ufeff${text}`)), { text });
    assert.equal(withoutMark(`\ufeff${text}`), text);
  }
});

test('a stream reads characters that come in pieces, and tells of bytes that are none', () => {
  const read = (bytes: Buffer) => {
    const stream = new TextStream();
    const parts = [...bytes].map((byte) => stream.add(Uint8Array.of(byte)));
    return { text: parts.join('') + stream.end(), garbled: stream.garbled };
  };
  assert.deepEqual(read(Buffer.from('\ufeffé€𝄞�')), { text: 'é€𝄞�', garbled: false });
  for (const bytes of [
    Buffer.from('a é b', 'latin1'),
    Buffer.from('é').subarray(0, 1),
    Buffer.from([0xff, 0xfe, 0x31]),
  ]) {
    const { text, garbled } = read(bytes);
    assert.ok(garbled && text.includes('�'), text);
  }
});

const sources = readSources(join(ROOT, 'js'), '.ts');

/** What decodes bytes by itself, and why it is no text of a user. */
const OWN: Record<string, string> = {
  'wire/text.ts': 'the one place',
  'platform/process.ts': '/proc, and what ps prints',
  'platform/accounts.ts': 'what getent prints',
  'store/sqlite/holders.ts': '/proc',
  'platform/place.ts': '/etc/machine-id',
  'client/staff/descriptors.ts': '/proc',
  'worker/version.ts': "this package's own manifest",
  'platform/package.ts': "this package's own manifest",
  'agent/user-package.ts': "a package's own manifest",
  'cli/read-line.ts': 'what is typed, edited by Node: cli/live/question.ts refuses what was no UTF-8',
  'client/service/service.ts': 'the unit that this package wrote',
  'notify/post.ts': 'what a receiver answers: what is no UTF-8 becomes U+FFFD',
  'client/staff/worker-log.ts': 'the log that workers write',
  'worker/environment/door.ts': 'what another process of this package says',
  'worker/environment/start.ts': 'what node --version prints',
  'program/agents/model/post.ts': 'what a model server says beside its stream, for an error',
  'program/agents/plan-tree.ts': 'names that tools.py defines: Python itself judges what it is',
  'program/agents/python/host.ts': 'what a host of this package says, and lines of a log',
  'program/agents/run-steps.ts': 'whether a file holds the very text that is to be written',
  'program/agents/tools/shell-tool.ts': 'what a program printed: what is no UTF-8 becomes U+FFFD',
  'program/agents/tools/web-tools.ts': 'a page of the web: what is no UTF-8 becomes U+FFFD',
  'program/command/reading.ts': 'lines of a log: what is no UTF-8 becomes U+FFFD',
};

const DECODES =
  /TextDecoder\(|StringDecoder|setEncoding\(|toString\(['"](utf|latin|ucs|binary)|readFile(Sync)?\([^;]*?,\s*(['"]|\{[^}]*encoding)|createInterface|encoding: ['"]utf/;

const decoders = (files: ReadonlyMap<string, string>): string[] =>
  [...files].filter(([file, text]) => !file.startsWith('core/pkg/') && DECODES.test(text)).map(([file]) => file);

test('no file but one makes text of bytes that people give', () => {
  assert.ok(sources.size > 20, 'no files were read');
  assert.deepEqual(decoders(sources).sort(), Object.keys(OWN).sort());
});

for (const planted of [
  "JSON.parse(readFileSync(file, 'utf8'))",
  'await readFile(path, { encoding: "utf8" })',
  "Buffer.concat(chunks).toString('utf-8')",
  "process.stdin.setEncoding('utf8')",
  'new TextDecoder().decode(bytes)',
]) {
  test(`a planted reader is seen: ${planted}`, () => {
    assert.deepEqual(decoders(new Map([['client/new.ts', planted]])), ['client/new.ts']);
  });
}

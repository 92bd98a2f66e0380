/** Within a room files form no circle: what one is about can be read without the others. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { circles, jsGraph, rustGraph } from './circles.ts';
import { readSources } from './floors.ts';
import { ROOT } from './root.ts';

/** How many files of a room are in circles still. Such a number goes down, never up. */
const KNOWN: Readonly<Record<string, number>> = { json: 2, task: 4 };

/** The one that stays: a runner owns its jobs, a job its children, and a child knows its runner. */
const OWNERSHIP = ['runner/core.rs', 'runner/job.rs', 'runner/task.rs'];

const roomOf = ([file = '']: readonly string[]): string => file.split('/')[0] ?? '';

/** The circles that are too many, by room. */
function tooMany(found: readonly string[][]): [string, string[][]][] {
  const rooms = [...new Set(found.map(roomOf))].map((room): [string, string[][]] => [
    room,
    found.filter((circle) => roomOf(circle) === room && circle.join() !== OWNERSHIP.join()),
  ]);
  return rooms.filter(([room, own]) => own.flat().length > (KNOWN[room] ?? 0));
}

test('js: no files of a room form a circle, but for those that are known', () => {
  const graph = jsGraph(readSources(join(ROOT, 'js'), '.ts'));
  assert.ok((graph.get('runner/executor.ts')?.size ?? 0) > 5, 'hardly any import was found');
  assert.deepEqual(tooMany(circles(graph)), []);
});

test('src: no files of a room form a circle, but for those that are known', () => {
  const graph = rustGraph(readSources(join(ROOT, 'src'), '.rs'));
  assert.ok((graph.get('runner/core.rs')?.size ?? 0) > 5, 'hardly any use was found');
  assert.deepEqual(tooMany(circles(graph)), []);
});

const planted = (files: Record<string, string>) => new Map(Object.entries(files));

test('js: a planted circle is seen, of types too, and whatever way round it is', () => {
  const files = planted({
    'runner/a.ts': "import { b } from './b.ts';",
    'runner/b.ts': "import type { C } from './c.ts';",
    'runner/c.ts': "const a = await import('./a.ts');",
    'runner/d.ts': "import { a } from './a.ts';",
  });
  const found = circles(jsGraph(files));
  assert.deepEqual(found, [['runner/a.ts', 'runner/b.ts', 'runner/c.ts']]);
  assert.equal(tooMany(found).length, 1);
});

test('js: two ways to one file are no circle', () => {
  const files = planted({
    'runner/a.ts': "import { b } from './b.ts';\nimport { c } from './c.ts';",
    'runner/b.ts': "import { c } from './c.ts';",
    'runner/c.ts': '',
  });
  assert.deepEqual(circles(jsGraph(files)), []);
});

const RUST_PLANTS: [string, Record<string, string>][] = [
  [
    'use',
    { 'engine/mod.rs': 'mod a;\nmod b;', 'engine/a.rs': 'use super::b::B;', 'engine/b.rs': 'use super::a::{A, C};' },
  ],
  [
    'path in code',
    { 'engine/mod.rs': '', 'engine/a.rs': 'fn f() { crate::engine::b::g() }', 'engine/b.rs': 'use super::a::A;' },
  ],
  [
    'what a table of contents hands out',
    { 'engine/mod.rs': 'mod a;\npub use a::A;', 'engine/a.rs': 'use super::b::B;', 'engine/b.rs': 'use super::A;' },
  ],
  [
    'by another name',
    { 'engine/mod.rs': 'pub use a::A as D;', 'engine/a.rs': 'use super::b::B;', 'engine/b.rs': 'use super::D;' },
  ],
  ['a file below', { 'engine/mod.rs': '', 'engine/a.rs': 'use fields::F;', 'engine/a/fields.rs': 'use super::A;' }],
];

for (const [how, files] of RUST_PLANTS) {
  test(`src: a planted circle is seen: ${how}`, () => {
    const found = circles(rustGraph(planted(files)));
    assert.deepEqual(found, [Object.keys(files).filter((file) => !file.endsWith('mod.rs'))]);
    assert.equal(tooMany(found).length, 1);
  });
}

test('src: a table of contents and what it lists are no circle, nor is a file that stands in for a platform', () => {
  const files = planted({
    'engine/mod.rs':
      '#[cfg_attr(unix, path = "sys/unix.rs")]\n#[cfg_attr(windows, path = "sys/windows.rs")]\nmod sys;\nmod a;\npub use a::A;',
    'engine/a.rs': 'use super::sys::now; // super::b is none',
    'engine/b.rs': 'use super::{A, LIMIT};',
    'engine/sys/unix.rs': 'use super::LIMIT;',
    'engine/sys/windows.rs': 'use super::LIMIT;',
  });
  assert.deepEqual(circles(rustGraph(files)), []);
});

test('more files than are known are too many, fewer are not', () => {
  const circle = (count: number) => [Array.from({ length: count }, (_, index) => `task/${index}.rs`)];
  assert.equal(tooMany(circle(5)).length, 1);
  assert.equal(tooMany(circle(2)).length, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Telling } from '#offstage/worker/inside/telling.js';
import type { Fact, Say } from '#offstage/worker/protocol.js';
import { VirtualClock } from '../virtual.js';

/** What was said so far, a list of facts a message; `isFull` and `makeRoom` are the way to the worker. */
function start() {
  const clock = new VirtualClock();
  const said: Fact[][] = [];
  const way = { isFull: false, makeRoom: () => {} };
  const say: Say = (message, onRoom) => {
    if (message.kind === 'facts') said.push(message.facts);
    way.makeRoom = () => onRoom?.();
    return !way.isFull;
  };
  const telling = new Telling(3, say, clock);
  const tell = (line: string): void => telling.tell({ kind: 'log', lines: [line] });
  return { clock, said, way, telling, tell };
}

const linesOf = (facts: Fact[] | undefined): string[] =>
  (facts ?? []).flatMap((fact) => (fact.kind === 'log' ? fact.lines : []));

test('a few facts are told at once, one after the other', () => {
  const { said, tell } = start();
  for (let n = 0; n < 16; n++) tell(String(n));
  assert.deepEqual(
    said.map(linesOf),
    Array.from({ length: 16 }, (_, n) => [String(n)]),
  );
});

test('what is told faster comes together, a message in 50 ms', () => {
  const { clock, said, tell } = start();
  for (let ms = 0; ms < 1000; ms++) {
    for (let n = 0; n < 10; n++) tell(`${ms} ${n}`);
    clock.advance(1);
  }
  assert.ok(said.length >= 16 + 18 && said.length <= 16 + 20, `${said.length} messages`);
  assert.equal(said.flatMap(linesOf).length, 10_000);
  clock.advance(1000);
  tell('after a pause');
  assert.deepEqual(linesOf(said.at(-1)), ['after a pause']);
});

test('code that never lets timers run is heard all the same, of a flood a little in each span', () => {
  const { clock, said, tell, telling } = start();
  for (let n = 0; n < 100; n++) tell(`first ${n}`);
  assert.equal(said.length, 16);
  clock.drift(50);
  tell('later');
  assert.deepEqual(linesOf(said.at(-1)).at(-1), 'later');
  assert.equal(said.flatMap(linesOf).length, 101);
  const before = said.length;
  for (let ms = 0; ms < 1000; ms++) {
    for (let n = 0; n < 20; n++) tell('x'.repeat(1000));
    clock.drift(1);
  }
  telling.tell({ kind: 'progress', fraction: 0.5, message: null });
  const lines = said.slice(before).flatMap(linesOf);
  assert.ok(lines.length >= 20 * 30 && lines.length <= 21 * 35, `${lines.length} of 1000 characters in a second`);
  clock.drift(50);
  tell('');
  assert.ok(
    said.flat().some(({ kind }) => kind === 'progress'),
    'progress goes with the next message',
  );
});

test('what waited when a span ended is sent as fast as there is room; what comes then waits for the next', () => {
  const { clock, said, way, tell } = start();
  for (let n = 0; n < 1000; n++) tell(`${n} ${'x'.repeat(1000)}`);
  const little = said.length;
  way.isFull = true;
  clock.advance(50);
  assert.equal(said.length, little + 1);
  tell('of the next span');
  for (let n = 0; n < 3; n++) way.makeRoom();
  assert.equal(said.length, little + 4);
  assert.equal(linesOf(said.at(-1)).at(-1), 'of the next span');
  for (let n = 0; n < 1000; n++) tell(`${n} ${'x'.repeat(1000)}`);
  way.isFull = false;
  way.makeRoom();
  assert.equal(said.length, little + 4);
  clock.advance(50);
  assert.equal(linesOf(said.at(-1)).at(-1)?.split(' ')[0], '999');
});

test('while the way is full nothing is told, and what waits is bounded', () => {
  const { clock, said, way, tell } = start();
  way.isFull = true;
  tell('first');
  for (let n = 0; n < 30_000; n++) tell(`line ${n}`);
  clock.advance(10_000);
  assert.equal(said.length, 1);
  way.isFull = false;
  way.makeRoom();
  clock.advance(50);
  assert.deepEqual(said[1]?.[0], { kind: 'left_out', events: 21_000 });
  assert.equal(said.flatMap(linesOf).length, 9_001);
  assert.equal(linesOf(said.at(-1)).at(-1), 'line 29999');
});

test('a flush tells all that is held back, also when the way is full; after the close nothing is taken', () => {
  const { said, way, telling, tell } = start();
  way.isFull = true;
  for (const line of ['a', 'b', 'c']) tell(line);
  telling.flush();
  assert.deepEqual(said.map(linesOf), [['a'], ['b', 'c']]);
  tell('d');
  telling.close();
  tell('late');
  telling.flush();
  assert.deepEqual(said.map(linesOf), [['a'], ['b', 'c'], ['d']]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gathered, MOST_EVENTS, MOST_SIZE } from '#offstage/worker/gathered.js';
import type { Fact } from '#offstage/worker/protocol.js';

const log = (...lines: string[]): Fact => ({ kind: 'log', lines });
const output = (chunk: unknown): Fact => ({ kind: 'output', chunk: JSON.stringify(chunk) });
const progress = (fraction: number): Fact => ({ kind: 'progress', fraction, message: null });
const leftOut = (events: number): Fact => ({ kind: 'left_out', events });

function gathered(...facts: Fact[]): Gathered {
  const all = new Gathered();
  for (const fact of facts) all.add(fact);
  return all;
}

const linesOf = (facts: Fact[]): string[] => facts.flatMap((fact) => (fact.kind === 'log' ? fact.lines : []));
const chunksOf = (facts: Fact[]): unknown[] =>
  facts.flatMap((fact) => (fact.kind === 'output' ? [JSON.parse(fact.chunk)] : []));

test('facts are taken in order, lines that follow each other together; then there is nothing', () => {
  const all = gathered(log('a'), log('b', 'c'), output(1), log('d'), output([2]), progress(0.5));
  assert.equal(all.isEmpty, false);
  assert.deepEqual(all.take(), [log('a', 'b', 'c'), output(1), log('d'), output([2]), progress(0.5)]);
  assert.equal(all.isEmpty, true);
  assert.deepEqual(all.take(), []);
});

test('of progress the last is kept, where it stood', () => {
  assert.deepEqual(gathered(progress(0.1), log('a'), progress(0.2), output(1)).take(), [
    log('a'),
    progress(0.2),
    output(1),
  ]);
});

test('texts that follow each other are joined, whatever characters they are cut between; nothing else is', () => {
  const texts = ['', 'a"\\', '\n', 'ü😀', '\ud83d', '\ude00', '\u2028'];
  assert.deepEqual(chunksOf(gathered(...texts.map(output)).take()), [texts.join('')]);
  const mixed = ['a', 'b', 1, 2, null, 'c', ['d'], ['e'], { f: 'g' }, 'h', 'i'];
  assert.deepEqual(chunksOf(gathered(...mixed.map(output)).take()), [
    'ab',
    1,
    2,
    null,
    'c',
    ['d'],
    ['e'],
    { f: 'g' },
    'hi',
  ]);
  assert.deepEqual(gathered(output('a'), progress(0.1), output('b'), log('l'), output('c')).take(), [
    output('ab'),
    progress(0.1),
    log('l'),
    output('c'),
  ]);
});

test('12,000 short texts are a few outputs of 4 KiB at most, and nothing is missing', () => {
  const texts = Array.from({ length: 12_000 }, (_, n) => `token ${n} `);
  const chunks = chunksOf(gathered(...texts.map(output)).take()) as string[];
  assert.equal(chunks.join(''), texts.join(''));
  assert.ok(chunks.length < 50 && chunks.every(({ length }) => length <= 4096), `${chunks.length} outputs`);
  const large = 'x'.repeat(5000);
  assert.deepEqual(chunksOf(gathered(output('a'), output(large), output('b')).take()), ['a', large, 'b']);
});

test('what was taken is never changed, nor what was given', () => {
  const [given, lines] = [output('a'), ['a']];
  const all = gathered(given, { kind: 'log', lines });
  all.add(log('b'));
  const taken = all.take();
  for (const fact of [log('c'), output('b')]) all.add(fact);
  assert.deepEqual([given, lines, taken], [output('a'), ['a'], [output('a'), log('a', 'b')]]);
});

test('of progress what only an earlier one told is kept', () => {
  const data: Fact = { kind: 'progress', fraction: null, message: null, data: '[1]' };
  const all = gathered({ kind: 'progress', fraction: 0.1, message: 'm' }, data, log('a'));
  assert.deepEqual(all.take(), [{ ...data, fraction: 0.1, message: 'm' }, log('a')]);
  assert.deepEqual(gathered(data, progress(0.2)).take(), [{ ...data, fraction: 0.2 }]);
});

test('a portion is the oldest, and the last progress goes with it', () => {
  const all = gathered(log('a', 'b', 'c'), log('d'), output('12345'), output(6), progress(0.9));
  assert.deepEqual(all.take({ events: 2, size: 100 }), [log('a', 'b'), progress(0.9)]);
  assert.deepEqual(all.take({ events: 100, size: 3 }), [log('c', 'd'), output('12345')]);
  assert.deepEqual(all.take({ events: 100, size: 3 }), [output(6)]);
  assert.equal(all.isEmpty, true);
});

test('a flood keeps exactly the newest, in whatever pieces it comes, and counts the others before them', () => {
  const count = 50_000;
  for (const piece of [1, 7, 300, 2000, 20_000]) {
    const all = gathered(progress(0.5));
    for (let n = 0; n < count; n += piece) {
      all.add(log(...Array.from({ length: Math.min(piece, count - n) }, (_, i) => `line ${n + i}`)));
    }
    const facts = all.take();
    const lines = linesOf(facts);
    assert.deepEqual(facts[0], leftOut(count - lines.length));
    assert.deepEqual(
      [lines.length, lines[0], lines.at(-1)],
      [MOST_EVENTS, `line ${count - MOST_EVENTS}`, `line ${count - 1}`],
    );
    assert.ok(facts.some(({ kind }) => kind === 'progress'));
  }
});

test('what was left out before is counted along when it is dropped itself', () => {
  const all = gathered(leftOut(5), log('a'));
  for (let n = 0; n < MOST_EVENTS; n++) all.add(output(n));
  const [first, second] = all.take();
  assert.deepEqual([first, second], [leftOut(6), output(0)]);
});

test('its size is bounded as well, and joined texts are counted as they are', () => {
  const all = new Gathered();
  const large = 'x'.repeat(60_000);
  for (let n = 0; n < 1000; n++) all.add(output(large));
  const chunks = chunksOf(all.take());
  assert.equal(chunks.length, Math.floor(MOST_SIZE / large.length));
  for (let n = 0; n < 300_000; n++) all.add(output('12345678'.repeat(10))); // 24 MB of text
  const size = all.take().reduce((sum, fact) => sum + (fact.kind === 'output' ? fact.chunk.length : 0), 0);
  assert.ok(size <= MOST_SIZE + 20_000 && size > MOST_SIZE - 20_000, `${size} characters`);
});

test('uses of tools and warnings stay where they stood, and are bounded as the rest is', () => {
  const used: Fact = { kind: 'tool', tool: { step: '1.a', call: '1.1', name: 't', ok: true, ms: 1 } };
  const warned = (message: string): Fact => ({ kind: 'warning', warning: { reason: 'r', message } });
  const facts = [log('a'), used, output(1), warned('m')];
  assert.deepEqual(gathered(...facts).take(), facts);
  const all = gathered(used, warned('x'));
  for (let n = 0; n < MOST_EVENTS; n++) all.add(output(n));
  assert.deepEqual(all.take().slice(0, 2), [leftOut(2), output(0)]);
  for (let n = 0; n < 300; n++) all.add(warned('x'.repeat(60_000)));
  assert.equal(all.take().length - 1, Math.floor(MOST_SIZE / 60_000));
});

test('what was used is summed by model, and no flood leaves any of it out', () => {
  const use = (used: object): Fact => ({ kind: 'usage', used });
  const all = gathered(
    log('a'),
    use({ model: 'm', input_tokens: 1, cost: 0.5 }),
    use({ model: 'm', input_tokens: 2, cost: 1 }),
  );
  all.add(use({ model: 'm', output_tokens: 3 }));
  all.add(use({ steps: 1 }));
  for (let n = 0; n <= MOST_EVENTS; n++) all.add(log('flood'));
  all.keepNewest(1);
  assert.deepEqual(
    all.take().filter(({ kind }) => kind === 'usage'),
    [
      use({ model: 'm', input_tokens: 3, cost: 1.5, requests: 2 }),
      use({ model: 'm', output_tokens: 3 }),
      use({ steps: 1 }),
    ],
  );
  assert.ok(all.isEmpty);
  for (let n = 0; n < 300; n++) all.add(use({ model: `m${n}`, input_tokens: 1 }));
  const many = all.take();
  assert.equal(many.length, 101, 'of very many names the rest has none');
  assert.deepEqual(many.at(-1), use({ input_tokens: 200, requests: 200 }));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Search } from '#offstage/worker/mask/search.js';
import { randomOf, seedOf } from './random.js';

type Hit = [at: number, pattern: string];

/** What a naive search finds. */
const naive = (patterns: readonly string[], text: string): Hit[] =>
  [...text].flatMap((_, at) =>
    patterns
      .filter((pattern) => text.startsWith(pattern, at))
      .sort((a, b) => b.length - a.length)
      .map((pattern): Hit => [at, pattern]),
  );

const naiveTail = (patterns: readonly string[], text: string): number => {
  for (let at = 0; at < text.length; at++) {
    const end = text.slice(at);
    if (patterns.some((pattern) => pattern.length > end.length && pattern.startsWith(end))) return at;
  }
  return text.length;
};

test('every place is found that a naive search finds, the longest first, and the same tail', (t) => {
  const seed = seedOf();
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  for (let round = 0; round < 500; round++) {
    const alphabet = random.pick(['ab', 'abc', 'abcdefgh']);
    const some = Array.from({ length: 1 + random.below(6) }, () => random.text(8 + random.below(6), alphabet));
    const patterns = [...new Set([...some, ...some.map((one) => one.slice(0, 8))])];
    const parts = Array.from({ length: 6 }, () => random.text(random.below(9), alphabet) + random.pick(patterns));
    const text = parts.join('').slice(0, -random.below(8) || undefined);
    const search = new Search(patterns);
    const hits: Hit[] = [];
    search.scan(text, (at, index) => {
      hits.push([at, patterns[index] as string]);
      return false;
    });
    assert.deepEqual(hits, naive(patterns, text), `SEED=${seed} ${patterns} in ${text}`);
    assert.equal(search.tail(text), naiveTail(patterns, text), `SEED=${seed} ${patterns} in ${text}`);
  }
});

test('without patterns nothing is found', () => {
  const search = new Search([]);
  search.scan('text', () => assert.fail('found'));
  assert.equal(search.tail('text'), 4);
  assert.equal(search.begins('t'), false);
});

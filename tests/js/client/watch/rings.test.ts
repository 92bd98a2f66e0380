/** Who is rung, of one or of several who wait for the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rings } from '#offstage/client/watch/rings.js';

test('each who waits is rung once, until he leaves, and leaves once', () => {
  const rings = new Rings();
  const rung: string[] = [];
  const same = (): void => void rung.push('same');
  const leave = [rings.add('a', same), rings.add('a', same), rings.add('a', () => rung.push('a3'))];
  rings.add('b', () => rung.push('b'));
  assert.deepEqual([rings.size, rings.ids], [4, ['a', 'b']]);
  rings.ring(['a', 'none']);
  assert.deepEqual(rung.splice(0), ['same', 'same', 'a3']);
  leave[0]?.();
  leave[0]?.();
  assert.equal(rings.size, 3);
  rings.ring();
  assert.deepEqual(rung.splice(0), ['same', 'a3', 'b']);
  leave[1]?.();
  leave[2]?.();
  assert.deepEqual([rings.size, rings.ids], [1, ['b']]);
  const again = rings.add('a', () => rung.push('a4'));
  leave[2]?.();
  rings.ring(['a']);
  assert.deepEqual([rung.splice(0), rings.size], [['a4'], 2], 'who has left takes nobody else along');
  again();
  assert.deepEqual(rings.ids, ['b']);
});

test('who leaves while others are rung is not rung', () => {
  const rings = new Rings();
  const rung: number[] = [];
  const leave = [0, 1, 2].map((n) =>
    rings.add('a', () => {
      rung.push(n);
      leave[2]?.();
    }),
  );
  rings.ring();
  assert.deepEqual(rung, [0, 1]);
});

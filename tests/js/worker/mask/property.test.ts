import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restore } from '#offstage/worker/mask/refs.js';
import { Chunks } from '#offstage/worker/mask/stream.js';
import { key, maskOf } from './helpers.js';
import { type Random, randomOf, seedOf, shownOf, someValue, traces } from './random.js';

const VALUES = 300;
const PROSE = 'the quick brown fox\n"jumps" \\ über 😀 <b>1</b> ';

/** A text in which the values occur, in whatever form, between others. */
const textWith = (values: readonly string[], random: Random): string =>
  Array.from({ length: 1 + random.below(4) }, () => {
    const shown = random.below(3) > 0 ? shownOf(random.pick(values), random) : '';
    return random.text(random.below(12), PROSE) + shown + random.text(random.below(12), PROSE);
  }).join('');

function dataWith(values: readonly string[], random: Random, depth = 0): unknown {
  const kind = random.below(depth > 3 ? 3 : 6);
  const numbers = values.map(Number).filter(Number.isFinite);
  if (kind === 0) return random.pick([null, true, 0, -1.5e-7, 1e21, ...numbers]);
  if (kind <= 2) return textWith(values, random);
  const items = Array.from({ length: random.below(5) }, () => dataWith(values, random, depth + 1));
  if (kind <= 4) return items;
  return Object.fromEntries(items.map((item) => [textWith(values, random), item]));
}

/** Every text in it, keys too. */
function textsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([name, item]) => [name, ...textsOf(item)]);
}

function assertHidden(texts: readonly string[], values: readonly string[]): void {
  const all = texts.join('\u0000');
  for (const value of values) for (const trace of traces(value)) assert.ok(!all.includes(trace), `${trace} in ${all}`);
}

test(`${VALUES} random values in every form are hidden in JSON and come back`, (t) => {
  const seed = seedOf();
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  for (let n = 0; n < VALUES; n += 3) {
    const values = [someValue(random), someValue(random), someValue(random)];

    const mask = maskOf(...values);
    for (let round = 0; round < 10; round++) {
      const json = JSON.stringify(dataWith(values, random));
      const masked = mask.json(json);
      assertHidden(textsOf(JSON.parse(masked.json)), values);
      if (masked.refs === null) {
        assert.equal(masked.json, json, `SEED=${seed}`);
        continue;
      }
      const back = restore(masked.json, masked.refs, (name) => values[Number(name.slice(1))], key);
      assert.deepEqual({ ...back, secrets: [] }, { json, missing: [], changed: [], secrets: [] }, `SEED=${seed}`);
    }
  }
});

test(`${VALUES} random values, cut anywhere, are hidden in what comes in chunks`, (t) => {
  const seed = seedOf();
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  const plain = (text: string): string => text.replace(/(\*\*\*)+/g, '***');
  for (let n = 0; n < VALUES; n++) {
    const value = someValue(random);
    const mask = maskOf(value);
    const text = textWith([value], random);
    for (const size of [1, 2, 6, 1 + random.below(30)]) {
      const chunks = new Chunks();
      const told: string[] = [];
      for (let at = 0; at < text.length; at += size) told.push(chunks.add(mask, text.slice(at, at + size)));
      told.push(chunks.flush(mask));
      assertHidden([told.join('')], [value]);
      assert.equal(plain(told.join('')), plain(mask.end(text)), `SEED=${seed} chunks of ${size} of ${text}`);
    }
  }
});

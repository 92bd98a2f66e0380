/** Nothing that a submit costs grows with what is queued: neither side moves tasks because another one came. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initSync } from '#offstage/core/pkg/offstage_runner.js';
import { Entries } from '#offstage/runner/entries.js';
import type { Entry } from '#offstage/runner/entry.js';
import { BackgroundRunner } from '#offstage/runner/index.js';

/** How often the memory grew meanwhile, and from how much to how much. */
function growth(act: (look: () => void) => void): { times: number; from: number; to: number } {
  const { memory } = initSync(undefined as never); // that of the runners: it is made once
  let { buffer } = memory;
  const from = buffer.byteLength;
  let times = 0;
  act(() => {
    if (memory.buffer === buffer) return;
    buffer = memory.buffer;
    times += 1;
  });
  return { times, from, to: buffer.byteLength };
}

/** So often it grows at most, if by a fifth or more each time, and twice where that is found out by growing. */
const atMost = ({ from, to }: { from: number; to: number }): number =>
  2 + 2 * Math.ceil(Math.log(to / from) / Math.log(1.2));

function paused(): BackgroundRunner {
  const runner = new BackgroundRunner().unref();
  runner.pause();
  return runner;
}

for (const [what, options, tasks] of [
  ['tasks with a session', { sessionId: 's' }, 20_000],
  ['plain tasks', undefined, 300_000],
] as const) {
  // Whenever it grows the whole of it counts as new garbage to V8, which then looks for garbage everywhere.
  test(`the memory of the wasm grows a few times while ${what} are queued`, () => {
    const runner = paused();
    runner.submit(() => 1, options);
    const grown = growth((look) => {
      for (let count = 0; count < tasks; count++) {
        runner.submit(() => 1, options);
        look();
      }
    });
    assert.ok(grown.to > grown.from, 'it grew at all');
    assert.ok(grown.times <= atMost(grown), `${grown.times} times from ${grown.from} to ${grown.to} bytes`);
  });
}

test('entries are found by their number, whichever comes first', () => {
  const entries = new Entries();
  const of = (slot: number) => ({ slot }) as Entry;
  const made = [5000, 0, 1023, 1024].map(of);
  for (const entry of made) entries.set(entry.slot, entry);
  for (const entry of made) assert.equal(entries.get(entry.slot), entry);
  assert.equal(entries.get(1), undefined);
  assert.equal(entries.get(900_000), undefined);
  entries.set(1023, undefined);
  assert.deepEqual(
    [...entries].map(({ slot }) => slot),
    [0, 1024, 5000],
  );
});

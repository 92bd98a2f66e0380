/** Many commands to records that are held: what comes out of the core at once is bounded, as what goes in is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, type Decided, decide, newTaskId, Records } from '#offstage/core/index.js';
import { initSync } from '#offstage/core/pkg/offstage_core.js';

const NOW = 1_700_000_000_000;
const MIB = 1024 * 1024;
const SOURCE = { text: 'x'.repeat(30 * 1024) };
const log = (n: number): Command => ({ command: 'log', line: `line ${n}`, attempt: 1, epoch: 1 });

/** As large as it has ever been: it never shrinks. It is made by the first call, and given back by each later one. */
const memory = (): number =>
  (initSync({} as never) as unknown as { memory: { buffer: ArrayBuffer } }).memory.buffer.byteLength;

/** A task with a record of 30 KiB that runs. */
function running(records: Records): { id: string; record: string } {
  const id = newTaskId();
  const [begun] = records.begin([{ slot: 0, id, spec: { name: 'job', source: SOURCE } }], NOW, 'w');
  assert.ok(begun !== undefined && !(begun instanceof Error));
  return { id, record: begun.record };
}

const accepted = (all: readonly (Decided | Error | undefined)[]): Decided[] =>
  all.map((one) => {
    assert.ok(one !== undefined && !(one instanceof Error));
    return one;
  });

for (const [what, isFollowed] of [
  ['each of which is written by itself', false],
  ['which are written together', true],
] as const) {
  test(`2,600 facts of a task with a large record, ${what}, take little of the core's memory`, () => {
    const records = new Records();
    const { id, record } = running(records);
    const before = memory();
    const asked = Array.from({ length: 2600 }, (_, n) => ({
      ...{ slot: 0, id, command: log(n) },
      isFollowed: isFollowed && n < 2599,
    }));
    const all = accepted(records.batch(asked, NOW));
    assert.ok(memory() - before <= 8 * MIB, `it grew by ${(memory() - before) / MIB} MiB`);
    assert.deepEqual(
      all.map(({ events }) => events.map(({ seq, data }) => [seq, data])),
      asked.map((_, n) => [[n + 3, `{"line":"line ${n}"}`]]),
    );
    const texts = all.filter(({ record }) => record !== '');
    assert.equal(texts.length, isFollowed ? 1 : 2600);
    const last = all.at(-1) as Decided;
    let expected = record;
    for (const { command } of asked) expected = decide(expected, command, NOW).record;
    assert.equal(last.record, expected);
    records.clear();
  });
}

test('what is refused, or asked of an empty slot, has its place between the answers', () => {
  const records = new Records();
  const { id } = running(records);
  const asked = Array.from({ length: 200 }, (_, n) => ({
    slot: n % 5 === 1 ? 7 : 0,
    id,
    command: n % 5 === 2 ? ({ command: 'warning', reason: '', message: 'm', attempt: 1, epoch: 1 } as const) : log(n),
  }));
  const all = records.batch(asked, NOW);
  assert.deepEqual(
    all.map((one) => (one instanceof Error ? 'refused' : one?.events[0]?.data)),
    asked.map((_, n) => (n % 5 === 1 ? undefined : n % 5 === 2 ? 'refused' : `{"line":"line ${n}"}`)),
  );
  records.clear();
});

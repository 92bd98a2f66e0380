/** What becomes of the moments of a schedule while a task of it is live. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Decision, decideOverlap, type Standing } from '#offstage/store/ops/overlap.js';

const NONE: Decision = { run: [], queued: [], skipped: 0, cancels: false };

/** Overlap, live tasks, moments that wait, moments that have come. */
const CASES: [Standing['overlap'], number, number[], number[], Partial<Decision>][] = [
  ['skip', 0, [], [1], { run: [1] }],
  ['skip', 1, [], [1], { skipped: 1 }],
  ['skip', 1, [], [1, 2, 3], { skipped: 3 }],
  ['skip', 0, [], [1, 2, 3], { run: [1], queued: [2, 3] }],
  ['skip', 1, [2, 3], [], { queued: [2, 3] }],
  ['skip', 1, [2, 3], [4], { queued: [2, 3], skipped: 1 }],
  ['skip', 0, [2, 3], [], { run: [2], queued: [3] }],
  ['queue', 0, [], [1], { run: [1] }],
  ['queue', 1, [], [1], { queued: [1] }],
  ['queue', 1, [], [1, 2], { queued: [2], skipped: 1 }],
  ['queue', 1, [1], [2], { queued: [1], skipped: 1 }],
  ['queue', 0, [1], [], { run: [1] }],
  ['queue', 0, [], [1, 2, 3], { run: [1], queued: [2, 3] }],
  ['cancel', 0, [], [1], { run: [1] }],
  ['cancel', 2, [], [1], { queued: [1], cancels: true }],
  ['cancel', 1, [1], [2], { queued: [2], skipped: 1, cancels: true }],
  ['cancel', 1, [1], [], { queued: [1] }],
  ['cancel', 0, [1], [], { run: [1] }],
  ['cancel', 0, [], [1, 2], { run: [2], skipped: 1 }],
  ['allow', 7, [], [1, 2], { run: [1, 2] }],
  ['allow', 1, [1], [2], { run: [1, 2] }],
];

for (const [overlap, live, queued, moments, expected] of CASES) {
  test(`${overlap}: ${live} live, waiting ${JSON.stringify(queued)}, come ${JSON.stringify(moments)}`, () => {
    assert.deepEqual(decideOverlap({ overlap, live, queued, moments }), { ...NONE, ...expected });
  });
}

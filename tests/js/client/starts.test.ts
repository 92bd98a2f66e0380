import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Starts } from '#offstage/client/starts.js';

test('a worker that dies at once is started ever later, one that has worked at once', (t) => {
  let now = 1_000_000;
  t.mock.method(performance, 'now', () => now);
  const starts = new Starts();
  const pauses: number[] = [];
  assert.equal(starts.mayStart(), true);
  for (let n = 0; n < 8; n++) {
    starts.started();
    const since = now;
    while (!starts.mayStart()) now += 100;
    pauses.push(now - since);
  }
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  now += 5_001;
  starts.started();
  now += 500;
  assert.equal(starts.mayStart(), true);
  starts.failed();
  assert.equal(starts.mayStart(), false);
});

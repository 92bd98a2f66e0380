import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Starts } from '#offstage/client/staff/starts.js';

test('workers that end with an error are started ever later, killed ones and those that ended well at once', (t) => {
  let now = 1_000_000;
  t.mock.method(performance, 'now', () => now);
  const starts = new Starts();
  const pauseAfter = (code: number | null): number => {
    starts.started();
    starts.ended(code);
    const since = now;
    while (!starts.mayStart()) now += 100;
    return now - since;
  };
  assert.equal(starts.mayStart(), true);
  assert.deepEqual(
    [1, 1, 1, 1, 1, 1].map((code) => pauseAfter(code)),
    [1000, 2000, 4000, 8000, 15000, 15000],
  );
  assert.equal(pauseAfter(null), 500);
  assert.equal(pauseAfter(1), 1000);
  assert.equal(pauseAfter(0), 500);
  starts.failed();
  starts.started();
  now += 14_900;
  assert.equal(starts.mayStart(), false);
  now += 100;
  assert.equal(starts.mayStart(), true);
});

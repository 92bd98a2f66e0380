/** Which tasks are known to live though others run them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveElsewhere } from '#offstage/client/watch/live-elsewhere.js';

const known = (live: LiveElsewhere, ...ids: string[]): string[] => ids.filter((id) => live.has(id));

test('what ends while a submit is under way is none that it has made; one that fails has made none', () => {
  const live = new LiveElsewhere();
  const [first, second] = [live.begin(), live.begin()];
  assert.equal(live.isEmpty, false, 'it is to be told what ends');
  live.end(['b']);
  first(['a', 'b']);
  live.end(['c']);
  second([]);
  assert.deepEqual([known(live, 'a', 'b', 'c'), live.isEmpty], [['a'], false]);
  live.begin()(['b']); // of an earlier submit nothing is remembered: ids are given once
  live.end(['a', 'b', 'another']);
  assert.deepEqual([known(live, 'a', 'b'), live.isEmpty], [[], true]);
});

test('where an end may have been missed nothing is known any more, nor of what is under way', () => {
  const live = new LiveElsewhere();
  live.begin()(['a']);
  const submitted = live.begin();
  live.forget();
  submitted(['b']);
  assert.deepEqual([known(live, 'a', 'b'), live.isEmpty], [[], true]);
});

test('so many are known, those that came last', () => {
  const live = new LiveElsewhere();
  const ids = Array.from({ length: 10_002 }, (_, n) => `task_${n}`);
  live.begin()(ids);
  assert.deepEqual([known(live, 'task_0', 'task_1', 'task_2'), live.has('task_10001')], [['task_2'], true]);
});

test('where one submit or another is under way all the time, what has ended is not kept for ever', () => {
  const live = new LiveElsewhere();
  let last = live.begin();
  for (let n = 0; n < 10_000; n++) {
    const next = live.begin();
    last([`t${n}`]);
    live.end([`t${n}`]);
    last = next;
  }
  live.end(['one more']);
  last(['of before']);
  assert.deepEqual(known(live, 'of before'), [], 'what ended meanwhile is not known any more');
  live.begin()(['a']);
  assert.deepEqual(known(live, 'a'), ['a']);
});

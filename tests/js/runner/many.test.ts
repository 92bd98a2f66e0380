/** What a runner takes that does nothing: apps make one for each user, each request, each test. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initSync } from '#offstage/core/pkg/offstage_runner.js';
import { BackgroundRunner } from '#offstage/runner/index.js';

const RUNNERS = 10_000;
/** Bytes. Each takes 600, what the memory is ahead of its use included; with words of its own it would take 8 KB more. */
const MOST = 1200;

test('10,000 runners share what one call at a time needs', async () => {
  const first = new BackgroundRunner();
  const { memory } = initSync(undefined as never); // that of the runners: it is made once
  const from = memory.buffer.byteLength;
  const runners = Array.from({ length: RUNNERS }, () => new BackgroundRunner());
  const each = (memory.buffer.byteLength - from) / RUNNERS;
  assert.ok(each < MOST, `${each} bytes of the wasm each`);

  // What one has to say is not mixed with what another one has.
  const pairs = runners.slice(0, 100).map((runner, index) => {
    runner.submit(() => index).cancel();
    return runner.submit(() => runners[index + 1]?.submit(() => index).wait());
  });
  assert.deepEqual(await Promise.all(pairs.map((task) => task.wait())), [...pairs.keys()]);
  await Promise.all([first, ...runners].map((runner) => runner.stop()));
});

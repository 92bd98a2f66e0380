import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BackgroundRunner } from '#offstage/index.js';

test('while 100,000 tasks drain, timers, immediates and I/O have their turn', async () => {
  const runner = new BackgroundRunner({ maxConcurrentTasks: 5 });
  const atMost = (count: number) => runner.summary().completed < count;
  const turns: [string, boolean][] = [];
  for (let count = 0; count < 100_000; count++) runner.submit(() => count);
  setTimeout(() => turns.push(['timer', atMost(100_000)]), 1);
  setImmediate(() => turns.push(['immediate', atMost(100_000)]));
  void readFile(fileURLToPath(import.meta.url)).then(() => turns.push(['I/O', atMost(100_000)]));
  await runner.waitAll();
  assert.equal(runner.summary().completed, 100_000);
  assert.deepEqual(turns.map(([what]) => what).sort(), ['I/O', 'immediate', 'timer']);
  assert.ok(
    turns.every(([, early]) => early),
    'before the last task',
  );
  await runner.stop();
});

test('a turn is short: the longest time without a timer is far from the whole', async () => {
  const runner = new BackgroundRunner();
  const spin = (): void => {
    for (const until = performance.now() + 1; performance.now() < until; );
  };
  for (let count = 0; count < 1_000; count++) runner.submit(spin);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await runner.waitAll();
  clearInterval(timer);
  assert.ok(turns >= 5, `a second of work left room for ${turns} turns`);
  await runner.stop();
});

test('asynchronous no-ops do not starve timers either', async () => {
  const runner = new BackgroundRunner();
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  for (let count = 0; count < 50_000; count++) runner.submit(async () => count);
  await runner.waitAll();
  clearInterval(timer);
  assert.ok(turns > 0);
  assert.equal(runner.summary().completed, 50_000);
  await runner.stop();
});

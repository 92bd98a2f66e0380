import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BackgroundRunner } from '#offstage/index.js';

/** So many tasks take some seconds: whatever has had no turn until then is starved. */
const MOST = 3_000_000;

test('while tasks drain, timers, immediates and I/O have their turn', async () => {
  const runner = new BackgroundRunner({ maxConcurrentTasks: 5, maxRetained: 10 });
  const turns: string[] = [];
  let begun = 0;
  const goOn = (): void => {
    begun += 1;
    if (turns.length < 3 && begun < MOST) runner.submit(goOn);
  };
  for (let count = 0; count < 1_000; count++) runner.submit(goOn);
  setTimeout(() => turns.push('timer'), 1);
  setImmediate(() => turns.push('immediate'));
  void readFile(fileURLToPath(import.meta.url)).then(() => turns.push('I/O'));
  await runner.waitAll();
  assert.deepEqual(turns.sort(), ['I/O', 'immediate', 'timer'], `${begun} tasks`);
  assert.ok(begun < MOST, 'before the last task');
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

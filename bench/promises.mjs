// What promises alone take in the form of row b: 100,000 objects, one promise each, Promise.all over them, resolved one after
// the other. No runner can await every handle in less, whatever it does. Measured as the rows are, in one process.
// Usage: node --expose-gc bench/promises.mjs [rounds, 15 when not given]
import { spread } from './lib/stats.mjs';
import { once, steady } from './lib/timing.mjs';

const TASKS = 100_000;

class Waiter {
  resolve = undefined;

  wait() {
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
}

async function each(n) {
  const waiters = new Array(n);
  for (let at = 0; at < n; at++) waiters[at] = new Waiter();
  const all = Promise.all(waiters.map((waiter) => waiter.wait()));
  for (const waiter of waiters) waiter.resolve(1);
  await all;
}

if (globalThis.gc === undefined) throw new Error('run with node --expose-gc');
const rounds = Number(process.argv[2] ?? 15);
await steady(each, TASKS); // warms up
const times = [];
for (let round = 0; round < rounds; round++) times.push(((await once(each, TASKS)) / TASKS) * 1000);
const { min, median, max } = spread(times);
console.log(`µs a promise: least ${min.toFixed(2)}, median ${median.toFixed(2)}, most ${max.toFixed(2)}`);

/** Times a run in a process that has been warmed up. */
import { median } from './stats.mjs';

const WARM_TASKS = 10_000;
const WARM_MS = 300;
const SAMPLES = 3;
const SAMPLE_MS = 1000;

/**
 * Milliseconds that `run(n)` takes: the median of three, or of fewer when they take over a second together.
 *
 * A garbage collection comes before each, so that none pays for the one before. What `run` answers is called, when it
 * is a function, after the clock has stopped.
 */
export async function steady(run, n) {
  const warmUntil = performance.now() + WARM_MS;
  for (let count = 0; count < 3 || performance.now() < warmUntil; count++) await close(await run(WARM_TASKS));
  const times = [];
  const samplesUntil = performance.now() + SAMPLE_MS;
  do {
    times.push(await once(run, n));
  } while (times.length < SAMPLES && performance.now() < samplesUntil);
  return median(times);
}

/** Milliseconds of one run, after a garbage collection. */
export async function once(run, n) {
  globalThis.gc();
  const start = performance.now();
  const after = await run(n);
  const time = performance.now() - start;
  await close(after);
  return time;
}

async function close(after) {
  if (typeof after === 'function') await after();
}

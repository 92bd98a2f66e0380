/** One queue under load: tasks in flight for a time or one after the other, each result checked, and at last what it kept. */
import { check, makeInput } from './task.mjs';

/** Opens the peer's queue in the working folder; `concurrency` of its tasks may run at a time. */
export async function openQueue(peer, concurrency) {
  const queue = await peer.open({ folder: process.cwd(), url: process.env.BENCH_URL, concurrency });
  let next = 0;

  async function one() {
    const input = makeInput(next++);
    check(input, await queue.one(input));
  }

  /** Keeps `width` tasks in flight for `ms` milliseconds and waits for the last of them. */
  async function inFlight(width, ms) {
    const [start, first] = [performance.now(), next];
    const lane = async () => {
      while (performance.now() < start + ms) await one();
    };
    await Promise.all(Array.from({ length: width }, lane));
    return { tasks: next - first, ms: performance.now() - start };
  }

  /** Exactly `n` tasks, `width` of them in flight. */
  async function count(width, n) {
    const end = next + n;
    const lane = async () => {
      while (next < end) await one();
    };
    await Promise.all(Array.from({ length: width }, lane));
  }

  /** Milliseconds of each of at least `least` tasks, one after the other, going on for `ms` or up to `most`. */
  async function alone(ms, least, most) {
    const times = [];
    const end = performance.now() + ms;
    while (times.length < least || (times.length < most && performance.now() < end)) {
      const start = performance.now();
      await one();
      times.push(performance.now() - start);
    }
    return times;
  }

  /** All of `n` tasks submitted by one call. */
  async function many(n) {
    const inputs = Array.from({ length: n }, () => makeInput(next++));
    const results = await queue.many(inputs);
    for (const [at, input] of inputs.entries()) check(input, results[at]);
  }

  /** Throws unless the queue itself says that all have ended. Closes it. */
  async function finish() {
    const { completed, left } = await queue.counts();
    await queue.close();
    if (left !== 0) throw new Error(`${left} of ${next} tasks are left`);
    if (completed !== undefined && completed !== next) throw new Error(`${completed} of ${next} tasks are kept`);
  }

  return { one, inFlight, count, alone, many, finish, database: queue.database };
}

/**
 * BullMQ. What its documentation has for speed: one worker with a `concurrency` (docs.bullmq.io/guide/workers/concurrency),
 * and `addBulk` for many. Worker and queue are in one process, so the worker's own `completed` event tells the end, which is
 * sooner than `QueueEvents` would. Jobs are kept, results with them, as it does by default.
 */
import { work } from '../task.mjs';
import { endOfQueue } from './end-of-queue.mjs';
import { Waiters } from './waiters.mjs';

const NAME = 'bench';

/** One for each answer of Redis to when its log is made durable. */
export const bullmq = (when, title) => ({
  id: `bullmq-${when}`,
  title: `BullMQ, ${title}`,
  package: 'bullmq',
  runtime: 'node',
  server: `redis-${when}`,
  many: true,
  async open({ url, concurrency }) {
    const { Queue, Worker } = await import('bullmq');
    const connection = { path: url, maxRetriesPerRequest: null };
    const queue = new Queue(NAME, { connection });
    const worker = new Worker(NAME, async (job) => work(job.data), { connection, concurrency });
    const waiters = new Waiters();
    worker.on('completed', (job, result) => waiters.resolve(job.data.n, result));
    worker.on('failed', (job, error) => waiters.reject(job?.data.n, error));
    await worker.waitUntilReady();
    return {
      one: (input) => waiters.of(input, () => queue.add(NAME, input)),
      many: (inputs) => waiters.ofAll(inputs, () => queue.addBulk(inputs.map((data) => ({ name: NAME, data })))),
      ...endOfQueue(queue, worker),
    };
  },
});

/**
 * bunqueue, embedded in Bun. Its documentation has for speed: embedded mode, a worker with `concurrency` and `batchSize`
 * (bunqueue.dev/guide/worker/concurrency), `addBulk` for many; and `durable: true` for a job that must be on disk when its
 * `add` answers. Its SQLite runs with `synchronous=NORMAL`: a commit is written, but not synchronised with the disk.
 */
import { join } from 'node:path';
import { work } from '../task.mjs';
import { endOfQueue } from './end-of-queue.mjs';
import { Waiters } from './waiters.mjs';

const NAME = 'bench';
const DURABLE = { durable: true };

export const peer = {
  id: 'bunqueue',
  title: 'bunqueue, durable (no fsync)',
  package: 'bunqueue',
  runtime: 'bun',
  many: true,
  async open({ folder, concurrency }) {
    const { Queue, Worker } = await import('bunqueue/client');
    const database = join(folder, 'bunqueue.db');
    const place = { embedded: true, dataPath: database };
    const queue = new Queue(NAME, place);
    const waiters = new Waiters();
    const worker = new Worker(NAME, async (job) => work(job.data), { ...place, concurrency, batchSize: concurrency });
    worker.on('completed', (job, result) => waiters.resolve(job.data.n, result));
    worker.on('failed', (job, error) => waiters.reject(job.data.n, error));
    await queue.waitUntilReady();
    return {
      database,
      one: (input) => waiters.of(input, () => queue.add(NAME, input, DURABLE)),
      many: (inputs) =>
        waiters.ofAll(inputs, () => queue.addBulk(inputs.map((data) => ({ name: NAME, data, opts: DURABLE })))),
      ...endOfQueue(queue, worker),
    };
  },
};

/**
 * plainjob, on bun:sqlite, which its readme names first. A worker runs one job at a time and is synchronous but for the job,
 * so more workers in one process add nothing; `addMany` for many. An idle worker looks again after `pollIntervall`, 1 s when
 * not given; here 1 ms. Its SQLite runs with `synchronous=NORMAL`: a commit is written, but not synchronised with the disk.
 * It keeps no results.
 */
import { join } from 'node:path';
import { work } from '../task.mjs';
import { Waiters } from './waiters.mjs';

const NAME = 'bench';
const silent = { debug() {}, info() {}, warn: console.warn, error: console.error };

export const peer = {
  id: 'plainjob',
  title: 'plainjob (no fsync)',
  package: 'plainjob',
  runtime: 'bun',
  many: true,
  async open({ folder }) {
    const { bun, defineQueue, defineWorker, JobStatus } = await import('plainjob');
    const { Database } = await import('bun:sqlite');
    const database = join(folder, 'plainjob.db');
    const queue = defineQueue({ connection: bun(new Database(database, { strict: true })), logger: silent });
    const waiters = new Waiters();
    const results = new Map();
    const run = async (job) => {
      const input = JSON.parse(job.data);
      results.set(job.id, [input.n, work(input)]);
    };
    const onCompleted = (job) => {
      waiters.resolve(...results.get(job.id));
      results.delete(job.id);
    };
    const worker = defineWorker(NAME, run, { queue, onCompleted, pollIntervall: 1, logger: silent });
    worker.start();
    return {
      database,
      one: (input) => waiters.of(input, () => queue.add(NAME, input)),
      many: (inputs) => waiters.ofAll(inputs, () => queue.addMany(NAME, inputs)),
      counts() {
        const completed = queue.countJobs({ status: JobStatus.Done });
        return { completed, left: queue.countJobs() - completed };
      },
      async close() {
        await worker.stop();
        queue.close();
      },
    };
  },
};

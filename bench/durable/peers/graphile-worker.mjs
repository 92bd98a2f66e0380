/**
 * Graphile Worker, with the options of worker.graphile.org/docs/performance: `localQueue` of 500, completions in batches
 * (`completeJobBatchDelay: 0`); `addJobs` for many. Single jobs are added by the runner itself, over its own connections, of
 * which more than the default of 10 were slower here. It keeps neither jobs that have ended nor results.
 * A batch of completions is written after `job:complete` has been told, so what is measured is a little less than the rest.
 */
import { work } from '../task.mjs';
import { Waiters } from './waiters.mjs';

const NAME = 'bench';

export const peer = {
  id: 'graphile-worker',
  title: 'Graphile Worker, localQueue',
  package: 'graphile-worker',
  runtime: 'node',
  server: 'postgres',
  many: true,
  async open({ url, concurrency }) {
    const { Logger, run, makeWorkerUtils } = await import('graphile-worker');
    const logger = new Logger(() => (level, message) => level === 'error' && console.error(message));
    const worker = {
      connectionString: url,
      concurrentJobs: concurrency,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    };
    const preset = { worker: { ...worker, logger } };
    const waiters = new Waiters();
    const results = new Map();
    const task = async (input) => {
      results.set(input.n, work(input));
    };
    const runner = await run({ preset, taskList: { [NAME]: task }, noHandleSignals: true });
    const utils = await makeWorkerUtils({ preset }); // opens connections only when used
    runner.events.on('job:complete', ({ job, error }) => {
      const { n } = job.payload;
      if (error) waiters.reject(n, error);
      else waiters.resolve(n, results.get(n));
      results.delete(n);
    });
    return {
      one: (input) => waiters.of(input, () => runner.addJob(NAME, input)),
      many: (inputs) =>
        waiters.ofAll(inputs, () => utils.addJobs(inputs.map((payload) => ({ identifier: NAME, payload })))),
      async counts() {
        await runner.stop(); // writes the last completions
        const sql = 'SELECT count(*)::int AS left FROM graphile_worker.jobs';
        const { rows } = await utils.withPgClient((client) => client.query(sql));
        return { left: rows[0].left };
      },
      close: () => utils.release(),
    };
  },
};

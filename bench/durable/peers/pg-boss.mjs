/**
 * pg-boss. Its documentation has for many jobs `insert` and batches: `fetch` with `batchSize` and `complete` with a list
 * (pgboss.io/api/jobs). By hand, since a worker of `work()` tells nobody in the process when a job has been completed, and
 * looks every half second at the soonest where no NOTIFY wakes it. A list is completed with one output: results are not kept.
 */
import { work } from '../task.mjs';
import { Waiters } from './waiters.mjs';

const NAME = 'bench';
/** Fetches that may be under way at a time; more were not faster. */
const LANES = 2;

export const peer = {
  id: 'pg-boss',
  title: 'pg-boss, batches',
  package: 'pg-boss',
  runtime: 'node',
  server: 'postgres',
  many: true,
  async open({ url, concurrency }) {
    const { PgBoss } = await import('pg-boss');
    const boss = new PgBoss({ connectionString: url, max: 16, schedule: false, supervise: false });
    boss.on('error', (error) => console.error(error));
    await boss.start();
    await boss.createQueue(NAME);
    const waiters = new Waiters();
    let lanes = 0;
    let sends = 0;

    async function drain() {
      for (;;) {
        const jobs = await boss.fetch(NAME, { batchSize: concurrency });
        if (jobs.length === 0) return;
        const results = jobs.map(({ data }) => [data.n, work(data)]);
        const ids = jobs.map(({ id }) => id);
        await boss.complete(NAME, ids);
        for (const [n, result] of results) waiters.resolve(n, result);
      }
    }

    /** A fetch under way may have missed what was sent last; so it is looked once more. */
    async function wake() {
      sends += 1;
      if (lanes === Math.min(LANES, concurrency)) return;
      lanes += 1;
      for (let seen; seen !== sends; ) {
        seen = sends;
        await drain();
      }
      lanes -= 1;
    }

    async function send(submit) {
      await submit();
      wake();
    }

    return {
      one: (input) => waiters.of(input, () => send(() => boss.send(NAME, input))),
      many: (inputs) =>
        waiters.ofAll(inputs, () =>
          send(() =>
            boss.insert(
              NAME,
              inputs.map((data) => ({ data })),
            ),
          ),
        ),
      async counts() {
        const { rows } = await boss
          .getDb()
          .executeSql('SELECT state::text, count(*)::int AS jobs FROM pgboss.job WHERE name = $1 GROUP BY 1', [NAME]);
        const completed = rows.find(({ state }) => state === 'completed')?.jobs ?? 0;
        const total = rows.reduce((sum, { jobs }) => sum + jobs, 0);
        return { completed, left: total - completed };
      },
      close: () => boss.stop({ graceful: false }),
    };
  },
};

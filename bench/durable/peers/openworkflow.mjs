/**
 * OpenWorkflow on SQLite. A workflow without steps, each of which would be further commits, and a worker with a
 * `concurrency` (openworkflow.dev/docs/workers). `handle.result()` is its only way to wait. It has no call for many.
 */
import { join } from 'node:path';
import { work } from '../task.mjs';

export const peer = {
  id: 'openworkflow',
  title: 'OpenWorkflow',
  package: 'openworkflow',
  runtime: 'node',
  async open({ folder, concurrency }) {
    const { OpenWorkflow } = await import('openworkflow');
    const { BackendSqlite } = await import('openworkflow/sqlite');
    const database = join(folder, 'openworkflow.db');
    const backend = BackendSqlite.connect(database);
    const client = new OpenWorkflow({ backend });
    const workflow = client.defineWorkflow({ name: 'bench' }, ({ input }) => work(input));
    const worker = client.newWorker({ concurrency });
    await worker.start();
    return {
      database,
      one: async (input) => (await workflow.run(input)).result(),
      async counts() {
        const { completed, pending, running, failed, canceled } = await backend.countWorkflowRuns();
        return { completed, left: pending + running + failed + canceled };
      },
      async close() {
        await worker.stop();
        await backend.stop();
      },
    };
  },
};

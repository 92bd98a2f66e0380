/** 64 tasks in flight in one process: submitted, run and completed, the result back with who submitted it. */
import { startMeter } from '../meter.mjs';
import { openQueue } from '../queue.mjs';

const WIDTH = 64;
const WARM_MS = 1000;
const RUN_MS = 2500;

const times = (id, factor) => ({
  line: 'flight.rate',
  says: `${factor} × ${id}`,
  least: (at) => factor * at('flight.rate', id),
});

export const row = {
  id: 'flight',
  cases: ['64'],
  able: (peer) => peer.open !== undefined,
  async measure(peer) {
    const queue = await openQueue(peer, WIDTH);
    await queue.inFlight(WIDTH, WARM_MS);
    const read = startMeter(queue.database);
    const { tasks, ms } = await queue.inFlight(WIDTH, RUN_MS);
    const { cpu, server, commits } = read();
    await queue.finish();
    return {
      'flight.rate': (tasks / ms) * 1000,
      'flight.cpu': cpu / tasks,
      ...(Number.isNaN(server) ? {} : { 'flight.server': server / tasks }),
      ...(Number.isNaN(commits) ? {} : { 'flight.commits': commits / tasks }),
    };
  },
  lines: [
    { key: 'flight.rate', title: '64 in flight, submit → completed', unit: 'tasks/s' },
    { key: 'flight.cpu', title: '… processor, of the server too', unit: 'µs/task' },
    { key: 'flight.server', title: '… of that the server', unit: 'µs/task' },
    { key: 'flight.commits', title: '… write transactions of SQLite', unit: 'a task' },
  ],
  gates: [
    times('driver', 0.5),
    times('bullmq-always', 4),
    times('bullmq-none', 2),
    { line: 'flight.cpu', says: '110', limit: () => 110 },
  ],
  notes: ['flight: 2.5 s after a warm-up of 1; each result is checked, and at last what the queue itself counts.'],
};

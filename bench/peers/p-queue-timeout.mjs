/** p-queue with its `timeout` option for the whole queue, 300 s as offstage has it by default. */
import { pQueue } from './p-queue.mjs';

const timed = pQueue('p-queue-timeout', 'p-queue timeout', { timeout: 300_000 });

// What is queued, and how it is cancelled, does not differ; so only the rows of running tasks have it.
export const peer = { ...timed, drain: undefined, deadlines: timed.drain, hold: undefined, cancels: [] };

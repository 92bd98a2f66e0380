/** A worker's row: who it is and where its process can be found. */
import { randomBytes } from 'node:crypto';
import { LEASE, START_LEASE } from '../store/facts.ts';
import { here, startTime } from '../store/process.ts';
import type { WorkerRow } from '../store/types.ts';

export const newWorkerId = (): string => `worker_${randomBytes(8).toString('hex')}`;

/**
 * The row to insert for a worker that is about to be started with `env`. It names this process until the new one has
 * taken it over, and counts as living for 15 s.
 */
export function startingRow(concurrency: number, env: NodeJS.ProcessEnv): WorkerRow {
  return { ...row(newWorkerId(), concurrency, env, START_LEASE), state: 'starting' };
}

/** The row of this process. */
export function liveRow(id: string, concurrency: number): WorkerRow {
  return row(id, concurrency, process.env, LEASE);
}

function row(id: string, concurrency: number, env: NodeJS.ProcessEnv, lease: number): WorkerRow {
  const now = Date.now();
  return {
    id,
    ...here(),
    pid: process.pid,
    start_time: startTime(process.pid) ?? '',
    state: 'live',
    concurrency,
    env: Object.keys(env).filter((name) => env[name] !== undefined),
    lease_until: now + lease,
    started_at: now,
  };
}

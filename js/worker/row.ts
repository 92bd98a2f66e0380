/** A worker's row: who it is and where its process can be found. */
import { randomBytes } from 'node:crypto';
import { thisPlace } from '../platform/place.ts';
import { here, startTime } from '../platform/process.ts';
import { LEASE, START_LEASE } from '../store/facts.ts';
import type { Binding, WorkerRow } from '../store/types.ts';

export const newWorkerId = (): string => `worker_${randomBytes(8).toString('hex')}`;

/** What a worker can do, as others must know it. */
export interface Abilities {
  concurrency: number;
  maxConcurrent: number | null;
  folders: boolean;
  /** Names of recipes in code. */
  recipes: readonly string[];
  /** Names of recipes in folders of its own. */
  found?: readonly string[];
}

/**
 * The row to insert for a worker that is about to be started with `env`, for recipes that are folders. It names this
 * process until the new one has taken it over, and counts as living for 15 s. `binding` says which values it will have.
 */
export function startingRow(
  concurrency: number,
  env: NodeJS.ProcessEnv,
  maxConcurrent: number | null = null,
  binding: Binding | null = null,
): WorkerRow {
  const abilities = { concurrency, maxConcurrent, folders: true, recipes: [] };
  const values = binding?.values ?? [];
  const more = { state: 'starting', values, value_key: values[0]?.key ?? null } as const;
  return { ...row(newWorkerId(), abilities, env, Date.now(), START_LEASE), ...more };
}

/** The row of this process. */
export function liveRow(id: string, abilities: Abilities, now: number): WorkerRow {
  return row(id, abilities, process.env, now, LEASE);
}

function row(id: string, abilities: Abilities, env: NodeJS.ProcessEnv, now: number, lease: number): WorkerRow {
  return {
    id,
    ...here(),
    pid: process.pid,
    start_time: startTime(process.pid) ?? '',
    state: 'live',
    concurrency: abilities.concurrency,
    max_concurrent: abilities.maxConcurrent,
    env: Object.keys(env).filter((name) => env[name] !== undefined),
    folders: abilities.folders,
    recipes: abilities.recipes,
    place: thisPlace(),
    found: abilities.found ?? [],
    lease_until: now + lease,
    started_at: now,
  };
}

/** Starts a worker that outlives this process. */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLog } from '../worker/log.ts';

/** How to start a detached worker. */
export interface SpawnOptions {
  /** The store's file, an absolute path. */
  storePath: string;
  /** Of the `starting` row that it takes over. */
  id: string;
  env: NodeJS.ProcessEnv;
  /** Tasks at once. */
  concurrency: number;
  /** Tasks at once over all workers of the store; null: no such limit. */
  maxConcurrent: number | null;
  /** Seconds. */
  exitWhenIdle: number;
  /** Told, while this process lives, how it ended: the exit code, null for a signal. */
  onExit(code: number | null): void;
}

/** What `detached.ts` is told, as JSON. */
export type DetachedOptions = Omit<SpawnOptions, 'env' | 'onExit'>;

/**
 * Starts a worker as a process of its own: own session, no terminal, output to `worker.log` beside the store, working
 * folder beside the store's. Resolves with its pid when the process has begun, which is before it has registered; rejects
 * when it cannot be started.
 */
export async function spawnWorker({ env, onExit, ...options }: SpawnOptions): Promise<number> {
  const folder = dirname(options.storePath);
  const log = openLog(folder);
  try {
    const main = fileURLToPath(new URL('./detached.js', import.meta.url));
    const child = spawn(process.execPath, [main, JSON.stringify(options)], {
      cwd: dirname(folder),
      detached: true,
      stdio: ['ignore', log, log],
      env,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.once('exit', onExit);
    child.unref();
    return child.pid as number;
  } finally {
    closeSync(log);
  }
}

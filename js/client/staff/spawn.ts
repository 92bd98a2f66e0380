/** Starts a worker that outlives this process. */
import { spawn } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../platform/package.ts';
import { asScript, whyNoScripts } from '../../platform/program.ts';
import { logFile, openLog } from '../../worker/log.ts';
import { type Descriptor, inheritable } from './descriptors.ts';
import { saidSince } from './worker-log.ts';

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
  /** Told, while this process lives, how it ended. */
  onExit(end: WorkerEnd): void;
}

/** How a detached worker ended. */
export interface WorkerEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Whether it had begun to take tasks. */
  ready: boolean;
  /** What went wrong, in its own words; empty when it said nothing, or has no log. */
  said: string;
  /** Where it wrote; undefined: nowhere, as the log cannot be written. */
  log: string | undefined;
}

/** What `detached.ts` is told, as JSON. */
export type DetachedOptions = Omit<SpawnOptions, 'env' | 'onExit'> & { inherited: Descriptor[] };

/** A detached worker that has been started. */
export interface Spawned {
  pid: number;
  /** Why it has no log, if it has none. */
  noLog: string | undefined;
}

/**
 * Starts a worker as a process of its own: own session, no terminal, output to `worker.log` beside the store, working
 * folder beside the store's. Resolves when the process has begun, which is before it has registered; rejects when it
 * cannot be started. A log that cannot be written keeps no worker from its tasks.
 */
export async function spawnWorker({ env, onExit, ...options }: SpawnOptions): Promise<Spawned> {
  const why = whyNoScripts();
  if (why !== undefined) throw new Error(why);
  const folder = dirname(options.storePath);
  const { file, from, problem } = logIn(folder);
  try {
    const main = fileURLToPath(packageFile('client/detached.js'));
    const told: DetachedOptions = { ...options, inherited: inheritable() };
    const child = spawn(process.execPath, [main, JSON.stringify(told)], {
      cwd: dirname(folder),
      detached: true,
      stdio: ['ignore', file ?? 'ignore', file ?? 'ignore'],
      env: { ...env, ...asScript() },
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.once('exit', (code, signal) => {
      const log = file === undefined ? undefined : logFile(folder);
      onExit({ code, signal, log, ...saidSince(log, from, options.id) });
    });
    child.unref();
    return { pid: child.pid as number, noLog: problem };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The log, open to append to it, and how long it is now. */
function logIn(folder: string): { file: number | undefined; from: number; problem: string | undefined } {
  try {
    const file = openLog(folder);
    return { file, from: fstatSync(file).size, problem: undefined };
  } catch (error) {
    return { file: undefined, from: 0, problem: (error as Error).message };
  }
}

/** Runs a worker in this process. */
import { dirname } from 'node:path';
import { invalid } from '../errors/index.ts';
import type { Store } from '../store/types.ts';
import { ChildPool } from './children/pool.ts';
import { Loop, type LoopEnd } from './loop.ts';
import { liveRow, newWorkerId } from './row.ts';
import { oneLine } from './trouble.ts';
import type { RunWorkerOptions, WorkerEvent } from './types.ts';

const CONCURRENCY = 5;
const KILL_GRACE = 5000;

/**
 * Claims tasks from the store and runs each in a child process, until it was idle for `exitWhenIdle` seconds or
 * `signal` stops it. An orderly stop claims nothing more, gives what runs `drain` seconds, kills the rest and gives it
 * back as lost to a shutdown (by default it fails with `lost`). Does not close the store.
 *
 * # Errors
 * `InvalidArgumentError` for an option that cannot be used; `StoreError` when the store is lost while it runs: its
 * children are killed then, and whoever looks at the store next decides what becomes of their tasks.
 *
 * Not guaranteed: a process that a recipe moves into a session of its own (`setsid`) is not found and not killed.
 */
export async function runWorker(store: Store, options: RunWorkerOptions = {}): Promise<void> {
  const worker = options.id ?? newWorkerId();
  const concurrency = atLeast('concurrency', options.concurrency ?? CONCURRENCY, 1);
  if (!Number.isInteger(concurrency)) throw invalid('concurrency', concurrency, 'a whole number of at least 1');
  const idleAfter = atLeast('exitWhenIdle', options.exitWhenIdle ?? Number.POSITIVE_INFINITY, 0) * 1000;
  const drain = atLeast('drain', options.drain ?? 0, 0) * 1000;
  const killGrace = atLeast('killGraceMs', options.killGraceMs ?? KILL_GRACE, 0);
  const tell = teller(worker, options);
  const onTrouble = (error: unknown): void => options.onTrouble?.(oneLine(error));

  const pool = new ChildPool({ worker, store, keep: concurrency, folder: dirname(store.folder), onTrouble });
  const loop = new Loop({ store, pool, worker, concurrency, idleAfter, killGrace, tell, onTrouble });
  await store.run('register', { row: liveRow(worker, concurrency) });
  store.keepLease(worker);
  pool.warm();
  tell('ready');

  const onStop = (): void => {
    tell('stopping', reasonOf(options.signal));
    void loop.stop(drain, options.skipDrain);
  };
  options.signal?.addEventListener('abort', onStop);
  if (options.signal?.aborted) onStop();
  const end = await loop.run();
  options.signal?.removeEventListener('abort', onStop);
  await finish(end, { worker, store, pool });
  tell('stopped', { reason: end.because });
}

async function finish(end: LoopEnd, { worker, store, pool }: { worker: string; store: Store; pool: ChildPool }) {
  if (end.because === 'lost') pool.killAll();
  await pool.close();
  if (end.because === 'lost') throw end.error;
  if (end.because === 'stop') await store.run('leave', { worker, force: true });
}

function atLeast(option: string, value: number, least: number): number {
  if (typeof value === 'number' && value >= least) return value;
  throw invalid(option, value, `a number of at least ${least}`);
}

function reasonOf(signal: AbortSignal | undefined): Partial<WorkerEvent> {
  const reason = signal?.reason;
  return reason === undefined ? {} : { reason: reason instanceof Error ? reason.message : String(reason) };
}

/** A listener that throws is its owner's trouble, not the worker's. */
function teller(worker: string, { onEvent, onTrouble }: RunWorkerOptions) {
  return (event: WorkerEvent['event'], more: Partial<WorkerEvent> = {}): void => {
    try {
      onEvent?.({ event, at: new Date().toISOString(), worker_id: worker, pid: process.pid, ...more });
    } catch (error) {
      onTrouble?.(`a listener of the worker's events threw: ${oneLine(error)}`);
    }
  };
}

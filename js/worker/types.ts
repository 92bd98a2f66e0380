/** How a worker is started and what it tells. */

/** One thing that a worker did. */
export interface WorkerEvent {
  event: 'ready' | 'started' | 'finished' | 'stopping' | 'stopped';
  /** ISO-8601, UTC. */
  at: string;
  worker_id: string;
  pid: number;
  task_id?: string;
  recipe?: string;
  attempt?: number;
  status?: string;
  reason?: string;
}

/** How a worker runs. */
export interface WorkOptions {
  /** Tasks at once. Default 5. */
  concurrency?: number;
  /** Seconds without work after which it ends. Default: never. */
  exitWhenIdle?: number;
  /** Seconds that running tasks get to end by themselves at an orderly stop. Default 0. */
  drain?: number;
  onEvent?: (event: WorkerEvent) => void;
  /** Aborting it stops the worker in order. */
  signal?: AbortSignal;
}

/** What only this package itself sets. */
export interface RunWorkerOptions extends WorkOptions {
  /** Id of a row that was inserted for this worker. Default: a new one. */
  id?: string;
  /** Milliseconds between abort and SIGKILL for a task whose record does not say. Default 5000. */
  killGraceMs?: number;
  /** Aborting it ends the drain of an orderly stop at once. */
  skipDrain?: AbortSignal;
  /** Told about what went wrong inside the worker and was survived. */
  onTrouble?: (text: string) => void;
}

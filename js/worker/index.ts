export { type Clock, systemClock } from './clock.ts';
export { newWorkerId, startingRow } from './row.ts';
export { runWorker } from './run-worker.ts';
export { type StopSignals, stopSignals } from './signals.ts';
export type { Family, Outcome, RunWorkerOptions, SubmitAlong, WorkerEvent, WorkOptions } from './types.ts';

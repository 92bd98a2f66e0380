export { newWorkerId, startingRow } from './row.ts';
export { runWorker } from './run.ts';
export { type StopSignals, stopSignals } from './signals.ts';
export { type SpawnOptions, spawnWorker } from './spawn.ts';
export type { RunWorkerOptions, WorkerEvent, WorkOptions } from './types.ts';

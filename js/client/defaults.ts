/** What holds where the configuration says nothing. */
import type { Config } from '../wire/config.ts';

/** Keys and units are those of the file. Null: none. */
export const DEFAULTS = {
  enabled: true,
  maxConcurrentTasks: 5,
  taskTimeout: 300,
  yieldMs: null,
  cleanupDelaySec: 3_600,
  /** As the core has it. */
  keepFailedSec: 604_800,
  /** As the core has it. */
  keepKeyedSec: 86_400,
  defaultDeliverTo: [],
} as const satisfies Record<keyof NonNullable<Config['background']>, unknown>;

/** How long a worker that was started by a submit waits for more before it exits, in seconds. */
export const WORKER_IDLE = 30;

/** Milliseconds between two looks of those who wait, whatever they have heard. */
export const LOOK_EVERY = 1_000;

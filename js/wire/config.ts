/** What the configuration file may say; `client/config.ts` reads it. */

/** Every key that the file may have; all are optional. */
export interface Config {
  /** How tasks run. */
  background?: {
    /** False refuses every background submit. Default true. */
    enabled?: boolean;
    /** Tasks at once of a worker that is started here. Default 5. */
    maxConcurrentTasks?: number;
    /** Default timeout of a task, in seconds or as text. Default 300. */
    taskTimeout?: number | string;
    /** After so many milliseconds `recipe run` stops waiting and leaves the task in the background. Default: never. */
    yieldMs?: number;
    /** How long a completed task is kept after its outcome was read, in seconds. Default 3600. */
    cleanupDelaySec?: number;
    /** The same of one that failed or was cancelled. Default 604800 (7 days). */
    keepFailedSec?: number;
    /** How long after its end a task with an idempotency key is kept at least, in seconds. Default 86400 (a day). */
    keepKeyedSec?: number;
  };
  /** The module of the codec that payloads go through, relative to the configuration's folder: its default export is one, or a list. */
  codec?: string;
  /** Modules of hooks, each a default export of one or a list, relative to the configuration's folder. */
  hooks?: string[];
  /** The store's file, relative to the configuration's folder. */
  store?: string;
  /** Folders that hold recipe folders, relative to the configuration's folder. */
  recipes?: string[];
}

import { timeoutMs } from '../core/options.ts';
import { type EngineOptions, seconds as parse } from '../core/runner.ts';
import { invalid } from '../errors/index.ts';
import type { Task } from '../wire/task.ts';
import type { Duration } from '../wire/task-handle.ts';
import { checkObject, either, spanMs, wholeMs } from './spec.ts';

/** How a runner works. Everything has a default. */
export interface RunnerOptions {
  /** How many tasks run at once. Default 5. */
  maxConcurrentTasks?: number | undefined;
  /** The same as `maxConcurrentTasks`. */
  maxConcurrent?: number | undefined;
  /** Run time of one attempt; 0, null and Infinity mean none. Default 300 s. */
  defaultTimeout?: Duration | null | undefined;
  /** How many tasks may wait when all slots are taken; 0 refuses instead of queueing. Default Infinity. */
  maxQueued?: number | undefined;
  /** Whether ended tasks are dropped by themselves. Default true. */
  autoCleanup?: boolean | undefined;
  /** How long after its end a task is dropped. Default 3600 s. A handle answers all the same. */
  cleanupDelay?: Duration | undefined;
  /** The same as `cleanupDelay`. */
  cleanupDelaySec?: Duration | undefined;
  /** How many ended tasks are kept at most; the ones that ended first go first. Default 500. */
  maxRetained?: number | undefined;
  /** How long cancelled or timed-out functions get to end by themselves; then they are given up. Default 5 s. */
  killGrace?: Duration | undefined;
  /** How long `runOrBackground` waits for a result, in milliseconds. Default 5000. */
  yieldMs?: number | undefined;
  /**
   * Whether a task and its callbacks run in the async context (`AsyncLocalStorage`) of its submit. Default true. False saves
   * about 0.2 µs a task; what they run in is then left to chance.
   */
  context?: boolean | undefined;
  /** Called once for each task, when it has ended in any way. */
  onComplete?: ((task: Task) => void) | undefined;
}

/** The same as `RunnerOptions`. */
export type BackgroundConfig = RunnerOptions;

export const RUNNER_KEYS: Record<keyof RunnerOptions, true> = {
  maxConcurrentTasks: true,
  maxConcurrent: true,
  defaultTimeout: true,
  maxQueued: true,
  autoCleanup: true,
  cleanupDelay: true,
  cleanupDelaySec: true,
  maxRetained: true,
  killGrace: true,
  yieldMs: true,
  context: true,
  onComplete: true,
};

/** The checked options, spans in milliseconds. */
export interface Settings {
  engine: EngineOptions;
  /** 0: none. */
  defaultTimeoutMs: number;
  yieldMs: number;
  context: boolean;
  onComplete: ((task: Task) => void) | undefined;
}

export function settings(options: RunnerOptions): Settings {
  checkObject('options', options, RUNNER_KEYS);
  const { maxQueued = Number.POSITIVE_INFINITY, maxRetained = 500, autoCleanup = true, onComplete } = options;
  const { defaultTimeout = 300, killGrace = 5, yieldMs = 5000, context = true } = options;
  const limit = either<number>(options, 'maxConcurrentTasks', 'maxConcurrent', 5);
  const cleanupDelay = either<Duration>(options, 'cleanupDelay', 'cleanupDelaySec', 3600);
  if (typeof autoCleanup !== 'boolean') throw invalid('autoCleanup', autoCleanup, 'true or false');
  if (typeof context !== 'boolean') throw invalid('context', context, 'true or false');
  if (onComplete !== undefined && typeof onComplete !== 'function')
    throw invalid('onComplete', onComplete, 'a function');
  return {
    engine: {
      limit: concurrency(limit),
      maxQueued: count('maxQueued', maxQueued),
      killGraceMs: spanMs(killGrace, 'killGrace'),
      autoCleanup,
      cleanupDelayMs: spanMs(cleanupDelay, 'cleanupDelay'),
      maxRetained: count('maxRetained', maxRetained),
    },
    defaultTimeoutMs: wholeMs(timeoutMs(defaultTimeout, parse, 'defaultTimeout') ?? 0),
    yieldMs: milliseconds('yieldMs', yieldMs),
    context,
    onComplete,
  };
}

export function concurrency(value: unknown): number {
  if ((Number.isInteger(value) && (value as number) >= 1) || value === Number.POSITIVE_INFINITY) return value as number;
  throw invalid('maxConcurrentTasks', value, 'a whole number from 1, or Infinity');
}

export function milliseconds(option: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw invalid(option, value, 'milliseconds from 0');
}

function count(option: string, value: unknown): number {
  if ((Number.isInteger(value) && (value as number) >= 0) || value === Number.POSITIVE_INFINITY) return value as number;
  throw invalid(option, value, 'a whole number from 0, or Infinity');
}

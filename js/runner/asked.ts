/** What a user asks of a task, as the engine takes it. */
import { momentMs, priorityOf } from '../core/options.ts';
import type { RunnerBackoff, RunnerSpec } from '../core/runner.ts';
import { invalid } from '../errors/index.ts';
import { checkKeys } from '../wire/check.ts';
import { BACKOFF_KEYS, type Backoff } from '../wire/submit-options.ts';
import { ON_CONFLICT } from '../wire/task.ts';
import { type AnyOptions, spanMs } from './spec.ts';

/** The part of a spec that options say. */
type Asked = Omit<RunnerSpec, 'name' | 'recipe' | 'timeoutMs' | 'parent' | 'keyed' | 'fingerprint'>;

/** What the engine is asked for when options are more than those of a plain task; the rest of it is for the caller to say. */
export function askedOf(options: AnyOptions): Asked {
  const { sessionId, idempotencyKey, ttl, delay, runAt, onLost, onConflict } = options;
  if (onConflict !== undefined && !ON_CONFLICT.includes(onConflict)) {
    throw invalid('onConflict', onConflict, ON_CONFLICT.join(', '));
  }
  if (onLost !== undefined && onLost !== 'fail' && onLost !== 'retry') throw invalid('onLost', onLost, 'fail or retry');
  return {
    sessionId,
    onConflict,
    idempotencyKey,
    priority: number('priority', priorityOf(options.priority)),
    ttlMs: ttl === undefined || ttl === Number.POSITIVE_INFINITY ? undefined : spanMs(ttl, 'ttl'),
    retries: number('retries', options.retries),
    backoff: backoffOf(options.backoff),
    delayMs: delay === undefined ? undefined : spanMs(delay, 'delay'),
    runAt: runAt === undefined ? undefined : momentMs(runAt, 'runAt'),
    onLost,
  };
}

function backoffOf(backoff: Backoff | undefined): RunnerBackoff | undefined {
  if (backoff === undefined) return undefined;
  if (typeof backoff !== 'object' || backoff === null) throw invalid('backoff', backoff, 'an object');
  checkKeys(backoff, BACKOFF_KEYS, 'backoff');
  return {
    initial: number('backoff.initial', backoff.initial),
    max: number('backoff.max', backoff.max),
    factor: number('backoff.factor', backoff.factor),
    jitter: number('backoff.jitter', backoff.jitter),
  };
}

/** NaN tells the engine that nothing was given, so a NaN that was given stops here. */
function number(option: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(option, value, 'a finite number');
  return value;
}

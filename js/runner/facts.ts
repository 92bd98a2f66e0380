/** What an execution tells about itself. What is said by one that does not hold its task any more is not taken. */
import { invalid } from '../errors/index.ts';
import { cut } from '../wire/cut.ts';
import { LIMITS, serialize } from '../wire/serialize.ts';
import { type UsageFact, usedOf } from '../wire/usage.ts';
import type { Execution } from './entry.ts';
import type { Inner } from './inner.ts';

/** Bytes of a progress message. */
const MESSAGE_LIMIT = 1024;
/** Bytes of an output chunk, so that its event with all around it stays within the limit of one. */
const CHUNK_LIMIT = LIMITS.event - 256;

export function progress(inner: Inner, execution: Execution, fraction: number, message: string | undefined): void {
  if (typeof fraction !== 'number' || Number.isNaN(fraction))
    throw invalid('progress', fraction, 'a number from 0 to 1');
  if (!inner.holds(execution)) return;
  const { entry, attempt, epoch } = execution;
  const text = message === undefined ? undefined : cut(String(message), MESSAGE_LIMIT);
  const clamped = Math.min(1, Math.max(0, fraction));
  inner.driver.after((runner, now) => runner.progress(entry.slot, attempt, epoch, clamped, text, now));
  const onProgress = entry.extra?.onProgress;
  if (onProgress !== undefined) inner.callBack(entry, onProgress, clamped, text);
}

export function use(inner: Inner, execution: Execution, fact: UsageFact): void {
  const used = JSON.stringify(usedOf(fact));
  if (!inner.holds(execution)) return;
  const { entry, attempt, epoch } = execution;
  inner.driver.after((runner, now) => runner.usage(entry.slot, attempt, epoch, used, now));
}

export function say(inner: Inner, execution: Execution, kind: 'log' | 'output', what: unknown): void {
  const text = kind === 'log' ? cut(String(what)) : serialize(what, 'output', CHUNK_LIMIT);
  if (!inner.holds(execution)) return;
  const { entry, attempt, epoch } = execution;
  inner.driver.after((runner, now) => runner[kind](entry.slot, attempt, epoch, text, now));
}

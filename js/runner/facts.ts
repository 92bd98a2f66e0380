/** What an execution tells about itself. What is said by one that does not hold its task any more is not taken. */

import { tellUsed } from '../core/runner.ts';
import { cut } from '../wire/cut.ts';
import type { Note } from '../wire/note.ts';
import { laterProgress, type ToldProgress } from '../wire/progress.ts';
import { LIMITS, serialize } from '../wire/serialize.ts';
import { type UsageFact, usedOf } from '../wire/usage.ts';
import type { Execution, Extra } from './entry.ts';
import type { Inner } from './inner.ts';

/** Bytes of an output chunk, so that its event with all around it stays within the limit of one. */
const CHUNK_LIMIT = LIMITS.event - 256;

export function progress(inner: Inner, execution: Execution, told: ToldProgress): void {
  if (!inner.holds(execution)) return;
  const { entry, attempt, epoch } = execution;
  const { fraction, message, data } = told;
  const said = [fraction ?? Number.NaN, message ?? undefined, data] as const;
  inner.driver.after((runner, now) => runner.progress(entry.slot, attempt, epoch, ...said, now));
  const onProgress = entry.extra?.onProgress;
  if (data === undefined && onProgress === undefined && entry.extra?.told === undefined) return;
  const all = remembered(inner.extraOf(entry), attempt, told);
  if (onProgress === undefined) return;
  const parsed = data === undefined ? undefined : JSON.parse(data);
  inner.callBack(entry, onProgress, all.fraction ?? 0, all.message ?? undefined, parsed);
}

/** What was told in this attempt, all in all. */
function remembered(extra: Extra, attempt: number, told: ToldProgress): ToldProgress {
  const before = extra.told?.attempt === attempt ? extra.told : undefined;
  extra.told = { ...(before === undefined ? told : laterProgress(before, told)), attempt };
  return extra.told;
}

export function use(inner: Inner, execution: Execution, fact: UsageFact): void {
  const used = usedOf(fact);
  if (!inner.holds(execution)) return;
  const { entry, attempt, epoch } = execution;
  inner.driver.after((runner, now) => tellUsed(runner, entry.slot, attempt, epoch, used, now));
}

export function note(inner: Inner, execution: Execution, told: Note): void {
  if (!inner.holds(execution)) return;
  const { entry, attempt, epoch } = execution;
  inner.driver.after((runner, now) => {
    if (told.kind === 'warning') {
      const { reason, message } = told.warning;
      return runner.warning(entry.slot, attempt, epoch, reason, cut(message), now);
    }
    const { step, call, name, ok, ms } = told.tool;
    return runner.tool(entry.slot, attempt, epoch, step, call, name, ok, ms, now);
  });
}

export function say(inner: Inner, execution: Execution, kind: 'log' | 'output', what: unknown): void {
  const text = kind === 'log' ? cut(String(what)) : serialize(what, 'output', CHUNK_LIMIT);
  if (!inner.holds(execution)) return;
  const { entry, attempt, epoch } = execution;
  inner.driver.after((runner, now) => runner[kind](entry.slot, attempt, epoch, text, now));
}

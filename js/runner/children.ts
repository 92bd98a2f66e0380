/** Tasks that tasks submit. */
import { invalid } from '../errors/index.ts';
import { checkKey, checkObject } from '../wire/check.ts';
import type { BackgroundTaskHandle } from '../wire/task-handle.ts';
import { type Execution, LIVE, type Work } from './entry.ts';
import type { Inner } from './inner.ts';
import { ARGS_KEYS, type SubmitOptions } from './spec.ts';
import { adopt, submit } from './submit.ts';

/** How a child is submitted by its parent. */
export interface ChildOptions extends SubmitOptions {
  /**
   * A further attempt of the parent goes on with the child of that key instead of submitting another, unless it failed or
   * was cancelled.
   */
  key?: string | undefined;
}

const KEYS: Record<keyof ChildOptions | 'args', true> = { ...ARGS_KEYS, key: true };

export function submitChild(
  inner: Inner,
  parent: Execution,
  fn: Work,
  options: ChildOptions = {},
): BackgroundTaskHandle {
  checkObject('options', options, KEYS);
  const { key, ...rest } = options;
  if (key === undefined) return submit(inner, fn, rest, { execution: parent, keyed: false });
  checkKey('key', key);
  if (rest.idempotencyKey !== undefined) throw invalid('key', key, 'no key beside an idempotencyKey');
  const extra = inner.extraOf(parent.entry);
  extra.children ??= new Map();
  const known = extra.children.get(key);
  if (known !== undefined && (known.ended === LIVE || inner.isCompleted(known))) return adopt(inner, known, parent);
  const child = submit(inner, fn, rest, { execution: parent, keyed: true });
  extra.children.set(key, child.task);
  return child;
}

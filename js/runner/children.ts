/** Tasks that tasks submit. */
import { invalid } from '../errors/index.ts';
import { checkKey, checkObject } from '../wire/check.ts';
import type { BackgroundTaskHandle } from '../wire/task-handle.ts';
import type { ChildOptions, TaskContext } from './context.ts';
import { type Entry, LIVE } from './entry.ts';
import type { Execution } from './execution.ts';
import type { Inner } from './inner.ts';
import { ARGS_KEYS } from './spec.ts';

const KEYS: Record<keyof ChildOptions | 'args', true> = { ...ARGS_KEYS, key: true };

export function submitChild(
  inner: Inner,
  parent: Execution,
  fn: (ctx: TaskContext) => unknown,
  options: ChildOptions = {},
): BackgroundTaskHandle {
  checkObject('options', options, KEYS);
  const { key, ...rest } = options;
  if (key === undefined) return inner.submit(fn, rest, { execution: parent, keyed: false });
  checkKey('key', key);
  if (rest.idempotencyKey !== undefined) throw invalid('key', key, 'no key beside an idempotencyKey');
  const extra = inner.extraOf(parent.entry);
  extra.children ??= new Map();
  const known = extra.children.get(key);
  if (known !== undefined && (known.ended === LIVE || inner.isCompleted(known))) return inner.adopted(known, parent);
  const child = inner.submit(fn, rest, { execution: parent, keyed: true });
  const entry = inner.ids.get(child.id);
  if (entry !== undefined) extra.children.set(key, entry);
  return child;
}

/**
 * Awaits something of a child: meanwhile the parent's slot is lent. The parent asks for it back the moment the child has
 * ended, before another task can start, and goes on when it has it.
 */
export async function asParent<T>(inner: Inner, parent: Execution, child: Entry, wait: () => Promise<T>): Promise<T> {
  if (!inner.holds(parent)) return wait();
  parent.awaiting += 1;
  if (parent.awaiting === 1) lend(inner, parent);
  let back: Promise<void> | undefined;
  const giveBack = (): void => {
    if (back !== undefined) return;
    parent.awaiting -= 1;
    back = parent.awaiting === 0 ? reclaim(inner, parent) : Promise.resolve();
  };
  const unwatch = child.watch(() => {
    if (child.ended !== LIVE) giveBack();
  });
  try {
    return await wait();
  } finally {
    unwatch();
    giveBack();
    await back;
  }
}

/** It has a slot again while it still awaits a child, which may need that slot. */
export function lendAgain(inner: Inner, execution: Execution): void {
  if (execution.awaiting > 0 && inner.holds(execution)) lend(inner, execution);
}

function lend(inner: Inner, { entry }: Execution): void {
  inner.driver.ask((runner) => runner.lend(entry.slot));
}

function reclaim(inner: Inner, execution: Execution): Promise<void> {
  const { entry } = execution;
  if (!inner.holds(execution)) return Promise.resolve();
  return new Promise((resolve) => {
    execution.restored ??= [];
    execution.restored.push(resolve);
    inner.driver.after((runner, now) => {
      runner.reclaim(entry.slot);
      return runner.take(now);
    });
  });
}

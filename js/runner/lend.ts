/** A slot that others may have while its task awaits a child. */
import { type Entry, type Execution, LIVE, watch } from './entry.ts';
import type { Inner } from './inner.ts';

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
  const unwatch = watch(child, () => {
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

/** Signals that are aborted. Many may wait for one: it gets one listener, and none once nobody waits any more. */
import type { AbortSignal } from './globals.ts';
import { messageOf } from './message.ts';

interface Waiting {
  readonly all: Set<() => void>;
  readonly listener: () => void;
}

const waiting = new WeakMap<AbortSignal, Waiting>();

/** Calls back once when the signal is aborted, not at once when it is; answers with how to end that. */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  const { all } = waiting.get(signal) ?? listen(signal);
  const callback = (): void => aborted(); // one function may wait more than once
  all.add(callback);
  return () => {
    if (all.delete(callback) && all.size === 0) unlisten(signal);
  };
}

/** Whether it can be used as a signal, of whatever realm it is. */
export function isSignal(value: unknown): value is AbortSignal {
  const { aborted, addEventListener, removeEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  );
}

/** What is kept as text of why a signal was aborted. */
export function reasonText({ reason }: AbortSignal): string {
  return messageOf(reason);
}

function listen(signal: AbortSignal): Waiting {
  const all = new Set<() => void>();
  const listener = (): void => {
    waiting.delete(signal);
    for (const callback of [...all]) if (all.delete(callback)) callback();
  };
  const made = { all, listener };
  waiting.set(signal, made);
  signal.addEventListener('abort', listener, { once: true });
  return made;
}

function unlisten(signal: AbortSignal): void {
  const known = waiting.get(signal);
  if (known === undefined || known.all.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', known.listener);
}

/** Who follows a signal. Many tasks may share one: it gets one listener, and none once they have ended. */
interface Followers {
  readonly all: Set<() => void>;
  readonly listener: () => void;
}

const followers = new WeakMap<AbortSignal, Followers>();

/** Calls back when the signal is aborted; answers with how to end that. */
export function follow(signal: AbortSignal, callback: () => void): () => void {
  const { all } = followers.get(signal) ?? listen(signal);
  all.add(callback);
  return () => {
    if (all.delete(callback) && all.size === 0) unlisten(signal);
  };
}

function listen(signal: AbortSignal): Followers {
  const all = new Set<() => void>();
  const listener = (): void => {
    followers.delete(signal);
    for (const callback of [...all]) callback();
  };
  const made = { all, listener };
  followers.set(signal, made);
  signal.addEventListener('abort', listener, { once: true });
  return made;
}

function unlisten(signal: AbortSignal): void {
  const known = followers.get(signal);
  if (known === undefined || known.all.size > 0) return;
  followers.delete(signal);
  signal.removeEventListener('abort', known.listener);
}

/** Turns the signals that ask a process to end into an orderly stop of its worker. */

export interface StopSignals {
  /** Aborted by the first signal. */
  signal: AbortSignal;
  /** Aborted by the second one: whoever asks twice does not want to wait. */
  skipDrain: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export function stopSignals(): StopSignals {
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (first.signal.aborted) second.abort(name);
    else first.abort(name);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  const dispose = (): void => {
    for (const name of SIGNALS) process.removeListener(name, onSignal);
  };
  return { signal: first.signal, skipDrain: second.signal, dispose };
}

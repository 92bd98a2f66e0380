/** One instance of the wasm: made at the first call, and given up for ever after a trap. */
import { TaskError } from '../errors/base.ts';
import { errorFrom } from '../errors/from.ts';

/** Calls into the wasm and turns what it throws into a `TaskError`. */
export type Call<Glue> = <T>(body: (glue: Glue) => T) => T;

/** The wasm for callers that cannot afford a closure for each call. */
export interface Guard<Glue> {
  /** The bindings, made when they are needed first; throws once they are dead. */
  use(): Glue;
  /** What to throw for what the wasm threw. */
  failed(error: unknown): unknown;
  /** Takes what the wasm threw where nobody called it: only a trap comes so. */
  died(error: unknown): void;
  /** Calls back once, when the wasm has died, and not within the call that it died in. */
  whenDead(callback: (error: TaskError) => void): void;
}

/**
 * Holds what `load` makes when it is needed first.
 *
 * A trap leaves the wasm's memory as it was in the middle of something, so nothing that it says afterwards could be
 * trusted: from then on every call throws a `TaskError` with code `core_dead`.
 */
export function guard<Glue>(load: () => Glue): Guard<Glue> {
  let glue: Glue | undefined;
  let trap: Error | undefined;
  const waiting: ((error: TaskError) => void)[] = [];
  const tell = (): void => {
    for (const callback of waiting.splice(0)) callback(dead(trap as Error));
  };
  const die = (error: Error): TaskError => {
    // Not a microtask of the process's own: fake timers may hold those back.
    if (trap === undefined) void Promise.resolve().then(tell);
    trap ??= error;
    return dead(trap);
  };
  return {
    use() {
      if (trap !== undefined) throw dead(trap);
      glue ??= load();
      return glue;
    },
    failed(error) {
      return isTrap(error) ? die(error) : refused(error);
    },
    died(error) {
      if (error instanceof TaskError && error.code === 'core_dead') return; // told already
      die(error instanceof Error ? error : new Error(String(error)));
    },
    whenDead(callback) {
      waiting.push(callback);
    },
  };
}

/** The same for callers that may take a closure. */
export function instance<Glue>(load: () => Glue): Call<Glue> {
  const { use, failed } = guard(load);
  return (body) => {
    const glue = use();
    try {
      return body(glue);
    } catch (error) {
      throw failed(error);
    }
  };
}

/**
 * `RuntimeError`: it gave up. `RangeError`: the stack ended while it was at work; where there was not even room to note
 * that, the bindings find what it held still held.
 */
function isTrap(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { name, message } = error;
  return name === 'RuntimeError' || name === 'RangeError' || message.startsWith('recursive use of an object');
}

function dead(trap: Error): TaskError {
  const message = `offstage's core failed and cannot be used any more in this process: ${trap.message}`;
  return new TaskError('core_dead', message, { cause: trap });
}

/** The core throws its refusals as JSON text; whatever else comes is a bug of the caller and stays what it is. */
function refused(error: unknown): unknown {
  return typeof error === 'string' ? errorFrom(JSON.parse(error)) : error;
}

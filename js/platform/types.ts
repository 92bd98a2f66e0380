/** What a process is to the rest of the package: interfaces only, which `node.ts` and `web.ts` fill. */
import type { TaskErrorJson } from '../wire/task.ts';

/** Clocks and timers; tests bring virtual ones. */
export interface Platform {
  /** Milliseconds of a clock that never steps. */
  mono(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
  /** Calls back after so many milliseconds, at most 2^31 - 1. It keeps the process alive until `unref`. */
  timer(callback: () => void, ms: number): Timer;
  /** Calls back when timers and I/O have had their turn. */
  defer(callback: () => void): void;
  /** Another number each time that wall and monotonic time may have parted; without it they are looked at now and then. */
  readonly partings?: number;
}

export interface Timer {
  /** It does not ring any more. */
  clear(): void;
  /** It keeps the process alive. */
  ref(): void;
  /** It keeps no process alive. */
  unref(): void;
}

/** An async context, to call functions in. */
export interface Scope {
  // biome-ignore lint/suspicious/noExplicitAny: whatever a user's function takes
  runInAsyncScope<Result>(fn: (...args: any[]) => Result, thisArg?: unknown, ...args: unknown[]): Result;
}

/** A call of a module's default export in a thread; the module is a URL. */
export interface Call {
  module: string;
  args: readonly unknown[];
}

/** What it returned; what was thrown goes as data, because a copied error keeps neither its name nor its class. */
export type Reply = { value: unknown } | { thrown: TaskErrorJson };

/** The threads of one runner. */
export interface Threads {
  /** Ends the thread when the signal says so, and rejects when it has ended. */
  run(call: Call, signal: AbortSignal): Promise<Reply>;
  /** Ends the threads that do nothing. */
  end(): Promise<void>;
}

/** The clocks of a process, unless a test has others. */
import { statSync } from 'node:fs';

/** The clocks of a process; all in milliseconds. */
export interface StoreClock {
  /** Wall time, since the epoch. */
  now(): number;
  /** Monotonic time. On Linux the same for all processes of one boot and time namespace, elsewhere this process' own. */
  mono(): number;
  /** When a file was last written, by the wall clock of the system, which is not always what this process is told. */
  writtenAt?(file: string): number | undefined;
}

/** The global `performance` would say the same; Node loads it at its first use, for 1 to 4 ms of a short process. */
export const systemClock: StoreClock = {
  now: () => Date.now(),
  mono: () => Number(process.hrtime.bigint() / 1_000_000n),
  writtenAt: (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs,
};

/** Waiting for others' locks without blocking a thread. */
import { isBusy } from './faults.ts';
import { systemClock } from './system-clock.ts';

/** How long others may hold the lock before a caller is told; in milliseconds. */
export const PATIENCE = 30_000;

/** Pauses that grow to 50 ms, each of a random length around its turn's. */
async function* growing(): AsyncGenerator<void, never, undefined> {
  for (let pause = 1; ; pause = Math.min(pause * 1.5, 50)) {
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    yield;
  }
}

/** Loads what says who holds a file. */
export const loadHeld = () => import('./holders.ts');

const heldFor = async (path: string, patience: number, cause: unknown): Promise<Error> =>
  (await loadHeld()).heldError(path, patience / 1000, cause);

/** Repeats what found the file held by others, for `patience` ms, and while `goOn` says so after each time. */
export async function patiently<T>(
  path: string,
  patience: number,
  body: () => T | Promise<T>,
  goOn?: () => Promise<boolean>,
): Promise<T> {
  const start = systemClock.mono();
  for (const pauses = growing(); ; ) {
    try {
      return await body();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (goOn !== undefined && !(await goOn())) throw error;
      if (systemClock.mono() - start > patience) throw await heldFor(path, patience, error);
      await pauses.next();
    }
  }
}

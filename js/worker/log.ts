/** A worker's own log: one file beside the store, rotated at 5 MiB. What tasks say is in their events, not here. */
import { closeSync, constants, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { atEndOfTurn } from '../store/turn.ts';

const LARGEST = 5 * 1024 * 1024;

export const logFile = (folder: string): string => join(folder, 'worker.log');

/** Opens the log to append to it, after moving a full one to `worker.log.1`. Refuses a symbolic link. */
export function openLog(folder: string): number {
  const path = logFile(folder);
  const full = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= LARGEST;
  if (full) renameSync(path, `${path}.1`);
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
  return openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
}

/** Appends one line; a log that cannot be written stops nobody. */
export function writeLog(folder: string, line: string): void {
  try {
    const file = openLog(folder);
    try {
      writeSync(file, `${line}\n`);
    } finally {
      closeSync(file);
    }
  } catch {
    // A full disk, or a folder that is gone.
  }
}

/** Writes the lines of a worker: those of one turn at its end, or that of the process, together. */
export class WorkerLog {
  readonly #folder: string;
  #lines: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    process.on('exit', () => this.#flush());
  }

  write(line: string): void {
    if (this.#lines.push(line) === 1) atEndOfTurn(() => this.#flush());
  }

  #flush(): void {
    if (this.#lines.length > 0) writeLog(this.#folder, this.#lines.join('\n'));
    this.#lines = [];
  }
}

/** Notices that the store's file is no longer where it was: SQLite goes on writing into a file that has no name. */
import { stat } from 'node:fs/promises';
import { storeGone } from './trouble.ts';

export class FileWatch {
  readonly #path: string;
  #seen: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Rejects with a `StoreError` when the file is gone or another one than at the first check. */
  async check(): Promise<void> {
    const found = await stat(this.#path).catch(() => undefined);
    if (found === undefined) throw storeGone(this.#path);
    const now = `${found.dev}:${found.ino}`;
    this.#seen ??= now;
    if (this.#seen !== now) throw storeGone(this.#path);
  }
}

/** What can be done with a store's file, and what comes of it. */
import type { TaskStatus } from '../wire/task.ts';

/** What a store's file is, and what is wrong with it. */
export interface Checked {
  /** The file. */
  path: string;
  /** That of the file. */
  schema: number;
  /** The newest that this version knows. */
  known_schema: number;
  /** `wal`, unless it was worked on by hand. */
  journal: string;
  /** Of the file. */
  bytes: number;
  /** Of its log, which `-wal` holds. */
  log_bytes: number;
  /** How many there are of each status. */
  tasks: Record<TaskStatus, number>;
  /** Workers that live. */
  workers: { id: string; pid: number; host: string }[];
  /** One sentence each; none when it is whole. */
  problems: string[];
}

/** What was copied, and where to. */
export interface BackedUp {
  /** The copy. */
  path: string;
  /** Its schema. */
  schema: number;
  /** How many it holds. */
  tasks: number;
  /** How large it is. */
  bytes: number;
  /** The copy of the key that the store's hashes were made with; null when the store has none. */
  key: string | null;
}

/** What was put in place, and where what was there is now. */
export interface Restored {
  /** The backup. */
  from: string;
  /** Its schema. */
  schema: number;
  /** How many it holds. */
  tasks: number;
  /** What was there before; null when there was nothing. */
  kept: string | null;
  /** The key that was put in place; null when the backup has none. */
  key: string | null;
}

/** The way to the newest schema. */
export interface Migrated {
  /** That of before. */
  from_schema: number;
  /** That of now. */
  schema: number;
  /** False: it had the newest already. */
  migrated: boolean;
  /** The copy that was made before; null when nothing was to be done. */
  backup: string | null;
}

/** What can be done with the store's file. Nothing is made where there is no store. */
export interface StoreFile {
  /** Reads all of it. `StoreError` when it is damaged (`details.problems`), cannot be opened, or is not there. */
  check(): Promise<Checked>;
  /** Copies it, and its key file to `FILE.key`. Default: `tasks.db.N.bak` beside it. `ConflictError` when the file is there. */
  backup(to?: string): Promise<BackedUp>;
  /** Puts a backup in its place and keeps what was there. `ConflictError` while workers live, unless `force`. */
  restore(from: string, options?: { force?: boolean }): Promise<Restored>;
  /** To this version's schema, after a copy. `StoreError` while a worker of an older version lives, unless `force`. */
  migrate(options?: { force?: boolean }): Promise<Migrated>;
}

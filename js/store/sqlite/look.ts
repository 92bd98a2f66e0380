/** What can be said of a store without changing it, and what is refused there: every fault is an answer. */
import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { STATUSES, type TaskStatus } from '../../wire/task.ts';
import { facts } from '../facts.ts';
import { keyFile, readKey } from '../key.ts';
import { type Stranded, stranded } from '../stranded.ts';
import { openToRead } from './check.ts';
import type { Database } from './database.ts';
import { fileSystemOf, refuseUnsafe } from './filesystem.ts';
import { whyReadOnly } from './folder.ts';
import { contextOf } from './from-here.ts';
import { SCHEMA } from './schema.ts';

/** A worker of a store, as it can be judged from here at this moment. */
export interface WorkerLook {
  id: string;
  pid: number;
  host: string;
  /** Nobody may take its tasks away. */
  alive: boolean;
  state: string;
  /** Tasks at once. */
  concurrency: number;
  /** It runs recipes that are folders. */
  folders: boolean;
  /** The recipes in code that it runs. */
  recipes: readonly string[];
}

export interface StoreLook {
  exists: boolean;
  /** Of the file; null when it cannot be read, or holds nothing yet. */
  schema: number | null;
  /** What this version writes. */
  known_schema: number;
  /** Null where the system does not tell. */
  file_system: string | null;
  /** Nothing can be written there. */
  read_only: boolean;
  /** The key file beside it. */
  key: 'absent' | 'good' | 'refused';
  tasks: Record<TaskStatus, number> | null;
  /** What no living worker can run. */
  stranded: Stranded[];
  /** How many tasks are not started since their code has changed. */
  held: number;
  /** Bytes that are left for it on the disk; null where the system does not tell. */
  free_bytes: number | null;
  workers: WorkerLook[];
}

/** Looks at the store; `refuse` is told every error that opening or using it would end with. Makes nothing. */
export async function lookAt(path: string, refuse: (what: string, error: unknown) => void): Promise<StoreLook> {
  const folder = dirname(path);
  const trial = <T>(what: string, attempt: () => T): T | undefined => {
    try {
      return attempt();
    } catch (error) {
      refuse(what, error);
      return undefined;
    }
  };
  const size = trial('store', () => statSync(path, { throwIfNoEntry: false })?.size ?? -1);
  if (size === -1) trial('store', () => refuseUnsafe(folder));
  const inside = size === undefined || size <= 0 ? undefined : await readIt(path, refuse);
  const key = trial('key', () => (readKey(keyFile(folder)) === undefined ? 'absent' : 'good'));
  return {
    exists: size !== -1,
    schema: inside?.schema ?? null,
    known_schema: SCHEMA,
    file_system: fileSystemOf(folder) ?? null,
    read_only: whyReadOnly(path) !== undefined,
    key: key ?? 'refused',
    tasks: inside?.tasks ?? null,
    stranded: inside?.stranded ?? [],
    held: inside?.held ?? 0,
    free_bytes: freeBytes(folder),
    workers: inside?.workers ?? [],
  };
}

/** Of the nearest folder that is there. */
function freeBytes(folder: string): number | null {
  if (!existsSync(folder) && dirname(folder) !== folder) return freeBytes(dirname(folder));
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

type Inside = Pick<StoreLook, 'tasks' | 'stranded' | 'held' | 'workers'> & { schema: number };

async function readIt(path: string, refuse: (what: string, error: unknown) => void): Promise<Inside | undefined> {
  let db: Database | undefined;
  try {
    db = await openToRead(path);
    return read(db);
  } catch (error) {
    refuse('store', error);
    return undefined;
  } finally {
    db?.close();
  }
}

function read(db: Database): Inside {
  return db.transaction(false, () => {
    const kept = db.all<{ status: string; n: number }>('SELECT status, n FROM counts');
    const context = contextOf(db);
    const counts = new Map(kept.map(({ status, n }) => [status, n]));
    return {
      schema: db.version,
      tasks: Object.fromEntries(STATUSES.map((status) => [status, counts.get(status) ?? 0])) as StoreLook['tasks'],
      stranded: db.drive(stranded(context)),
      held: db.get<{ n: number }>("SELECT count(*) AS n FROM tasks WHERE stand = 'held'")?.n ?? 0,
      workers: db.drive(facts(context)).workers.map(({ row, alive }) => {
        const { id, pid, host, state, concurrency, folders, recipes } = row;
        return { id, pid, host, alive, state, concurrency, folders, recipes };
      }),
    };
  });
}

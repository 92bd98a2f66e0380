/**
 * The files that SQLite keeps beside the store while anybody has it open, `-wal` and `-shm`.
 *
 * 1. Nobody removes them while a connection is open: SQLite itself does so with the last one only. Where they are missing
 *    or others all the same, whoever had them open goes on in files that nobody else will ever see.
 * 2. What was committed there is only safe in the store's file. It is brought there before new ones are made; where others
 *    have begun new ones, there are two histories, and this one is over.
 * 3. Nobody makes new ones while others have the store open without them: see `alone.ts`.
 */
import { linkSync, readdirSync, readlinkSync, rmSync, type Stats, statSync } from 'node:fs';
import { gone, logLost } from './faults.ts';
import { systemClock } from './system-clock.ts';

const SUFFIXES = ['-wal', '-shm'] as const;

/** Milliseconds for which a look at the file and its log holds for reads; a write looks each time, behind the lock. */
const LOOK_HOLDS = 10;

/** Nothing where it cannot be known: whoever opens it is told why. */
export function look(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Tells files apart, also those of several file systems. */
export const identity = (stat: Stats | undefined): string | undefined => stat && `${stat.dev}:${stat.ino}`;

/** True where somebody who opens the store now would have to make them. */
export const isLogMissing = (path: string): boolean => SUFFIXES.some((suffix) => look(path + suffix) === undefined);

/** The files of one open connection, told apart by device and inode. */
export class OpenFiles {
  readonly #path: string;
  readonly #store: string | undefined;
  #log: readonly (string | undefined)[] | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** The store's file has been opened just now. */
  constructor(path: string) {
    this.#path = path;
    this.#store = identity(look(path));
  }

  /** What is not there any more, or another. To be asked inside a transaction, which has opened the log. */
  lost(): 'store' | 'log' | undefined {
    if (this.#store === undefined || identity(look(this.#path)) !== this.#store) return 'store';
    const log = SUFFIXES.map((suffix) => identity(look(this.#path + suffix)));
    if (this.#log === undefined) {
      if (!log.includes(undefined)) this.#log = log; // a store that is no WAL file yet has none
      return undefined;
    }
    return log.every((file, n) => file === this.#log?.[n]) ? undefined : 'log';
  }

  /** Throws what tells that something is. */
  refuseLost(): void {
    const lost = this.lost();
    if (lost === 'store') throw gone(this.#path);
    if (lost === 'log') throw logLost(this.#path);
    this.#lookedAt = systemClock.mono();
  }

  /** A moment ago: many reads come at once, when a commit has woken all who wait, and three looks at files are half of one. */
  get wereLookedAt(): boolean {
    return systemClock.mono() - this.#lookedAt < LOOK_HOLDS;
  }

  /**
   * Makes sure that this connection's log may be let go of: `save` brings what was committed into the store's file, which
   * is right only while nobody has begun a new one. False when others have gone on without what is in this one.
   */
  mayLetGo(save: () => void): boolean {
    const [wal, shm] = this.#log ?? [];
    const [nowWal, nowShm] = SUFFIXES.map((suffix) => identity(look(this.#path + suffix)));
    if (nowWal !== undefined && nowWal !== wal) return isOldLogEmpty(`${this.#path}-wal`);
    if (nowShm !== undefined && nowShm !== shm) return nowWal === wal; // a new index of this very log
    save();
    return true;
  }

  /**
   * Closes the connection, and waits until nothing of this process has the old index open: SQLite would go on with it in a
   * new connection. False when that did not come about.
   */
  letGo(close: () => void): Promise<boolean> {
    const old = this.#log?.[1];
    const index = `${this.#path}-shm`;
    const isOpen = () => identity(look(index)) !== old && openHere(index).some(({ file }) => file === old);
    return this.#closeBeside(close, isOpen);
  }

  /** Closes the connection for good. Others of this process may go on in the old files: nothing of theirs is waited for. */
  leave(close: () => void): Promise<boolean> {
    const old = this.#log?.[0];
    const wal = `${this.#path}-wal`;
    const inOldLog = () => openHere(wal).filter(({ file }) => file === old).length;
    const before = inOldLog();
    // where nothing stands by the names, nothing can be removed by them
    return this.#closeBeside(close, (held) => held.length > 0 && before > 0 && inOldLog() >= before);
  }

  /** Files that others have begun stay, though SQLite removes them by their names with the last connection. */
  async #closeBeside(close: () => void, isOpen: (held: readonly string[]) => boolean): Promise<boolean> {
    const held = SUFFIXES.map((suffix) => this.#path + suffix).filter((file) =>
      attempt(() => linkSync(file, keptAs(file))),
    );
    close();
    const isClosed = await untilClosed(() => isOpen(held));
    for (const file of held) {
      attempt(() => linkSync(keptAs(file), file)); // it is there still when others have the store open
      rmSync(keptAs(file), { force: true });
    }
    return isClosed;
  }
}

/** A driver's statements hold their connection until they are collected. */
async function untilClosed(isOpen: () => boolean): Promise<boolean> {
  const collect = garbageCollector();
  for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
    collect();
    await new Promise(setImmediate);
    if (!isOpen()) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  return false;
}

const keptAs = (file: string): string => `${file}.${process.pid}`;

/** Milliseconds that the connections of this process get to let an index go; and between two looks. */
const PATIENCE = 6_000;
const LOOK_EVERY = 20;

/** Another process has saved what this one had in its log, and cut it: on Linux the descriptor tells. */
function isOldLogEmpty(wal: string): boolean {
  const old = openHere(wal).filter(({ target }) => target === `${wal} (deleted)`);
  return old.length > 0 && old.every(({ size }) => size === 0);
}

/** What this process has open that has, or had, that name; nothing where the system does not tell. */
function openHere(name: string): { target: string; file: string | undefined; size: number }[] {
  try {
    return readdirSync('/proc/self/fd').flatMap((fd) => {
      const target = readlink(`/proc/self/fd/${fd}`);
      const stat = target === name || target === `${name} (deleted)` ? look(`/proc/self/fd/${fd}`) : undefined;
      return stat === undefined ? [] : [{ target, file: identity(stat), size: stat.size }];
    });
  } catch {
    return [];
  }
}

function readlink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Statements of `@photostructure/sqlite` cannot be ended otherwise. */
function garbageCollector(): () => void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--expose-gc');
  return process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void;
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

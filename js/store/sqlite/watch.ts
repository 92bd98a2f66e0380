/** Tells when any process committed: by watching a file, and by asking SQLite as the safety net. */
import { type FSWatcher, utimesSync, watch as watchFile } from 'node:fs';
import type { Commit, Topic } from '../../ports/backend.ts';
import { wakeFile } from './folder.ts';

/** Milliseconds between two looks while the file is watched, and where it cannot be. */
const SAFETY_NET = 250;
const NO_WATCH = 20;

export class Watch {
  readonly #file: string | undefined;
  readonly #version: () => number;
  readonly #every: number;
  readonly #listeners = new Map<object, { topics: readonly Topic[]; call: (commit?: Commit) => void }>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #seen: number | undefined;

  /**
   * Without a file it is told by `notify` alone: nobody else commits. `every`: milliseconds between two looks while the file is
   * watched.
   */
  constructor(file: string | undefined, version: () => number, every: number = SAFETY_NET) {
    this.#file = file;
    this.#version = version;
    this.#every = every;
  }

  /** Adds a listener; nobody watches or polls while there is none. Returns what removes it. */
  add(topics: readonly Topic[], call: (commit?: Commit) => void): () => void {
    const key = {};
    this.#listeners.set(key, { topics, call });
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(key) && this.#listeners.size === 0) this.#stop();
    };
  }

  /** Tells of a commit of this process; of those of others nothing is known, so that they concern everybody. */
  notify(commit?: Commit): void {
    for (const { topics, call } of [...this.#listeners.values()]) {
      if (commit === undefined || commit.topics.some((topic) => topics.includes(topic))) call(commit);
    }
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    if (this.#file === undefined) return;
    this.#seen = this.#ask();
    try {
      this.#watcher = watchFile(this.#file, { persistent: false }, () => this.#look()); // not for commits of its own
      this.#watcher.on('error', () => this.#poll(NO_WATCH));
      this.#poll(this.#every);
    } catch {
      this.#poll(NO_WATCH);
    }
  }

  #poll(every: number): void {
    clearInterval(this.#timer);
    this.#timer = every === Number.POSITIVE_INFINITY ? undefined : setInterval(() => this.#look(), every).unref();
  }

  /** A store that cannot be asked counts as changed: the listeners ask it themselves and are told what is wrong. */
  #look(): void {
    const version = this.#ask();
    if (version !== undefined && version === this.#seen) return;
    this.#seen = version;
    this.notify();
  }

  #ask(): number | undefined {
    try {
      return this.#version();
    } catch {
      return undefined;
    }
  }

  #stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    clearInterval(this.#timer);
  }
}

/** Wakes the other processes. */
export function touchWakeFile(folder: string): void {
  try {
    const now = new Date();
    utimesSync(wakeFile(folder), now, now);
  } catch {
    // Others find the commit by polling.
  }
}

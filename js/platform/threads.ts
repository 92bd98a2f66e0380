/** Threads that run one call at a time, and can be ended. */
import { once } from 'node:events';
import { basename, isAbsolute, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { MissingDependencyError } from '../errors/index.ts';
import { packageFile, requirePackage } from './package.ts';
import type { Call, Reply, Threads } from './types.ts';

const INSTALL_LINE = 'npm install piscina@5';

/** How long a thread with nothing to do is kept for the next call, in milliseconds. It keeps no process alive. */
const IDLE = 10_000;

/**
 * The threads of one runner.
 *
 * Each is a pool of one thread, so that nothing ever queues in a pool: the engine says what runs when, a timeout counts
 * from the start, and ending one call touches no other.
 */
class Pools implements Threads {
  readonly #Pool: typeof Piscina;
  readonly #idle: Piscina[] = [];
  /** Those whose thread was ended; what it had sent before may still arrive, and is of no use. */
  readonly #ended = new WeakSet<Piscina>();

  /** `MissingDependencyError` when piscina is not installed. */
  constructor() {
    this.#Pool = load();
  }

  async run(call: Call, signal: AbortSignal): Promise<Reply> {
    const pool = this.#idle.pop() ?? this.#open();
    let thread: Worker | undefined;
    // Listens before the pool does, which forgets the thread that it ends.
    const note = (): void => {
      thread = pool.threads[0];
      this.#ended.add(pool);
    };
    signal.addEventListener('abort', note, { once: true });
    try {
      const reply: Reply = await pool.run(call, { signal });
      this.#ended.delete(pool);
      return reply;
    } catch (error) {
      // A thread that had not begun with the call is kept; one that hangs in native code ends when that returns.
      if (thread !== undefined && pool.threads.includes(thread)) this.#ended.delete(pool);
      else if (thread !== undefined) await once(thread, 'exit');
      throw error;
    } finally {
      signal.removeEventListener('abort', note);
      if (!this.#ended.has(pool)) this.#idle.push(pool);
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((pool) => pool.destroy()));
  }

  #open(): Piscina {
    const pool = new this.#Pool({
      filename: fileURLToPath(packageFile('platform/thread-main.js')),
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE,
      // A thread that does nothing runs its own event loop: what a call left behind does not wait for the next one.
      atomics: 'disabled',
      recordTiming: false,
    });
    // What a finished call left behind has failed: no task to tell, and no reason to end the process.
    pool.on('error', (error: Error) => {
      if (this.#ended.has(pool)) return;
      process.emitWarning(`in a thread that had returned its result: ${error.message}`, { code: 'OFFSTAGE_THREAD' });
    });
    return pool;
  }
}

function load(): typeof Piscina {
  try {
    return (requirePackage('piscina') as { Piscina: typeof Piscina }).Piscina;
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw cause;
    throw new MissingDependencyError('submitThread', 'piscina', INSTALL_LINE, { cause });
  }
}

/** Does nothing: there are threads here. */
export const needThreads = (_what: string): void => {};

/** The threads of one runner. `MissingDependencyError` when piscina is not installed. */
export const openThreads = (): Threads => new Pools();

/** The module at a path, which is absolute or starts with `./` or `../`, or at the URL that the text is. */
export function moduleAt(path: string): URL | undefined {
  if (isAbsolute(path)) return pathToFileURL(path);
  if (/^\.\.?[\\/]/.test(path)) return pathToFileURL(resolve(path));
  return URL.canParse(path) ? new URL(path) : undefined;
}

/** What a task is called that runs the module. */
export const nameOfModule = (url: URL): string =>
  url.protocol === 'file:' ? basename(fileURLToPath(url)).slice(0, 200) : 'thread';

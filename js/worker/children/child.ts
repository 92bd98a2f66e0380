/** A child process as its worker sees it: leader of its own process group, with a channel. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../platform/package.ts';
import { startTime } from '../../platform/process.ts';
import { asScript } from '../../platform/program.ts';
import { Lines } from '../../program/command/lines.ts';
import { Reading } from '../../program/command/reading.ts';
import type { Group } from '../../store/types.ts';
import type { FromChild, RunMessage, ToChild } from '../protocol.ts';
import { packageVersion } from '../version.ts';
import { OtherVersionError, Printed, StartError } from './start.ts';

/** Milliseconds between the end of the channel and that of the process; then it is taken for one that goes on. */
const EXIT_PATIENCE = 500;

/** Characters read of a stream in 50 ms, several times what of a flood is kept; there may be many such streams. */
const MOST_READ = 1024 * 1024;

/** How a process, or its channel, ended. */
export interface Gone {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Set when it could not be started, or lost its channel while it lived. */
  problem?: string;
}

/** Who listens to a child while it runs something. */
export interface Listener {
  message(message: FromChild): void;
  lines(lines: string[]): void;
  /** The process has ended, or is out of reach; after everything that it said. */
  gone?(gone: Gone): void;
}

export class Child {
  readonly group: Group;
  /**
   * Resolves when it can be told to run something. Rejects with a `StartError` when it ends before, with what it printed,
   * and with an `OtherVersionError` when it is of another version of the package.
   */
  readonly ready: Promise<void>;
  /** Resolves when the process has ended or is out of reach; after everything that it said. */
  readonly gone: Promise<Gone>;
  /** Runs so far. */
  runs = 0;
  /** The variables of its last run. */
  #env: Readonly<Record<string, string>> | undefined;
  #listener: Listener | undefined;
  #ended: Gone | undefined;
  /** What it says before anybody listens. */
  readonly #printed = new Printed();
  readonly #process: ChildProcess;
  readonly #lines: Lines[] = [];
  readonly #readings: Reading[] = [];

  private constructor(process: ChildProcess, pid: number) {
    this.#process = process;
    this.group = { pgid: pid, start_time: startTime(pid) ?? '' };
    this.gone = this.#watchEnd();
    this.ready = this.#watchStart();
    this.ready.catch(() => {}); // a spare that dies is found out when it is taken
    this.#readOutput();
    this.#letGo();
  }

  /** Starts a process of that Node; rejects with a `StartError` when the system refuses. `folder` is its working folder. */
  static async start(env: Record<string, string>, folder: string, node = globalThis.process.execPath): Promise<Child> {
    try {
      const process = spawnMain(env, folder, node);
      if (process.pid !== undefined) return new Child(process, process.pid);
      const [error] = await once(process, 'error');
      throw error;
    } catch (error) {
      throw new StartError(`the system refuses to start one in ${folder}: ${(error as Error).message}`);
    }
  }

  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** The error of a process that is of no use, with what it printed. */
  unready(how: string): StartError {
    for (const lines of this.#lines) lines.flush();
    return new StartError(this.#printed.under(how), this.#printed.text());
  }

  listen(listener: Listener): void {
    this.#listener = listener;
    if (this.#ended !== undefined) listener.gone?.(this.#ended);
  }

  /** Resolves when all that it had written when this was called has been told; then nobody listens. */
  async unlisten(): Promise<void> {
    for (const reading of this.#readings) reading.hurry();
    await settled();
    for (const lines of this.#lines) lines.flush();
    this.#listener = undefined;
    for (const reading of this.#readings) reading.calm();
  }

  /** Tells it to run something with these variables; those that are the very ones of its last run are not said again. */
  run(message: Omit<RunMessage, 'env'>, env: Readonly<Record<string, string>>): void {
    const isSame = env === this.#env;
    this.#env = env;
    this.send(isSame ? message : { ...message, env });
  }

  /** A message to a process that has ended is lost; `gone` tells. */
  send(message: ToChild): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  #tell(lines: string[]): void {
    if (this.#listener !== undefined) this.#listener.lines(lines);
    else for (const line of lines) this.#printed.add(line);
  }

  #readOutput(): void {
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream === null) continue;
      const lines = new Lines((some) => this.#tell(some));
      this.#lines.push(lines);
      this.#readings.push(new Reading(stream, MOST_READ, (text) => lines.add(text)));
    }
  }

  /** A child keeps no process alive: what runs in it does, and its worker knows that. */
  #letGo(): void {
    this.#process.unref();
    this.#process.channel?.unref?.(); // Bun's has none, and lets go by itself
    for (const stream of [this.#process.stdout, this.#process.stderr]) (stream as Socket | null)?.unref();
  }

  #watchStart(): Promise<void> {
    return new Promise((resolve, reject) => {
      let first = true;
      this.#process.on('message', (message: FromChild) => {
        if (!first) return this.#listener?.message(message);
        first = false;
        const version = message.kind === 'ready' ? message.version : undefined;
        if (version === packageVersion()) resolve();
        else reject(otherVersion(version));
      });
      void this.gone.then((gone) => {
        reject(this.unready(`it ended before it was ready (${describe(gone)})`));
      });
    });
  }

  /** The channel ends after its last message was delivered; the process' own end is known a little later. */
  async #watchEnd(): Promise<Gone> {
    const exited = new Promise<Gone>((resolve) => {
      this.#process.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const closed = new Promise<void>((resolve) => this.#process.once('disconnect', resolve));
    this.#process.on('error', () => {}); // a failed send; `gone` tells
    await Promise.race([closed, exited.then(() => soon(EXIT_PATIENCE, closed))]);
    const lost: Gone = { code: null, signal: null, problem: 'closed its channel' };
    const gone = await Promise.race([exited, soon(EXIT_PATIENCE, exited).then(() => lost)]);
    for (const reading of this.#readings) reading.hurry();
    await settled();
    this.#ended = gone;
    this.#listener?.gone?.(gone);
    return gone;
  }
}

function spawnMain(env: Record<string, string>, folder: string, node: string): ChildProcess {
  const main = fileURLToPath(packageFile('worker/inside/main.js'));
  return spawn(node, [main], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: { ...env, ...asScript() },
  });
}

const otherVersion = (version: string | undefined): OtherVersionError =>
  new OtherVersionError(
    `the package was replaced: its files are of version ${version ?? 'unknown'} now, this worker is of ${packageVersion()}`,
  );

/** Resolves after `ms`, or as soon as the promise does. */
function soon(ms: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Resolves after the event loop has read whatever lay in the pipes when it was called: what a child wrote before a
 * message is then known, although pipe and channel are read in any order.
 */
export function settled(): Promise<void> {
  settling ??= new Promise((resolve) => {
    setImmediate(() => {
      settling = undefined;
      setImmediate(resolve);
    });
  });
  return settling;
}

/** Of those who have asked since pipes were read last: one wait for all runs that end at a time. */
let settling: Promise<void> | undefined;

/** The end of a process in words: `exit code 3`, `signal SIGKILL`. */
export function describe({ code, signal, problem }: Gone): string {
  if (problem !== undefined) return problem;
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

/** The real world for the CLI. Sets `process.exitCode`, and ends the process when nothing keeps it any more: output is flushed then. */
import { writeSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { openVerbs } from '../client/open.ts';
import { InvalidArgumentError } from '../errors/argument.ts';
import { run } from './dispatch.ts';
import type { EndSignal, IO, Out } from './io.ts';
import { own } from './parse.ts';

/** Runs the process' own command line. */
export async function main(program: IO['program']): Promise<void> {
  const argv = process.argv.slice(2);
  tellWarnings(own(argv).includes('--quiet'));
  if (!own(argv).some((word) => COMPILES_AS_USUAL.includes(word))) compileWasmOnce();
  try {
    process.exitCode = await run(processIO(program), program === 'background' ? ['background', ...argv] : argv);
  } catch (error) {
    // Not even the error could be printed on stdout: its disk is full, say.
    writeSync(2, `error: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
  process.nextTick(endIfIdle); // warnings come in ticks of their own
}

/** What goes on for long; and what calls the core so seldom that no function gets hot, and is spared the loading of `node:v8`. */
const COMPILES_AS_USUAL: readonly string[] = ['worker', 'status'];

/**
 * Node would end as well, but has V8 tidy up before: 2 to 5 ms of a short command. Where SQLite is no part of Node that is what closes
 * a store's file and takes its log away.
 */
function endIfIdle(): void {
  if (isBuiltin('node:sqlite') && process.getActiveResourcesInfo().length === 0) process.exit();
}

/**
 * Node 20 compiles hot functions of the core a second time, optimised, on other threads, and no process ends before they have: 10 to
 * 35 ms of a short command for nothing. Newer ones wait longer. Must come before the core is first called.
 */
function compileWasmOnce(): void {
  if (Number.parseInt(process.versions.v8, 10) < 12) {
    const { setFlagsFromString } = process.getBuiltinModule('node:v8');
    setFlagsFromString('--liftoff-only');
    setFlagsFromString('--wasm-lazy-compilation'); // each function when it is first called
  }
}

/** A shell may stand in a folder that was removed; then nothing relative to it can be found. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new InvalidArgumentError('the working directory does not exist any more; change to another one');
  }
}

function processIO(program: IO['program']): IO {
  return {
    program,
    script: process.argv[1],
    stdout: out('stdout', 1),
    stderr: out('stderr', 2),
    env: process.env,
    get cwd() {
      return workingFolder();
    },
    stdin: {
      get isTTY() {
        return process.getBuiltinModule('node:tty').isatty(0);
      },
    },
    readStdin,
    readLine: async (prompt, signal) => (await import('./read-line.ts')).readLine(prompt, signal),
    onSignal,
    openVerbs,
    examine: async (options) => (await import('../client/doctor.ts')).examine(options),
    settingsOf: async (options) => (await import('../client/settings.ts')).settingsOf(options),
    servicesOf: async (options) => (await import('../client/service/service.ts')).servicesOf(options),
    openRecipes: async (options) => (await import('../client/recipes.ts')).openRecipes(options),
  };
}

/**
 * Writes straight to the descriptor: loading Node's streams costs a tenth of a short command's whole time, and what was
 * written is out when the process ends. The stream is made only for a terminal's facts and for a full pipe that does not
 * block.
 */
function out(name: 'stdout' | 'stderr', descriptor: 1 | 2): Out {
  let stream: NodeJS.WriteStream | undefined;
  let closed = false;
  const onError = (error: NodeJS.ErrnoException): void => {
    endOfReader(error);
    closed = true;
  };
  const streamed = (): NodeJS.WriteStream => {
    stream ??= process[name].on('error', onError);
    return stream;
  };
  return {
    write(text) {
      const rest = stream === undefined ? written(descriptor, Buffer.from(text)) : Buffer.from(text);
      if (rest === undefined) closed = true;
      else if (rest.length > 0) streamed().write(rest);
    },
    get isTTY() {
      return streamed().isTTY === true;
    },
    get columns() {
      return streamed().columns;
    },
    get rows() {
      return streamed().rows;
    },
    onResize(listener) {
      streamed().on('resize', listener);
      return () => void streamed().off('resize', listener);
    },
    get closed() {
      return closed;
    },
  };
}

/** Writes what the descriptor takes; gives back what it does not take now, and nothing when its reader has gone. */
function written(descriptor: number, bytes: Buffer): Buffer | undefined {
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return rest;
    if (code !== 'EPIPE' && code !== 'EBADF') throw error;
    return undefined;
  }
  return rest;
}

/** A reader that closes early (`| head`) is no error; a disk that is full is one, and nothing can be printed any more. */
function endOfReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  writeSync(2, `error: ${error.message}\n`);
  process.exit(1);
}

/** Warnings as one line each, without Node's process id and advice; none with `--quiet`. */
function tellWarnings(quiet: boolean): void {
  if (process.listenerCount('warning') === 0) return; // NODE_NO_WARNINGS
  process.removeAllListeners('warning');
  process.on('warning', ({ message }) => {
    if (!quiet) process.stderr.write(`warning: ${message}\n`);
  });
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function onSignal(listener: (signal: EndSignal) => void, times = 1): () => void {
  let left = times;
  const off = (): void => {
    process.removeListener('SIGINT', onEach);
    process.removeListener('SIGTERM', onEach);
  };
  const onEach = (signal: NodeJS.Signals): void => {
    left -= 1;
    if (left === 0) off(); // the next one meets Node's default, which ends the process
    listener(signal as EndSignal);
  };
  process.on('SIGINT', onEach);
  process.on('SIGTERM', onEach);
  return off;
}

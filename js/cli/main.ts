/** The real world for the CLI. Sets `process.exitCode` and lets the process end by itself, so that output is flushed. */
import type { EndSignal, IO, Out } from './io.ts';
import { run } from './run.ts';

/** Runs the process' own command line. */
export async function main(program: IO['program']): Promise<void> {
  const argv = process.argv.slice(2);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endOfReader);
  tellWarnings(argv.includes('--quiet'));
  process.exitCode = await run(processIO(program), program === 'background' ? ['background', ...argv] : argv);
}

function processIO(program: IO['program']): IO {
  return {
    program,
    stdout: out(process.stdout),
    stderr: out(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
    readStdin,
    onSignal,
    openVerbs: async (options) => (await import('../client/open.ts')).openVerbs(options),
    openRecipes: async (options) => (await import('../client/recipes.ts')).openRecipes(options),
  };
}

function out(stream: NodeJS.WriteStream): Out {
  return { write: (text) => void stream.write(text), isTTY: stream.isTTY === true, columns: stream.columns };
}

/** A reader that closes early (`| head`) is no error. */
function endOfReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Warnings as one line each, without Node's process id and advice; none with `--quiet`. */
function tellWarnings(quiet: boolean): void {
  if (process.listenerCount('warning') === 0) return; // NODE_NO_WARNINGS
  process.removeAllListeners('warning');
  process.on('warning', ({ message }) => {
    if (!quiet) process.stderr.write(`warning: ${message}\n`);
  });
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function onSignal(listener: (signal: EndSignal) => void): () => void {
  const off = (): void => {
    process.removeListener('SIGINT', onFirst);
    process.removeListener('SIGTERM', onFirst);
  };
  const onFirst = (signal: NodeJS.Signals): void => {
    off(); // the second one meets Node's default, which ends the process
    listener(signal as EndSignal);
  };
  process.on('SIGINT', onFirst);
  process.on('SIGTERM', onFirst);
  return off;
}

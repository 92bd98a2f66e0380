/**
 * Runs a command recipe: a program in this child's process group, so that whatever ends the group ends the program and
 * all that it started (but not what moved into a group of its own).
 *
 * 1. The run ends when the program does, or has said more than it may. What goes on then is not waited for: the worker
 *    ends it with the group.
 * 2. Told to end, SIGTERM goes to the whole group once; what does not end by it is killed by the worker.
 */
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { ProgramTools } from '../../ports/program.ts';
import type { RecipeContext } from '../../ports/recipe.ts';
import { cut, pieces } from '../../wire/cut.ts';
import { type InputFiles, removeInputFiles, withInputFiles } from './input-files.ts';
import { Lines } from './lines.ts';
import { Output, type TellProgress } from './output.ts';
import { Reading } from './reading.ts';
import type { CommandProgram } from './reading-command.ts';
import { type Ended, startProgram } from './start-program.ts';
import { Tail } from './tail.ts';

/** Milliseconds that output which is on its way gets, once the program has ended; others may hold its streams for ever. */
const DRAIN = 200;

/** Characters of stderr read in 50 ms. This process has nothing else to do, and a program should not be held up by its log. */
const MOST_READ = 4 * 1024 * 1024;

/** Bytes of a command that its error names: behind it comes what went wrong. */
const MOST_NAME = 2048;

/** Thrown for a program that ended otherwise than with exit code 0; `code` is its exit code or the signal's name. */
class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: number | string | undefined;

  constructor(message: string, code: number | string | undefined, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.stack = ''; // ours says nothing about the program
  }
}

/**
 * Starts the program with the input, tells what it says, and answers with its result: the last line of stdout if that is
 * JSON, else all of stdout.
 *
 * # Errors
 * The signal's reason when the program ended after the abort, however; `CommandError` when it could not be started, ended
 * with another exit code than 0 or by a signal, with the last lines of stderr; `ResultError` for more stdout than a
 * result may have.
 */
export function runProgram(command: CommandProgram, context: RecipeContext, tools: ProgramTools): Promise<unknown> {
  tools.begun();
  const input = inputText(command, context);
  return withInputFiles(context, input, (files) =>
    deaf(() => run(command, context, files, (lines) => tools.log(lines))),
  );
}

/** Removes what was made for the run. */
export const forget = removeInputFiles;

/** A recipe is given JSON; a command whose author knows nothing of us a text as it is, and no input as none. */
function inputText({ adHoc }: CommandProgram, { input = null }: RecipeContext): string {
  if (!adHoc) return JSON.stringify(input);
  if (input === null) return '';
  return typeof input === 'string' ? input : JSON.stringify(input);
}

/** Takes lines of stderr, many at a time. */
type Log = (lines: string[]) => void;

async function run(command: CommandProgram, context: RecipeContext, files: InputFiles, log: Log) {
  const { file, args, folder } = command;
  const { signal } = context;
  signal.throwIfAborted();
  const output = outputOf(command, context);
  const tail = new Tail();
  const lines = new Lines((some) => {
    tail.add(some);
    log(some);
  });
  const env = { ...process.env, ...variables(context, files) };
  const program = startProgram(file, args, { cwd: folder, env, input: files.input });
  if (!('child' in program)) return refuseFailure([file, ...args], program, '');
  const abort = (): void => {
    files.remove();
    terminateGroup();
  };
  signal.addEventListener('abort', abort, { once: true });
  const { stdout, stderr } = program.child;
  const full = new Promise<undefined>((resolve) => {
    stdout.on('data', (bytes: Buffer) => {
      if (output.read(bytes)) return;
      stdout.destroy();
      resolve(undefined);
    });
  });
  const reading = new Reading(stderr, MOST_READ, (text) => lines.add(text));
  program.child.once('exit', () => {
    reading.hurry();
    letGo([stdout, stderr]);
  });
  const ended = await Promise.race([program.ended, full]);
  signal.removeEventListener('abort', abort);
  lines.flush();
  signal.throwIfAborted();
  if (ended === undefined) throw output.tooLong();
  refuseFailure([file, ...args], ended, tail.text() || output.tail());
  return output.result();
}

/** What a command says is told as it comes: whoever started it would have seen it. A recipe's stdout is its result. */
function outputOf({ adHoc }: CommandProgram, context: RecipeContext): Output {
  const progress: TellProgress = (fraction, message, data) => {
    try {
      context.progress(fraction, message, data);
    } catch (error) {
      context.log(`::data is not taken: ${(error as Error).message}`); // too much of it; a fraction is a number
    }
  };
  if (!adHoc) return new Output(progress);
  return new Output(progress, (text) => {
    for (const piece of pieces(text)) context.output(piece);
  });
}

/**
 * Closes streams that others still hold. Two rounds of the event loop come before, in which everything that the program
 * had written is read, also when this process was held up for so long that the time is over at once.
 */
function letGo(streams: readonly Readable[]): void {
  const close = (): void => {
    for (const stream of streams) stream.destroy();
  };
  setTimeout(() => setImmediate(() => setImmediate(close)), DRAIN).unref();
}

/** What a program can read beside its input; all of it belongs to the one task. */
function variables(context: RecipeContext, { inputFile, configFile }: InputFiles): Record<string, string> {
  return {
    OFFSTAGE_INPUT_FILE: inputFile,
    OFFSTAGE_CONFIG_FILE: configFile,
    OFFSTAGE_TASK_ID: context.taskId,
    OFFSTAGE_TASK_NAME: context.name,
    OFFSTAGE_ATTEMPT: String(context.attempt),
  };
}

/** What a program sends to its whole group, as by `kill 0`, reaches this process too. */
const DEAF_TO = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const;

/** Has this process live on, whatever its group is sent, to tell how the program ended. */
async function deaf<T>(work: () => Promise<T>): Promise<T> {
  const ignore = (): void => {};
  for (const signal of DEAF_TO) process.on(signal, ignore);
  try {
    return await work();
  } finally {
    for (const signal of DEAF_TO) process.off(signal, ignore);
  }
}

const terminateGroup = (): void => void process.kill(-process.pid, 'SIGTERM');

function refuseFailure(argv: readonly string[], ended: Ended, said: string): void {
  if ('exitCode' in ended && ended.exitCode === 0) return;
  const name = nameOf(argv);
  if ('problem' in ended) throw new CommandError(`${name}: could not be started: ${ended.problem}`, ended.code);
  if ('signal' in ended) throw new CommandError(`${name}: ended by ${shown(ended.signal)}${after(said)}`, ended.signal);
  throw new CommandError(`${name}: exit code ${ended.exitCode}${after(said)}`, ended.exitCode);
}

/** The program and the words after it that name what it works on; how it ended must not be lost behind a long line. */
function nameOf([file = '', ...args]: readonly string[]): string {
  const others = args.findIndex((word) => !/^[\w@%+=:,./][\w@%+=:,./-]*$/.test(word));
  const words = others === -1 ? args : [...args.slice(0, others), '…'];
  return cut([file, ...words].join(' '), MOST_NAME);
}

const after = (said: string): string => (said === '' ? '' : `: ${said}`);

const shown = (signal: NodeJS.Signals): string => `${signal} (signal ${constants.signals[signal]})`;

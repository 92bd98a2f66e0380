/** Starts a program and tells how it ended. No shell, and nothing is kept of what it says: who starts it reads its streams. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** How a program ended: by itself, by a signal; or why it could not be started. */
export type Ended = { exitCode: number } | { signal: NodeJS.Signals } | { problem: string; code: string | undefined };

export interface Program {
  child: ChildProcessWithoutNullStreams;
  /** Resolves once it has ended and its streams are closed; never rejects. */
  ended: Promise<Ended>;
}

export interface ProgramOptions {
  cwd: string;
  /** All of its environment. */
  env: NodeJS.ProcessEnv;
  /** What it reads on stdin. */
  input: string;
}

/** Answers with its end alone when the system refuses it before there is a process. */
export function startProgram(file: string, args: readonly string[], options: ProgramOptions): Program | Ended {
  const { cwd, env, input } = options;
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(file, args, { cwd, env });
  } catch (error) {
    return refusal(error as NodeJS.ErrnoException, cwd);
  }
  // A program need not read what it is given; what it says ends with it.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {});
  child.stdin.end(input);
  return { child, ended: endOf(child, cwd) };
}

function endOf(child: ChildProcessWithoutNullStreams, cwd: string): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(refusal(error, cwd)));
    child.once('close', (code, signal) => resolve(signal === null ? { exitCode: code ?? 0 } : { signal }));
  });
}

/** Where the folder is missing the system says that the program is. */
function refusal({ message, code }: NodeJS.ErrnoException, cwd: string): Ended {
  const isFolder = code === 'ENOENT' && !existsSync(cwd);
  return { problem: isFolder ? `its folder is not there: ${cwd} (ENOENT)` : message, code };
}

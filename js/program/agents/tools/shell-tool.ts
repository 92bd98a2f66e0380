/**
 * A line for a shell. It runs in this process' group, so that whatever ends the group ends it; of the environment it gets what
 * is no secret.
 */
import { spawn } from 'node:child_process';
import { type Tool, type ToolPlace, textsSchema } from './tool.ts';

const HANDED_ON = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ'];

/** Bytes that are kept of what it says: half of the beginning, half of the end. */
const MOST_KEPT = 64 * 1024;

export const shell = ({ folder }: ToolPlace): Omit<Tool, 'name'> => ({
  description: 'Runs a command line with /bin/sh in the working folder and answers with what it prints.',
  parameters: textsSchema({ command: 'The command line' }, ['command']),
  run: ({ command }, signal) => runLine(String(command), folder, signal),
});

function runLine(line: string, folder: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn('/bin/sh', ['-c', line], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = new Said();
    const abort = (): void => {
      child.kill('SIGKILL');
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => said.add(bytes));
    child.once('error', (error) => reject(new Error(`it could not be started: ${error.message}`)));
    // what it left behind may hold its streams for ever
    child.once('exit', (code, by) => {
      signal.removeEventListener('abort', abort);
      setImmediate(() => {
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
        resolve(said.under(by === null ? `exit code ${code}` : `ended by ${by}`));
      });
    });
  });
}

const environment = (): Record<string, string> =>
  Object.fromEntries(HANDED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));

/** What was said, so much of it. */
class Said {
  #begin = Buffer.alloc(0);
  #end = Buffer.alloc(0);
  #left = 0;

  add(bytes: Buffer): void {
    const room = MOST_KEPT / 2 - this.#begin.length;
    this.#begin = Buffer.concat([this.#begin, bytes.subarray(0, Math.max(0, room))]);
    const rest = Buffer.concat([this.#end, bytes.subarray(Math.max(0, room))]);
    this.#left += Math.max(0, rest.length - MOST_KEPT / 2);
    this.#end = rest.subarray(Math.max(0, rest.length - MOST_KEPT / 2));
  }

  under(how: string): string {
    const gap = this.#left === 0 ? '' : `\n… (${this.#left} bytes left out) …\n`;
    return `${how}\n${this.#begin.toString('utf8')}${gap}${this.#end.toString('utf8')}`;
  }
}
